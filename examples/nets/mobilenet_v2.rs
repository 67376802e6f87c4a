//! MobileNetV2: inverted residuals with linear bottlenecks (Sandler et al., 2018).

use lightconv::lightnet;

lightnet! {
    /// MobileNetV2 as torchvision 0.29.2 has it: `torchvision.models.mobilenet_v2()`.
    pub net MobileNetV2(x: [3, 224, 224]) -> [1000] {
        x -> features: [
                ConvNormActivation(32, stride = 2),
                for (expand_ratio, channels, repeats, stride) in [
                    (1,  16, 1, 1),
                    (6,  24, 2, 2),
                    (6,  32, 3, 2),
                    (6,  64, 4, 2),
                    (6,  96, 3, 1),
                    (6, 160, 3, 2),
                    (6, 320, 1, 1),
                ] {
                    for i in 0..repeats { InvertedResidual(channels, if i == 0 { stride } else { 1 }, expand_ratio) }
                },
                ConvNormActivation(1280, kernel_size = 1),
             ]
          -> AdaptiveAvgPool2d(1, functional = true) -> Flatten
          -> classifier: [Dropout(0.2), Linear(1000)]
    }

    /// torchvision's `InvertedResidual`.
    block InvertedResidual(x; channels, stride, expand_ratio) {
        let hidden = x.channels * expand_ratio;
        let y = x -> conv: [
            if expand_ratio != 1 { ConvNormActivation(hidden, kernel_size = 1) },
            ConvNormActivation(hidden, stride = stride, groups = hidden),
            Conv2d(channels, 1, bias = false),
            BatchNorm2d,
        ];
        if stride == 1 && channels == x.channels { x + y } else { y }
    }

    /// torchvision's `Conv2dNormActivation`.
    block ConvNormActivation(x; channels, kernel_size = 3, stride = 1, groups = 1) {
        x -> [
            Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = groups, bias = false),
            BatchNorm2d,
            ReLU6,
        ]
    }
}
