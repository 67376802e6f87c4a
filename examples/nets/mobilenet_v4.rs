//! MobileNetV4: universal inverted bottlenecks, with depthwise convolutions before or after the expansion, or both (Qin et al., 2024).

use lightconv::lightnet;

lightnet! {
    /// MobileNetV4-Conv-Small as timm 1.0.31 has it: `timm.create_model("mobilenetv4_conv_small")`.
    #[ptflops(skip = [BatchNorm2d, Linear])] // timm's are subclasses, which ptflops passes over
    pub net MobileNetV4ConvSmall(x: [3, 224, 224]) -> [1000] {
        x -> conv_stem: Conv2d(32, 3, stride = 2, padding = 1, bias = false) -> bn1: BatchNorm2d -> ReLU
          -> blocks: [
                [ConvBnAct(32, 3, stride = 2), ConvBnAct(32, 1)],
                [ConvBnAct(96, 3, stride = 2), ConvBnAct(64, 1)],
                [
                    UniversalInvertedResidual(96, 5, 5, expand_ratio = 3, stride = 2),
                    for _ in 0..4 { UniversalInvertedResidual(96, 0, 3, expand_ratio = 2) },
                    UniversalInvertedResidual(96, 3, 0, expand_ratio = 4),
                ],
                [
                    UniversalInvertedResidual(128, 3, 3, expand_ratio = 6, stride = 2),
                    UniversalInvertedResidual(128, 5, 5, expand_ratio = 4),
                    UniversalInvertedResidual(128, 0, 5, expand_ratio = 4),
                    UniversalInvertedResidual(128, 0, 5, expand_ratio = 3),
                    for _ in 0..2 { UniversalInvertedResidual(128, 0, 3, expand_ratio = 4) },
                ],
                [ConvBnAct(960, 1)],
             ]
          -> AdaptiveAvgPool2d(1)
          -> conv_head: Conv2d(1280, 1, bias = false) -> norm_head: BatchNorm2d -> ReLU -> Flatten
          -> classifier: Linear(1000)
    }

    /// timm's `UniversalInvertedResidual`: depthwise convolutions of `start` and `mid` taps, none where that is 0.
    block UniversalInvertedResidual(x; channels, start, mid, expand_ratio, stride = 1) {
        let wide = make_divisible(x.channels * expand_ratio, 8);
        let y = x
            -> if start != 0 { dw_start: ConvNormAct(x.channels, start, if mid == 0 { stride } else { 1 }, x.channels) } else { Identity }
            -> pw_exp: ConvNormAct(wide, 1) -> ReLU
            -> if mid != 0 { [dw_mid: ConvNormAct(wide, mid, stride, groups = wide), ReLU] } else { Identity }
            -> pw_proj: ConvNormAct(channels, 1);
        if stride == 1 && channels == x.channels { y + x } else { y }
    }

    /// timm's `ConvNormAct` without activation.
    block ConvNormAct(x; channels, kernel_size, stride = 1, groups = 1) {
        x -> conv: Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = groups, bias = false)
          -> bn: BatchNorm2d
    }

    /// timm's `ConvBnAct`.
    block ConvBnAct(x; channels, kernel_size, stride = 1) {
        x -> conv: Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, bias = false) -> bn1: BatchNorm2d -> ReLU
    }
}
