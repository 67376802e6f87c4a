//! Convolutions and linear layers: dense, grouped, depthwise; every argument; sizes that fill no panel and no tile.

use crate::support::check;

check! {
    pointwise_of_all_sizes {
        net Test(x: [7, 5, 5]) {
            (for c in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 40, 48, 63] { x -> "c{c}": Conv2d(c, 1) }) -> Concat
        }
    }

    pointwise_with_strides_and_padding {
        net Test(x: [5, 9, 8]) -> ([6, 5, 4], [6, 9, 4], [6, 11, 10], [6, 6, 6]) {
            (
                x -> a: Conv2d(6, 1, stride = 2),
                x -> b: Conv2d(6, 1, stride = (1, 2)),
                x -> c: Conv2d(6, 1, padding = 1),
                x -> d: Conv2d(6, 1, stride = 2, padding = (1, 2)),
            )
        }
    }

    squares {
        net Test(x: [4, 9, 10]) {
            (
                x -> a: Conv2d(5, 3, padding = 1),
                x -> b: Conv2d(17, 5, padding = 2),
                x -> c: Conv2d(3, 7, padding = 3, bias = false),
                x -> d: Conv2d(16, 3, padding = same),
                x -> e: Conv2d(33, 2, padding = same),
            ) -> Concat
        }
    }

    strides {
        net Test(x: [3, 15, 14]) -> ([8, 8, 7], [8, 5, 5], [8, 7, 4], [8, 4, 3], [20, 7, 7]) {
            (
                x -> a: Conv2d(8, 3, stride = 2, padding = 1),
                x -> b: Conv2d(8, 3, stride = 3, padding = 1),
                x -> c: Conv2d(8, 3, stride = (2, 3)),
                x -> d: Conv2d(8, 2, stride = [4, 5]),
                x -> e: Conv2d(20, 2, stride = 2),
            )
        }
    }

    rectangles {
        net Test(x: [5, 8, 9]) {
            (
                x -> a: Conv2d(6, (1, 3), padding = (0, 1)),
                x -> b: Conv2d(7, [3, 1], padding = [1, 0]),
                x -> c: Conv2d(8, (1, 7), padding = (0, 3)),
                x -> d: Conv2d(9, (5, 2), padding = same),
            ) -> Concat
        }
    }

    dilations {
        net Test(x: [4, 11, 12]) -> ([6, 11, 12], [6, 7, 8], [6, 11, 12], [6, 5, 12], [6, 6, 6]) {
            (
                x -> a: Conv2d(6, 3, padding = 2, dilation = 2),
                x -> b: Conv2d(6, 3, dilation = 2),
                x -> c: Conv2d(6, 3, padding = same, dilation = 3),
                x -> d: Conv2d(6, 3, padding = (0, 1), dilation = (3, 1)),
                x -> e: Conv2d(6, 3, stride = 2, padding = 2, dilation = 2),
            )
        }
    }

    same_padding_is_tensorflow_s {
        net Test(x: [3, 10, 11]) -> ([8, 5, 6], [8, 4, 4], [8, 5, 6], [8, 10, 11], [3, 5, 6], [3, 5, 6]) {
            (
                x -> a: Conv2d(8, 3, stride = 2, padding = same),
                x -> b: Conv2d(8, 5, stride = 3, padding = same),
                x -> c: Conv2d(8, 2, stride = 2, padding = same),
                x -> d: Conv2d(8, (4, 2), padding = same),
                x -> e: Conv2d(3, 3, stride = 2, padding = same, groups = 3),
                x -> f: Conv2d(3, 6, stride = 2, padding = same, groups = 3),
            )
        }
    }

    kernels_as_large_as_the_map {
        net Test(x: [6, 5, 7]) -> ([9, 1, 1], [9, 1, 1], [6, 1, 1], [4, 3, 3]) {
            (
                x -> a: Conv2d(9, (5, 7)),
                x -> b: Conv2d(9, [5, 7], bias = false) -> Sigmoid,
                x -> c: Conv2d(6, (5, 7), groups = 6),
                x -> d: Conv2d(4, (9, 11), padding = (3, 3)),
            )
        }
    }

    maps_of_one_row_column_and_pixel {
        net Test(row: [6, 1, 9], column: [6, 9, 1], pixel: [6, 1, 1]) -> ([8, 1, 9], [8, 9, 1], [8, 1, 1], [6, 1, 9], [6, 9, 1], [6, 1, 1], [8, 1, 1]) {
            (
                row -> a: Conv2d(8, 3, padding = 1),
                column -> b: Conv2d(8, 3, padding = 1),
                pixel -> c: Conv2d(8, 3, padding = 1),
                row -> d: Conv2d(6, 3, padding = 1, groups = 6),
                column -> e: Conv2d(6, 5, padding = 2, groups = 6),
                pixel -> f: Conv2d(6, 3, padding = 1, groups = 6),
                pixel -> g: Conv2d(8, 1),
            )
        }
    }

    groups {
        net Test(x: [12, 6, 7]) {
            (
                x -> a: Conv2d(12, 3, padding = 1, groups = 2),
                x -> b: Conv2d(18, 3, padding = 1, groups = 3, bias = false),
                x -> c: Conv2d(20, 1, groups = 4),
                x -> d: Conv2d(36, 3, padding = 1, groups = 6) -> ReLU,
                x -> e: Conv2d(24, 3, padding = 1, groups = 12),
                x -> f: Conv2d(6, 1, groups = 6),
            ) -> Concat
        }
    }

    groups_of_many_channels {
        net Test(x: [40, 5, 5]) -> ([80, 3, 3], [50, 5, 5]) {
            (
                x -> a: [Conv2d(80, 3, stride = 2, padding = 1, groups = 2, bias = false), BatchNorm2d, SiLU],
                x -> b: Conv2d(50, 3, padding = 2, dilation = 2, groups = 2),
            )
        }
    }

    depthwise_of_all_widths {
        net Test(x: [33, 7, 9]) {
            (for c in [1, 3, 4, 7, 8, 9, 10, 15, 16, 17, 23, 24, 25, 33] {
                x[..c] -> "c{c}": Conv2d(c, 3, padding = 1, groups = c)
            }) -> Concat
        }
    }

    depthwise_of_all_kinds {
        net Test(x: [10, 13, 12]) -> ([10, 13, 12], [10, 7, 6], [10, 13, 12], [10, 7, 6], [10, 9, 8], [10, 4, 3], [10, 13, 5], [10, 12, 11]) {
            (
                x -> a: Conv2d(10, 5, padding = 2, groups = 10),
                x -> b: Conv2d(10, 3, stride = 2, padding = 1, groups = 10, bias = false),
                x -> c: Conv2d(10, 7, padding = 3, groups = 10),
                x -> d: Conv2d(10, 5, stride = 2, padding = 2, groups = 10),
                x -> e: Conv2d(10, 3, dilation = 2, groups = 10),
                x -> f: Conv2d(10, 3, stride = 4, padding = 1, dilation = (1, 1), groups = 10),
                x -> g: Conv2d(10, (1, 5), stride = (1, 2), padding = (0, 1), groups = 10),
                x -> h: Conv2d(10, 2, groups = 10),
            )
        }
    }

    depthwise_of_wide_maps {
        net Test(x: [3, 5, 37]) -> ([3, 5, 37], [3, 3, 19], [3, 5, 37], [3, 5, 37]) {
            (
                x -> a: Conv2d(3, 3, padding = 1, groups = 3) -> HSwish,
                x -> b: Conv2d(3, 3, stride = 2, padding = 1, groups = 3),
                x -> c: Conv2d(3, (3, 11), padding = (1, 5), groups = 3),
                x -> d: Conv2d(3, 3, padding = 4, dilation = 4, groups = 3),
            )
        }
    }

    biases_and_batch_norm_folded {
        net Test(x: [6, 5, 5]) {
            (
                x -> a: [Conv2d(9, 1), BatchNorm2d],
                x -> b: [Conv2d(9, 3, padding = 1), BatchNorm2d(eps = 1e-3)],
                x -> c: [Conv2d(6, 3, padding = 1, groups = 6), BatchNorm2d],
                x -> d: [Conv2d(12, 1, groups = 3, bias = false), BatchNorm2d],
                x -> e: [Conv2d(4, 1), BatchNorm2d, BatchNorm2d, ReLU],
            ) -> Concat
        }
    }

    a_batch_norm_that_cannot_be_folded {
        net Test(x: [6, 5, 5]) -> ([9, 5, 5], [9, 5, 5], [9, 5, 5]) {
            let y = x -> conv: Conv2d(9, 1);
            (y, y -> bn: BatchNorm2d, y -> ReLU -> late: BatchNorm2d)
        }
    }

    linear_of_vectors {
        net Test(x: [29]) -> ([1], [10], [64], [17], [16]) {
            (
                x -> a: Linear(1),
                x -> b: Linear(10, bias = false),
                x -> c: Linear(64) -> Hardswish,
                x -> d: Linear(17),
                x -> e: [Linear(40), ReLU, Linear(16), Sigmoid],
            )
        }
    }

    linear_at_every_pixel {
        net Test(x: [6, 4, 5]) -> ([11, 4, 5], [6, 4, 5]) {
            (x -> a: Linear(11, axis = channels) -> GELU, (x -> b: [Linear(24, axis = channels), GELU, Linear(6, bias = false, axis = channels)]) + x)
        }
    }

    linear_after_flatten {
        net Test(x: [6, 4, 5]) -> ([10], [7]) {
            (x -> Flatten -> a: Linear(10), x -> AdaptiveAvgPool2d(1) -> Flatten -> b: Linear(7))
        }
    }

    many_channels {
        net Test(x: [150, 3, 4]) -> ([70, 3, 4], [150, 2, 2]) {
            (x -> a: Conv2d(70, 1), x -> b: [Conv2d(20, 3, padding = 1), ReLU, Conv2d(150, 3, stride = 2, padding = 1)])
        }
    }

    the_shipped_blocks {
        net Test(x: [6, 9, 9]) -> ([6, 9, 9], [8, 5, 5], [5, 7, 7], [12, 9, 9], [10, 5, 5], [6, 9, 9]) {
            (
                x -> a: InvertedResidual(6, 1, 4, use_se = true),
                x -> b: InvertedResidual(8, stride = 2, expand_ratio = 3),
                x -> c: DepthwiseSeparableConv(5, 3, bias = true),
                x -> d: Conv(12, 3),
                x -> e: DWConv(10, 3, 2),
                x -> f: SEBlock(2),
            )
        }
    }

    pixels_that_are_moved_apart {
        net Test(x: [8, 6, 6]) -> ([128, 6, 6], [40, 6, 6], [128, 6, 12], [128, 12, 6], [128], [128, 3, 6], [4608], [128, 6, 6]) {
            let a = x -> a: Conv2d(128, 1) -> SiLU;
            let d = a -> d: Conv2d(128, 3, padding = 1, groups = 128);
            let (top, _bottom) = a -> Chunk(2, axis = height);
            (
                a + d, a[4..44], (a, d) -> Concat(axis = width), (d, a) -> Concat(axis = height), a -> GlobalAvgPool,
                top * 2, a -> Flatten, a -> again: Conv2d(128, 3, padding = 1)
            )
        }
    }
}
