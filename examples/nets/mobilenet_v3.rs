//! MobileNetV3, large and small: found by search, with hard-swish and squeeze and excitation (Howard et al., 2019).

use lightconv::lightnet;

lightnet! {
    /// MobileNetV3-Large as torchvision 0.29.2 has it: `torchvision.models.mobilenet_v3_large()`.
    pub net MobileNetV3Large(x: [3, 224, 224]) -> [1000] {
        x -> MobileNetV3([
            // kernel, expanded, out, squeeze and excitation, activation, stride
            (3,  16,  16, false, ReLU,      1),
            (3,  64,  24, false, ReLU,      2),
            (3,  72,  24, false, ReLU,      1),
            (5,  72,  40, true,  ReLU,      2),
            (5, 120,  40, true,  ReLU,      1),
            (5, 120,  40, true,  ReLU,      1),
            (3, 240,  80, false, Hardswish, 2),
            (3, 200,  80, false, Hardswish, 1),
            (3, 184,  80, false, Hardswish, 1),
            (3, 184,  80, false, Hardswish, 1),
            (3, 480, 112, true,  Hardswish, 1),
            (3, 672, 112, true,  Hardswish, 1),
            (5, 672, 160, true,  Hardswish, 2),
            (5, 960, 160, true,  Hardswish, 1),
            (5, 960, 160, true,  Hardswish, 1),
        ], last_conv = 960, last_linear = 1280)
    }

    /// MobileNetV3-Small as torchvision 0.29.2 has it: `torchvision.models.mobilenet_v3_small()`.
    pub net MobileNetV3Small(x: [3, 224, 224]) -> [1000] {
        x -> MobileNetV3([
            (3,  16,  16, true,  ReLU,      2),
            (3,  72,  24, false, ReLU,      2),
            (3,  88,  24, false, ReLU,      1),
            (5,  96,  40, true,  Hardswish, 2),
            (5, 240,  40, true,  Hardswish, 1),
            (5, 240,  40, true,  Hardswish, 1),
            (5, 120,  48, true,  Hardswish, 1),
            (5, 144,  48, true,  Hardswish, 1),
            (5, 288,  96, true,  Hardswish, 2),
            (5, 576,  96, true,  Hardswish, 1),
            (5, 576,  96, true,  Hardswish, 1),
        ], last_conv = 576, last_linear = 1024)
    }

    block MobileNetV3(x; bottlenecks, last_conv, last_linear) {
        x -> features: [
                ConvNormActivation(16, 3, stride = 2, act = Hardswish),
                for (kernel_size, expanded, channels, use_se, act, stride) in bottlenecks {
                    InvertedResidual(kernel_size, expanded, channels, use_se, act, stride)
                },
                ConvNormActivation(last_conv, 1, act = Hardswish),
             ]
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> classifier: [Linear(last_linear), Hardswish, Dropout(0.2), Linear(1000)]
    }

    /// torchvision's `InvertedResidual` of MobileNetV3.
    block InvertedResidual(x; kernel_size, expanded, channels, use_se, act, stride) {
        let y = x -> block: [
            if expanded != x.channels { ConvNormActivation(expanded, 1, act = act) },
            ConvNormActivation(expanded, kernel_size, stride = stride, groups = expanded, act = act),
            if use_se { SqueezeExcitation(make_divisible(expanded / 4, 8)) },
            ConvNormActivation(channels, 1),
        ];
        if stride == 1 && channels == x.channels { x + y } else { y }
    }

    /// torchvision's `SqueezeExcitation` with a hard sigmoid.
    block SqueezeExcitation(x; squeeze_channels) {
        let scale = x -> avgpool: AdaptiveAvgPool2d(1)
            -> fc1: Conv2d(squeeze_channels, 1) -> ReLU
            -> fc2: Conv2d(x.channels, 1) -> Hardsigmoid;
        scale * x
    }

    /// torchvision's `Conv2dNormActivation`.
    block ConvNormActivation(x; channels, kernel_size, stride = 1, groups = 1, act = Identity) {
        x -> [
            Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = groups, bias = false),
            BatchNorm2d(eps = 1e-3),
            act,
        ]
    }
}
