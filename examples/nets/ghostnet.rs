//! GhostNet: half of the channels are cheap depthwise "ghosts" of the other half (Han et al., 2019).

use lightconv::lightnet;

lightnet! {
    /// GhostNet as timm 1.0.31 has it: `timm.create_model("ghostnet_100")`.
    #[ptflops(skip = [Linear])] // timm's is a subclass, which ptflops passes over; so are others below
    pub net GhostNet(x: [3, 224, 224]) -> [1000] {
        x -> conv_stem: Conv2d(16, 3, stride = 2, padding = 1, bias = false) -> bn1: BatchNorm2d -> ReLU
          -> blocks: [
                for stage in [
                    // kernel, expanded, out, squeeze and excitation, stride
                    [(3,  16,  16, false, 1)],
                    [(3,  48,  24, false, 2)],
                    [(3,  72,  24, false, 1)],
                    [(5,  72,  40, true,  2)],
                    [(5, 120,  40, true,  1)],
                    [(3, 240,  80, false, 2)],
                    [
                        (3, 200,  80, false, 1),
                        (3, 184,  80, false, 1),
                        (3, 184,  80, false, 1),
                        (3, 480, 112, true,  1),
                        (3, 672, 112, true,  1),
                    ],
                    [(5, 672, 160, true,  2)],
                    [
                        (5, 960, 160, false, 1),
                        (5, 960, 160, true,  1),
                        (5, 960, 160, false, 1),
                        (5, 960, 160, true,  1),
                    ],
                ] {
                    [for (kernel_size, mid, channels, use_se, stride) in stage {
                        GhostBottleneck(kernel_size, mid, channels, use_se, stride)
                    }]
                },
                [ConvBnAct(960)],
             ]
          -> AdaptiveAvgPool2d(1)
          -> conv_head: Conv2d(1280, 1) -> ReLU -> Flatten
          -> classifier: Linear(1000)
    }

    /// timm's `GhostBottleneck`.
    block GhostBottleneck(x; kernel_size, mid, channels, use_se, stride) {
        let y = x -> ghost1: GhostModule(mid, act = ReLU);
        let y = if stride == 1 { y } else {
            y -> conv_dw: Conv2d(mid, kernel_size, stride = stride, padding = kernel_size / 2, groups = mid, bias = false) -> bn_dw: BatchNorm2d
        };
        let y = if use_se { y -> se: SqueezeExcite(make_divisible(mid / 4, 4)) } else { y };
        let y = y -> ghost2: GhostModule(channels, act = Identity);
        y + (x -> shortcut: if stride == 1 && channels == x.channels { [] } else { [
            Conv2d(x.channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = x.channels, bias = false), BatchNorm2d,
            Conv2d(channels, 1, bias = false), BatchNorm2d,
        ] })
    }

    /// timm's `GhostModule` with a ratio of 2.
    block GhostModule(x; channels, act) {
        let half = channels / 2;
        let a = x -> primary_conv: [Conv2d(half, 1, bias = false), BatchNorm2d, act];
        let b = a -> cheap_operation: [Conv2d(half, 3, padding = 1, groups = half, bias = false), BatchNorm2d, act];
        (a, b) -> Concat
    }

    /// timm's `ConvBnAct`.
    #[ptflops(skip = [BatchNorm2d])]
    block ConvBnAct(x; channels) {
        x -> conv: Conv2d(channels, 1, bias = false) -> bn1: BatchNorm2d -> ReLU
    }

    /// timm's `SqueezeExcite` with a hard sigmoid.
    block SqueezeExcite(x; reduced) {
        let gate = x -> Mean([height, width]) -> conv_reduce: Conv2d(reduced, 1) -> ReLU -> conv_expand: Conv2d(x.channels, 1) -> Hardsigmoid;
        x * gate
    }
}
