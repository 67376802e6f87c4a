//! Modules from the field, transcribed as their repositories have them: attention gates, YOLO's and ConvNeXt's blocks, decoders.

use crate::support::check;

check! {
    // CBAM (Woo et al., 2018)
    cbam {
        net Test(x: [24, 9, 7]) -> [24, 9, 7] { x -> CBAM(4) }
        block CBAM(x; ratio = 16, kernel_size = 7) {
            layer fc = [Conv2d(x.channels / ratio, 1, bias = false), ReLU, Conv2d(x.channels, 1, bias = false)];
            let ca = (x -> AdaptiveAvgPool2d(1) -> fc) + (x -> AdaptiveMaxPool2d(1) -> fc) -> Sigmoid;
            let y = x * ca;
            let sa = (y -> Mean(channels), y -> Max(channels)) -> Concat
                -> conv1: Conv2d(1, kernel_size, padding = kernel_size / 2, bias = false) -> Sigmoid;
            y * sa
        }
    }

    // ECA-Net (Wang et al., 2020)
    eca {
        net Test(x: [20, 6, 5]) -> [20, 6, 5] { x -> a: ECA -> Conv2d(20, 1) -> b: ECA(gamma = 1) }
        block ECA(x; gamma = 2, b = 1) {
            let t = int(abs((log2(x.channels) + b) / gamma));
            let k = if t % 2 == 1 { t } else { t + 1 };
            x * (x -> GlobalAvgPool -> conv: ChannelConv1d(k) -> Sigmoid)
        }
    }

    // Coordinate attention (Hou et al., 2021)
    coordinate_attention {
        net Test(x: [16, 6, 9]) -> [16, 6, 9] { x -> CoordAtt(16, reduction = 4) }
        block CoordAtt(x; oup, reduction = 32) {
            let mip = max(8, x.channels / reduction);
            let h = x.height;
            let xh = x -> Mean(width);
            let xw = x -> Mean(height) -> Transpose(height, width);
            let y = (xh, xw) -> Concat(axis = height) -> conv1: Conv2d(mip, 1) -> bn1: BatchNorm2d -> Hardswish;
            let (yh, yw) = y -> Split([h, x.width], axis = height);
            let ah = yh -> conv_h: Conv2d(oup, 1) -> Sigmoid;
            let aw = yw -> Transpose(width, height) -> conv_w: Conv2d(oup, 1) -> Sigmoid;
            x * aw * ah
        }
    }

    // ultralytics' C3, C2f and SPPF, with Conv of their own
    yolo {
        net Test(x: [3, 32, 32]) -> ([24, 16, 16], [32, 8, 8], [24, 16, 16]) {
            let stem = x -> SpaceToDepth(2) -> model.0: Conv(16, 3);
            let p = stem -> model.1: C3(24, n = 2);
            let q = p -> model.2: [Conv(32, 3, 2), C2f(32, n = 2, shortcut = true), SPPF(32)];
            let u = (q -> model.3: Conv(24, 1) -> Upsample(none, 2, nearest), p) -> Concat -> model.4: C3(24, shortcut = false);
            (p, q, u)
        }
        block Conv(x; c2, k = 1, s = 1, p = none, g = 1, act = SiLU) {
            x -> conv: Conv2d(c2, k, s, if p == none { k / 2 } else { p }, groups = g, bias = false) -> bn: BatchNorm2d(eps = 1e-3) -> act
        }
        block Bottleneck(x; c2, shortcut = true, e = 0.5) {
            let y = x -> cv1: Conv(int(c2 * e), 1) -> cv2: Conv(c2, 3);
            if shortcut && x.channels == c2 { x + y } else { y }
        }
        block C3(x; c2, n = 1, shortcut = true, e = 0.5) {
            let c = int(c2 * e);
            (x -> cv1: Conv(c, 1) -> m: [for _ in 0..n { Bottleneck(c, shortcut, e = 1.0) }], x -> cv2: Conv(c, 1)) -> Concat -> cv3: Conv(c2, 1)
        }
        block C2f(x; c2, n = 1, shortcut = false, e = 0.5) {
            let c = int(c2 * e);
            let (a, b) = x -> cv1: Conv(2 * c, 1) -> Split(c);
            let m0 = b -> m.0: Bottleneck(c, shortcut, e = 1.0);
            let m1 = m0 -> m.1: Bottleneck(c, shortcut, e = 1.0);
            require(n == 2, "written out for two");
            (a, b, m0, m1) -> Concat -> cv2: Conv(c2, 1)
        }
        block SPPF(x; c2, k = 5) {
            let x = x -> cv1: Conv(x.channels / 2, 1);
            let a = x -> MaxPool2d(k, 1, k / 2);
            let b = a -> MaxPool2d(k, 1, k / 2);
            (x, a, b, b -> MaxPool2d(k, 1, k / 2)) -> Concat -> cv2: Conv(c2, 1)
        }
    }

    // ConvNeXt (Liu et al., 2022), in channels-first form
    convnext {
        net Test(x: [3, 16, 16]) -> [10] {
            x -> stem: [Conv2d(12, 4, stride = 4), LayerNorm2d(eps = 1e-6)]
              -> blocks: [for _ in 0..2 { Block }]
              -> downsample: [LayerNorm2d, Conv2d(24, 2, stride = 2)]
              -> GlobalAvgPool -> head: Linear(10)
        }
        block Block(x) {
            let c = x.channels;
            x + (x -> dwconv: Conv2d(c, 7, padding = 3, groups = c) -> norm: LayerNorm2d
                   -> pwconv1: Linear(4 * c, axis = channels) -> GELU -> pwconv2: Linear(c, axis = channels) -> Scale)
        }
    }

    // a U-Net's decoder, both ways of going up
    unet {
        net Test(x: [3, 16, 20]) -> [2, 16, 20] {
            let a = x -> inc: Double(8);
            let b = a -> MaxPool2d(2) -> down1: Double(16);
            let c = b -> MaxPool2d(2) -> down2: Double(24);
            let y = (b, c -> up1: ConvTranspose2d(16, 2, stride = 2)) -> Concat -> conv1: Double(16);
            let y = (a, y -> Upsample(scale_factor = 2, mode = bilinear, align_corners = true)) -> Concat -> conv2: Double(8);
            y -> outc: Conv2d(2, 1)
        }
        block Double(x; out) {
            x -> double_conv: [for _ in 0..2 { Conv2d(out, 3, padding = 1, bias = false), BatchNorm2d, ReLU }]
        }
    }

    // DeepLab's ASPP (Chen et al., 2017)
    aspp {
        net Test(x: [12, 10, 9]) -> [8, 10, 9] {
            let rates = [1, 2, 4];
            let pooled = x -> pool: [AdaptiveAvgPool2d(1), Conv2d(8, 1, bias = false), BatchNorm2d, ReLU]
                -> Upsample(size = (x.height, x.width), mode = bilinear, align_corners = false);
            (for i in 0..3 { x -> "convs.{i}": [Conv2d(8, 3, padding = rates[i], dilation = rates[i], bias = false), GroupNorm(2), ReLU] }, pooled)
                -> Concat -> project: [Conv2d(8, 1), Dropout(0.5)]
        }
    }

    // MobileNetV4's multi-query attention (Qin et al., 2024)
    multi_query {
        net Test(x: [16, 8, 8]) -> [16, 8, 8] {
            let q = x -> query: Conv2d(32, 1, bias = false);
            let down = x -> down: [Conv2d(16, 3, stride = 2, padding = 1, groups = 16, bias = false), BatchNorm2d];
            let k = down -> key: Conv2d(8, 1, bias = false);
            let v = down -> value: Conv2d(8, 1, bias = false);
            x + ((q, k, v) -> Attention(4) -> output: Conv2d(16, 1, bias = false) -> layer_scale: Scale)
        }
    }

    // pixel-shuffle super-resolution (Shi et al., 2016)
    espcn {
        net Test(x: [1, 12, 10]) -> [1, 36, 30] {
            x -> Conv2d(16, 5, padding = 2) -> Tanh -> conv2: Conv2d(8, 3, padding = 1) -> Tanh
              -> conv3: Conv2d(9, 3, padding = 1) -> PixelShuffle(3) -> Sigmoid
        }
    }
}
