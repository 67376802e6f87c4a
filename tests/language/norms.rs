//! `LayerNorm2d`, `GroupNorm`, `ChannelConv1d`.

use crate::support::check;

check! {
    over_the_channels_of_each_pixel {
        net Test(x: [24, 5, 7]) -> ([24, 5, 7], [24, 5, 7], [7, 5, 7]) {
            (x -> a: LayerNorm2d, x -> b: LayerNorm2d(24, eps = 1e-3), x[3..10] -> c: LayerNorm2d)
        }
    }

    over_groups_of_channels {
        net Test(x: [24, 5, 7]) -> ([24, 5, 7], [24, 5, 7], [24, 5, 7], [6, 5, 7]) {
            (x -> a: GroupNorm(1), x -> b: GroupNorm(4, 24, eps = 1e-3), x -> c: GroupNorm(24), x[2..8] -> d: GroupNorm(3))
        }
    }

    over_groups_of_a_vector {
        net Test(x: [30]) -> ([30], [30]) {
            (x -> a: GroupNorm(5), x -> fc: Linear(30) -> b: GroupNorm(2) -> ReLU)
        }
    }

    activations_after_them {
        net Test(x: [16, 6, 5]) -> ([16, 6, 5], [16, 6, 5], [16, 6, 5]) {
            (x -> a: LayerNorm2d -> GELU, x -> b: GroupNorm(4) -> SiLU, (x -> c: GroupNorm(2)) * 2 + 1)
        }
    }

    into_and_out_of_a_concatenation {
        net Test(x: [5, 4, 6]) -> [21, 4, 6] {
            let y = (x -> a: LayerNorm2d, x -> b: GroupNorm(5), x, x -> c: Conv2d(6, 1)) -> Concat;
            y -> d: GroupNorm(7)
        }
    }

    /// As in ConvNeXt.
    a_block_of_convnext {
        net Test(x: [16, 9, 8]) -> [32, 4, 4] {
            x -> [Block, norm: LayerNorm2d, Conv2d(32, 2, stride = 2)]
        }
        block Block(x) {
            let c = x.channels;
            x + (x -> [Conv2d(c, 7, padding = 3, groups = c), LayerNorm2d, Conv2d(4 * c, 1), GELU, Conv2d(c, 1), Scale])
        }
    }

    across_channels {
        net Test(x: [40], y: [7, 1, 1]) -> ([40], [40], [7, 1, 1], [7, 1, 1], [12]) {
            (
                x -> a: ChannelConv1d(1), x -> b: ChannelConv1d(5) -> ReLU,
                y -> c: ChannelConv1d(3), y -> d: ChannelConv1d(15), x[20..32] -> e: ChannelConv1d(kernel_size = 7),
            )
        }
    }

    /// As in ECA-Net.
    efficient_channel_attention {
        net Test(x: [24, 6, 5]) -> ([24, 6, 5], [9, 6, 5]) {
            let y = x -> eca: Eca;
            (y, (y -> AdaptiveAvgPool2d(1) -> conv: ChannelConv1d(3) -> Sigmoid) * y -> project: Conv2d(9, 1))
        }
        block Eca(x) {
            x * (x -> GlobalAvgPool -> conv: ChannelConv1d(5) -> Sigmoid)
        }
    }
}
