//! EfficientNet-Lite0: EfficientNet-B0 without squeeze and excitation, with ReLU6 (Tan et al., 2020).

use lightconv::lightnet;

lightnet! {
    /// EfficientNet-Lite0 as timm 1.0.31 has it: `timm.create_model("efficientnet_lite0")`.
    #[ptflops(skip = [BatchNorm2d])] // timm's is a subclass, which ptflops passes over
    pub net EfficientNetLite0(x: [3, 224, 224]) -> [1000] {
        x -> conv_stem: Conv2d(32, 3, stride = 2, padding = 1, bias = false) -> bn1: BatchNorm2d -> ReLU6
          -> blocks: [
                [DepthwiseSeparable(16, 3)],
                for (kernel_size, stride, channels, repeats) in [
                    (3, 2,  24, 2),
                    (5, 2,  40, 2),
                    (3, 2,  80, 3),
                    (5, 1, 112, 3),
                    (5, 2, 192, 4),
                    (3, 1, 320, 1),
                ] {
                    [for i in 0..repeats { MBConv(channels, kernel_size, if i == 0 { stride } else { 1 }) }]
                },
             ]
          -> conv_head: Conv2d(1280, 1, bias = false) -> bn2: BatchNorm2d -> ReLU6
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> classifier: Linear(1000)
    }

    /// timm's `DepthwiseSeparableConv` without squeeze and excitation, here never with a residual.
    block DepthwiseSeparable(x; channels, kernel_size) {
        x -> conv_dw: Conv2d(x.channels, kernel_size, padding = kernel_size / 2, groups = x.channels, bias = false)
          -> bn1: BatchNorm2d -> ReLU6
          -> conv_pw: Conv2d(channels, 1, bias = false) -> bn2: BatchNorm2d
    }

    /// timm's `InvertedResidual` with an expansion of 6 and without squeeze and excitation.
    block MBConv(x; channels, kernel_size, stride) {
        let wide = x.channels * 6;
        let y = x
            -> conv_pw: Conv2d(wide, 1, bias = false) -> bn1: BatchNorm2d -> ReLU6
            -> conv_dw: Conv2d(wide, kernel_size, stride = stride, padding = kernel_size / 2, groups = wide, bias = false)
            -> bn2: BatchNorm2d -> ReLU6
            -> conv_pwl: Conv2d(channels, 1, bias = false) -> bn3: BatchNorm2d;
        if stride == 1 && channels == x.channels { x + y } else { y }
    }
}
