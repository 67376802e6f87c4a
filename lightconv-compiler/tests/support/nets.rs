//! Nets of every make as programs: the trained net, the families that the project learns from, the shipped blocks.

/// Name and program.
pub const NETS: &[(&str, &str)] = &[
    (
        "EfficientNet-Lite0",
        "net Test(x: [3, 224, 224]) -> [1000] {
            x -> conv_stem: Conv2d(32, 3, stride = 2, padding = same, bias = false) -> bn1: BatchNorm2d -> ReLU6
              -> blocks: [
                    [DepthwiseSeparable(16, 3)],
                    for (k, stride, channels, repeats) in [(3, 2, 24, 2), (5, 2, 40, 2), (3, 2, 80, 3), (5, 1, 112, 3), (5, 2, 192, 4), (3, 1, 320, 1)] {
                        [for i in 0..repeats { MBConv(channels, k, if i == 0 { stride } else { 1 }) }]
                    },
                 ]
              -> conv_head: Conv2d(1280, 1, bias = false) -> bn2: BatchNorm2d -> ReLU6
              -> GlobalAvgPool -> classifier: Linear(1000)
        }
        block DepthwiseSeparable(x; channels, k) {
            x -> conv_dw: Conv2d(x.channels, k, padding = same, groups = x.channels, bias = false) -> bn1: BatchNorm2d -> ReLU6
              -> conv_pw: Conv2d(channels, 1, bias = false) -> bn2: BatchNorm2d
        }
        block MBConv(x; channels, k, stride) {
            let wide = x.channels * 6;
            let y = x -> conv_pw: Conv2d(wide, 1, bias = false) -> bn1: BatchNorm2d -> ReLU6
                -> conv_dw: Conv2d(wide, k, stride = stride, padding = same, groups = wide, bias = false) -> bn2: BatchNorm2d -> ReLU6
                -> conv_pwl: Conv2d(channels, 1, bias = false) -> bn3: BatchNorm2d;
            if stride == 1 && channels == x.channels { x + y } else { y }
        }",
    ),
    (
        "MobileNetV3-Small",
        "net Test(x: [3, 224, 224]) -> [1000] {
            x -> features: [
                Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish,
                for (k, exp, out, se, act, stride) in [
                    (3, 16, 16, true, ReLU, 2), (3, 72, 24, false, ReLU, 2), (3, 88, 24, false, ReLU, 1), (5, 96, 40, true, Hardswish, 2),
                    (5, 240, 40, true, Hardswish, 1), (5, 240, 40, true, Hardswish, 1), (5, 120, 48, true, Hardswish, 1),
                    (5, 144, 48, true, Hardswish, 1), (5, 288, 96, true, Hardswish, 2), (5, 576, 96, true, Hardswish, 1), (5, 576, 96, true, Hardswish, 1),
                ] { Bneck(k, exp, out, se, act, stride) },
                Conv2d(576, 1, bias = false), BatchNorm2d, Hardswish,
            ] -> GlobalAvgPool -> classifier: [Linear(1024), Hardswish, Dropout, Linear(1000)]
        }
        block Bneck(x; k, exp, out, se, act, stride) {
            let y = x -> block: [
                if exp != x.channels { Conv2d(exp, 1, bias = false), BatchNorm2d, act },
                Conv2d(exp, k, stride = stride, padding = k / 2, groups = exp, bias = false), BatchNorm2d, act,
                if se { Excite },
                Conv2d(out, 1, bias = false), BatchNorm2d,
            ];
            if stride == 1 && out == x.channels { x + y } else { y }
        }
        block Excite(x) {
            x * (x -> AdaptiveAvgPool2d(1) -> fc1: Conv2d(make_divisible(x.channels / 4, 8), 1) -> ReLU -> fc2: Conv2d(x.channels, 1) -> Hardsigmoid)
        }",
    ),
    (
        "DenseNet",
        "net Test(x: [3, 64, 64]) -> [100] {
            x -> stem: [Conv2d(24, 7, stride = 2, padding = 3, bias = false), BatchNorm2d, ReLU, MaxPool2d(3, 2, 1)]
              -> block1: Dense4(12) -> transition1: Transition -> block2: Dense4(12) -> norm5: BatchNorm2d -> ReLU
              -> GlobalAvgPool -> classifier: Linear(100)
        }
        block Dense4(x; growth) {
            let x = (x, x -> \"denselayer{1}\": Unit(growth)) -> Concat;
            let x = (x, x -> \"denselayer{2}\": Unit(growth)) -> Concat;
            let x = (x, x -> \"denselayer{3}\": Unit(growth)) -> Concat;
            (x, x -> \"denselayer{4}\": Unit(growth)) -> Concat
        }
        block Unit(x; growth) {
            x -> norm1: BatchNorm2d -> ReLU -> conv1: Conv2d(4 * growth, 1, bias = false)
              -> norm2: BatchNorm2d -> ReLU -> conv2: Conv2d(growth, 3, padding = 1, bias = false)
        }
        block Transition(x) {
            x -> norm: BatchNorm2d -> ReLU -> conv: Conv2d(x.channels / 2, 1, bias = false) -> pool: AvgPool2d(2)
        }",
    ),
    (
        "ResNet",
        "net Test(x: [3, 64, 64]) -> [10] {
            x -> conv1: Conv2d(16, 7, stride = 2, padding = 3, bias = false) -> bn1: BatchNorm2d -> ReLU -> MaxPool2d(3, 2, 1)
              -> layers: [for (c, s) in [(16, 1), (16, 1), (32, 2), (32, 1), (64, 2), (64, 1)] { Basic(c, s) }]
              -> GlobalAvgPool -> fc: Linear(10)
        }
        block Basic(x; c, s) {
            let y = x -> conv1: Conv2d(c, 3, stride = s, padding = 1, bias = false) -> bn1: BatchNorm2d -> ReLU
                -> conv2: Conv2d(c, 3, padding = 1, bias = false) -> bn2: BatchNorm2d;
            let skip = x -> if s != 1 || c != x.channels { downsample: [Conv2d(c, 1, stride = s, bias = false), BatchNorm2d] } else { Identity };
            skip + y -> ReLU
        }",
    ),
    (
        "a pyramid with several outputs",
        "net Test(x: [3, 64, 64]) -> ([24, 16, 16], [24, 8, 8], [24, 4, 4], [48, 8, 8]) {
            let p3 = x -> stem: [Conv(12, 3, 2), Conv(24, 3, 2)] -> c3: C2(24);
            let p4 = p3 -> down4: Conv(32, 3, 2) -> c4: C2(32);
            let p5 = p4 -> down5: Conv(48, 3, 2) -> sppf: Sppf(48);
            (p3, p4 -> lateral4: Conv2d(24, 1), p5 -> lateral5: Conv2d(24, 1), (p4[..24], p4 -> tap: Conv2d(24, 3, padding = 1)) -> Concat)
        }
        block C2(x; c) {
            let y = x -> cv1: Conv(c, 1);
            let (a, b) = y -> Chunk(2);
            let d = b + (b -> m: [Conv(c / 2, 3), Conv(c / 2, 3)]);
            (a, b, d) -> Concat -> cv2: Conv(c, 1)
        }
        block Sppf(x; c) {
            let y = x -> cv1: Conv(c / 2, 1);
            let a = y -> MaxPool2d(5, 1, 2);
            let b = a -> MaxPool2d(5, 1, 2);
            (y, a, b, b -> MaxPool2d(5, 1, 2)) -> Concat -> cv2: Conv(c, 1)
        }",
    ),
    (
        "slices and concatenations of every axis",
        "net Test(x: [12, 8, 8], v: [12]) -> ([30, 8, 8], [12, 16, 8], [12, 8, 16], [12, 8, 8], [168]) {
            param token: [12, 8, 8];
            let y = x -> a: Conv2d(12, 3, padding = 1);
            let (top, bottom) = y -> Chunk(2, axis = height);
            let (left, right) = y -> Chunk(2, axis = width);
            (
                (y[..6], x[6..], y, y[6..]) -> Concat,
                (bottom, x, top) -> Concat(axis = height),
                (right, token, left) -> Concat(axis = width),
                x,
                (v, x -> GlobalAvgPool, y[..9] -> AdaptiveAvgPool2d(4) -> Flatten) -> Concat,
            )
        }",
    ),
    (
        "a net of one step",
        "net Test(x: [3]) -> [3] { x -> ReLU }",
    ),
    ("a net of no layer", "net Test(x: [3]) -> [3] { x }"),
    (
        "ir_32_16_s2_e6_se",
        "net Test(x: [32, 224, 224]) { x -> InvertedResidual(16, 2, 6, true) }",
    ),
    (
        "ir_24_24_s1_e4_se",
        "net Test(x: [24, 56, 56]) { x -> InvertedResidual(24, 1, 4, use_se = true) }",
    ),
    (
        "ir_96_96_s1_e6",
        "net Test(x: [96, 14, 14]) { x -> InvertedResidual(96, 1, 6) }",
    ),
    (
        "dsc_3_16_k3",
        "net Test(x: [3, 32, 32]) { x -> DepthwiseSeparableConv(16, 3) }",
    ),
    (
        "conv_64_128_k3_d2_32",
        "net Test(x: [64, 32, 32]) { x -> Conv(128, 3, dilation = 2) }",
    ),
    (
        "dwconv_64_128_k3_d2_32",
        "net Test(x: [64, 32, 32]) { x -> DWConv(128, 3, dilation = 2) }",
    ),
];
