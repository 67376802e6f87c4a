//! MobileNetV1: depthwise-separable convolutions one after the other (Howard et al., 2017).

use lightconv::lightnet;

lightnet! {
    /// MobileNetV1 as timm 1.0.31 has it: `timm.create_model("mobilenetv1_100")`.
    #[ptflops(skip = [BatchNorm2d])] // timm's is a subclass, which ptflops passes over
    pub net MobileNetV1(x: [3, 224, 224]) -> [1000] {
        x -> conv_stem: Conv2d(32, 3, stride = 2, padding = 1, bias = false) -> bn1: BatchNorm2d -> ReLU6
          -> blocks: [
                for (channels, stride, repeats) in [
                    (  64, 1, 1),
                    ( 128, 2, 2),
                    ( 256, 2, 2),
                    ( 512, 2, 6),
                    (1024, 2, 2),
                ] {
                    [for i in 0..repeats { DepthwiseSeparable(channels, if i == 0 { stride } else { 1 }) }]
                },
             ]
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> classifier: Linear(1000)
    }

    /// timm's `DepthwiseSeparableConv`, as MobileNetV1 has it: activated at its end, without a residual.
    block DepthwiseSeparable(x; channels, stride) {
        x -> conv_dw: Conv2d(x.channels, 3, stride = stride, padding = 1, groups = x.channels, bias = false)
          -> bn1: BatchNorm2d -> ReLU6
          -> conv_pw: Conv2d(channels, 1, bias = false) -> bn2: BatchNorm2d -> ReLU6
    }
}
