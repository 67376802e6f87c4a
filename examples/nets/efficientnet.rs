//! EfficientNet-B0: mobile bottlenecks with squeeze and excitation and SiLU, the root of a scaled family (Tan and Le, 2019).

use lightconv::lightnet;

lightnet! {
    /// EfficientNet-B0 as torchvision 0.29.2 has it: `torchvision.models.efficientnet_b0()`.
    pub net EfficientNetB0(x: [3, 224, 224]) -> [1000] {
        x -> features: [
                ConvNormActivation(32, 3, stride = 2),
                for (expand_ratio, kernel_size, stride, channels, repeats) in [
                    (1, 3, 1,  16, 1),
                    (6, 3, 2,  24, 2),
                    (6, 5, 2,  40, 2),
                    (6, 3, 2,  80, 3),
                    (6, 5, 1, 112, 3),
                    (6, 5, 2, 192, 4),
                    (6, 3, 1, 320, 1),
                ] {
                    [for i in 0..repeats { MBConv(channels, kernel_size, if i == 0 { stride } else { 1 }, expand_ratio) }]
                },
                ConvNormActivation(1280, 1),
             ]
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> classifier: [Dropout(0.2), Linear(1000)]
    }

    /// torchvision's `MBConv`.
    block MBConv(x; channels, kernel_size, stride, expand_ratio) {
        let expanded = x.channels * expand_ratio;
        let y = x -> block: [
            if expand_ratio != 1 { ConvNormActivation(expanded, 1) },
            ConvNormActivation(expanded, kernel_size, stride = stride, groups = expanded),
            SqueezeExcitation(x.channels / 4),
            ConvNormActivation(channels, 1, act = Identity),
        ];
        if stride == 1 && channels == x.channels { x + y } else { y }
    }

    /// torchvision's `SqueezeExcitation` with SiLU.
    block SqueezeExcitation(x; squeeze_channels) {
        let scale = x -> avgpool: AdaptiveAvgPool2d(1)
            -> fc1: Conv2d(squeeze_channels, 1) -> SiLU
            -> fc2: Conv2d(x.channels, 1) -> Sigmoid;
        scale * x
    }

    /// torchvision's `Conv2dNormActivation`.
    block ConvNormActivation(x; channels, kernel_size, stride = 1, groups = 1, act = SiLU) {
        x -> [
            Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = groups, bias = false),
            BatchNorm2d,
            act,
        ]
    }
}
