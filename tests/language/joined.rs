//! Inverted residuals large enough that the pointwise convolutions before and after a depthwise one are joined with it: more
//! than 65,536 floats lie between them. That they are joined is seen in `lightconv-compiler/tests/fuse.rs`; here, that the
//! numbers stay right.

use crate::support::check;

check! {
    expansion_and_projection_with_a_residual {
        net Test(x: [12, 32, 32]) -> [12, 32, 32] {
            x + (x -> conv: [
                Conv2d(72, 1, bias = false), BatchNorm2d, HSwish,
                Conv2d(72, 3, padding = 1, groups = 72, bias = false), BatchNorm2d, HSwish,
                Conv2d(12, 1, bias = false), BatchNorm2d,
            ])
        }
    }

    expansion_and_projection_with_a_stride {
        net Test(x: [10, 38, 37]) -> [13, 19, 19] {
            x -> conv: [
                Conv2d(48, 1, bias = false), BatchNorm2d, ReLU6,
                Conv2d(48, 3, stride = 2, padding = 1, groups = 48, bias = false), BatchNorm2d, ReLU6,
                Conv2d(13, 1, bias = false), BatchNorm2d,
            ]
        }
    }

    five_by_five {
        net Test(x: [6, 42, 40]) -> ([9, 42, 40], [9, 21, 20]) {
            (
                x -> a: [Conv2d(40, 1), Hardswish, Conv2d(40, 5, padding = 2, groups = 40), Hardswish, Conv2d(9, 1), ReLU],
                x -> b: [Conv2d(40, 1), SiLU, Conv2d(40, 5, stride = 2, padding = 2, groups = 40), Conv2d(9, 1)],
            )
        }
    }

    expansion_alone {
        net Test(x: [5, 54, 52]) -> ([24, 54, 52], [24, 27, 26]) {
            (
                x -> a: [Conv2d(24, 1, bias = false), BatchNorm2d, ReLU, Conv2d(24, 3, padding = 1, groups = 24), HSwish],
                x -> b: [Conv2d(24, 1), Tanh, Conv2d(24, 3, stride = 2, padding = 1, groups = 24)],
            )
        }
    }

    projection_alone {
        net Test(x: [24, 54, 52]) -> ([7, 54, 52], [16, 27, 26], [24, 54, 52]) {
            let a = x -> a: [Conv2d(24, 3, padding = 1, groups = 24, bias = false), BatchNorm2d, ReLU6, Conv2d(7, 1)];
            let b = x -> b: [Conv2d(24, 3, stride = 2, padding = 1, groups = 24), Conv2d(16, 1), ReLU];
            (a, b, (x -> c: [Conv2d(24, 3, padding = 1, groups = 24), SiLU, Conv2d(24, 1)]) + x)
        }
    }

    projection_of_a_narrow_map {
        net Test(x: [96, 40, 18]) -> ([20, 40, 18], [33, 38, 16]) {
            (
                x -> a: [Conv2d(96, 3, padding = 1, groups = 96), ReLU, Conv2d(20, 1)],
                x -> b: [Conv2d(96, 3, groups = 96), Conv2d(33, 1), Hardswish],
            )
        }
    }

    dilations_and_rectangles {
        net Test(x: [6, 40, 44]) -> ([8, 40, 44], [8, 38, 42], [8, 20, 44]) {
            (
                x -> a: [Conv2d(40, 1), ReLU, Conv2d(40, 3, padding = 2, dilation = 2, groups = 40), ReLU, Conv2d(8, 1)],
                x -> b: [Conv2d(40, 1), ReLU, Conv2d(40, (5, 3), padding = (1, 0), groups = 40), ReLU, Conv2d(8, 1)],
                x -> c: [Conv2d(40, 1), ReLU, Conv2d(40, 3, stride = (2, 1), padding = 1, groups = 40), Conv2d(8, 1)],
            )
        }
    }

    same_padding {
        net Test(x: [6, 40, 44]) -> ([8, 20, 22], [8, 40, 44]) {
            (
                x -> a: [Conv2d(40, 1), ReLU, Conv2d(40, 3, stride = 2, padding = same, groups = 40), ReLU, Conv2d(8, 1)],
                x -> b: [Conv2d(40, 1), ReLU, Conv2d(40, 4, padding = same, groups = 40), ReLU, Conv2d(8, 1)],
            )
        }
    }

    a_tap_between_keeps_them_apart {
        net Test(x: [6, 40, 44]) -> ([8, 40, 44], [40], [40, 40, 44]) {
            let wide = x -> expand: Conv2d(40, 1) -> ReLU;
            let deep = wide -> dw: Conv2d(40, 3, padding = 1, groups = 40) -> ReLU;
            (deep -> project: Conv2d(8, 1), wide -> GlobalAvgPool, deep)
        }
    }

    squeeze_and_excitation_between {
        net Test(x: [8, 36, 36]) -> ([8, 36, 36], [12, 18, 18]) {
            (x -> a: InvertedResidual(8, 1, 7, use_se = true), x -> b: InvertedResidual(12, 2, 7, use_se = true))
        }
    }

    residual_and_activation_after_it {
        net Test(x: [9, 32, 33], y: [9, 32, 33]) -> [9, 32, 33] {
            let z = x -> conv: [Conv2d(72, 1), ReLU, Conv2d(72, 3, padding = 1, groups = 72), ReLU, Conv2d(9, 1), Tanh];
            z + y -> SiLU
        }
    }

    into_concatenations_from_slices {
        net Test(x: [20, 42, 40]) -> [30, 42, 40] {
            let y = x[8..] -> conv: [Conv2d(40, 1), ReLU, Conv2d(40, 3, padding = 1, groups = 40), ReLU, Conv2d(10, 1)];
            (x, y) -> Concat
        }
    }

    two_in_a_row {
        net Test(x: [8, 42, 40]) -> [8, 21, 20] {
            x -> blocks: [InvertedResidual(8, 1, 5), InvertedResidual(8, 2, 5), InvertedResidual(8, 1, 5)]
        }
    }

    a_depthwise_chain {
        net Test(x: [24, 54, 52]) -> [24, 54, 52] {
            x -> layers: [Conv2d(24, 1), ReLU, Conv2d(24, 3, padding = 1, groups = 24), ReLU, Conv2d(24, 3, padding = 1, groups = 24), ReLU, Conv2d(24, 1)]
        }
    }

    more_taps_than_the_kernel_has {
        net Test(x: [4, 54, 52]) -> [4, 54, 52] {
            x -> layers: [Conv2d(24, 1), ReLU, Conv2d(24, kernel_size = (17, 1), padding = (8, 0), groups = 24), ReLU, Conv2d(4, 1)]
        }
    }

    channels_that_are_no_multiple_of_eight_stay_apart {
        net Test(x: [4, 54, 52]) -> [4, 54, 52] {
            x -> layers: [Conv2d(28, 1), ReLU, Conv2d(28, 3, padding = 1, groups = 28), ReLU, Conv2d(4, 1)]
        }
    }
}
