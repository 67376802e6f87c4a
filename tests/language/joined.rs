//! Inverted residuals large enough that the pointwise convolutions before and after a depthwise one are joined with it: for each row of its
//! window, and three at least, 49,152 floats and more lie between them; 196,608 where nothing is expanded, 262,144 where nothing is projected. Each
//! program says how many steps of its plan are joined.

use crate::support::{check, graph};
use lightconv_compiler::fuse::fuse;
use lightconv_compiler::plan::Work;

macro_rules! check_joined {
    ($($name:ident $joined:literal { $($program:tt)* })*) => {
        check! { $($name { $($program)* })* }

        #[test]
        fn as_many_are_joined_as_said() {
            $(assert_eq!(joined(stringify!($($program)*)), $joined, stringify!($name));)*
        }
    };
}

fn joined(program: &str) -> usize {
    let steps = fuse(&graph(program)).steps;
    steps.iter().filter(|step| matches!(step.work, Work::Joined { .. } | Work::Separable { .. })).count()
}

check_joined! {
    expansion_and_projection_with_a_residual 1 {
        net Test(x: [12, 52, 53]) -> [12, 52, 53] {
            x + (x -> conv: [
                Conv2d(72, 1, bias = false), BatchNorm2d, HSwish,
                Conv2d(72, 3, padding = 1, groups = 72, bias = false), BatchNorm2d, HSwish,
                Conv2d(12, 1, bias = false), BatchNorm2d,
            ])
        }
    }

    expansion_and_projection_with_a_stride 1 {
        net Test(x: [10, 65, 64]) -> [13, 33, 32] {
            x -> conv: [
                Conv2d(48, 1, bias = false), BatchNorm2d, ReLU6,
                Conv2d(48, 3, stride = 2, padding = 1, groups = 48, bias = false), BatchNorm2d, ReLU6,
                Conv2d(13, 1, bias = false), BatchNorm2d,
            ]
        }
    }

    five_by_five 2 {
        net Test(x: [6, 72, 70]) -> ([9, 72, 70], [9, 36, 35]) {
            (
                x -> a: [Conv2d(56, 1), Hardswish, Conv2d(56, 5, padding = 2, groups = 56), Hardswish, Conv2d(9, 1), ReLU],
                x -> b: [Conv2d(56, 1), SiLU, Conv2d(56, 5, stride = 2, padding = 2, groups = 56), Conv2d(9, 1)],
            )
        }
    }

    as_many_floats_as_three_rows_need 1 {
        net Test(x: [6, 56, 56]) -> ([9, 56, 56], [9, 56, 56]) {
            (
                x -> a: [Conv2d(48, 1), ReLU, Conv2d(48, 3, padding = 1, groups = 48), ReLU, Conv2d(9, 1)],
                x -> b: [Conv2d(48, 1), ReLU, Conv2d(48, (4, 3), padding = same, groups = 48), ReLU, Conv2d(9, 1)],
            )
        }
    }

    narrow_rows_of_which_the_last_band_has_one 1 {
        net Test(x: [8, 486, 7]) -> [24, 486, 7] {
            x -> conv: [Conv2d(48, 1), ReLU, Conv2d(48, 3, padding = 1, groups = 48), ReLU, Conv2d(24, 1)]
        }
    }

    expansion_alone 2 {
        net Test(x: [5, 106, 104]) -> ([24, 106, 104], [24, 53, 52]) {
            (
                x -> a: [Conv2d(24, 1, bias = false), BatchNorm2d, ReLU, Conv2d(24, 3, padding = 1, groups = 24), HSwish],
                x -> b: [Conv2d(24, 1), Tanh, Conv2d(24, 3, stride = 2, padding = 1, groups = 24)],
            )
        }
    }

    // the kernel makes the means of the rows too; a maximum, and a mean of parts, read the map itself
    global_average_after_it 1 {
        net Test(x: [5, 106, 104]) -> ([24, 1, 1], [24, 1, 1], [24, 2, 2], [24, 106, 104]) {
            let wide = x -> [Conv2d(24, 1), ReLU, Conv2d(24, 3, padding = 1, groups = 24), HSwish];
            let gate = wide -> [AdaptiveAvgPool2d(1), Sigmoid];
            (gate, wide -> AdaptiveMaxPool2d(1), wide -> AdaptiveAvgPool2d(2), wide * gate)
        }
    }

    projection_alone 2 {
        net Test(x: [72, 92, 90]) -> ([7, 92, 90], [72, 92, 90]) {
            let a = x -> a: [Conv2d(72, 3, padding = 1, groups = 72, bias = false), BatchNorm2d, ReLU6, Conv2d(7, 1)];
            (a, (x -> c: [Conv2d(72, 3, padding = 1, groups = 72), SiLU, Conv2d(72, 1)]) + x)
        }
    }

    projection_alone_with_a_stride 1 {
        net Test(x: [72, 184, 180]) -> [16, 92, 90] {
            x -> b: [Conv2d(72, 3, stride = 2, padding = 1, groups = 72), Conv2d(16, 1), ReLU]
        }
    }

    projection_alone_of_what_stays_in_the_cache 0 {
        net Test(x: [24, 90, 90]) -> [7, 90, 90] {
            x -> a: [Conv2d(24, 3, padding = 1, groups = 24), ReLU, Conv2d(7, 1)]
        }
    }

    projection_of_a_narrow_map 2 {
        net Test(x: [96, 318, 20]) -> ([20, 318, 20], [33, 316, 18]) {
            (
                x -> a: [Conv2d(96, 3, padding = 1, groups = 96), ReLU, Conv2d(20, 1)],
                x -> b: [Conv2d(96, 3, groups = 96), Conv2d(33, 1), Hardswish],
            )
        }
    }

    dilations_and_rectangles 3 {
        net Test(x: [6, 70, 72]) -> ([8, 70, 72], [8, 68, 70], [8, 35, 72]) {
            (
                x -> a: [Conv2d(56, 1), ReLU, Conv2d(56, 3, padding = 2, dilation = 2, groups = 56), ReLU, Conv2d(8, 1)],
                x -> b: [Conv2d(56, 1), ReLU, Conv2d(56, (5, 3), padding = (1, 0), groups = 56), ReLU, Conv2d(8, 1)],
                x -> c: [Conv2d(56, 1), ReLU, Conv2d(56, 3, stride = (2, 1), padding = 1, groups = 56), Conv2d(8, 1)],
            )
        }
    }

    same_padding 2 {
        net Test(x: [6, 70, 72]) -> ([8, 35, 36], [8, 70, 72]) {
            (
                x -> a: [Conv2d(40, 1), ReLU, Conv2d(40, 3, stride = 2, padding = same, groups = 40), ReLU, Conv2d(8, 1)],
                x -> b: [Conv2d(40, 1), ReLU, Conv2d(40, 4, padding = same, groups = 40), ReLU, Conv2d(8, 1)],
            )
        }
    }

    a_tap_between_keeps_them_apart 0 {
        net Test(x: [6, 70, 72]) -> ([8, 70, 72], [40], [40, 70, 72]) {
            let wide = x -> expand: Conv2d(40, 1) -> ReLU;
            let deep = wide -> dw: Conv2d(40, 3, padding = 1, groups = 40) -> ReLU;
            (deep -> project: Conv2d(8, 1), wide -> GlobalAvgPool, deep)
        }
    }

    squeeze_and_excitation_between 2 {
        net Test(x: [8, 70, 70]) -> ([8, 70, 70], [12, 35, 35]) {
            (x -> a: InvertedResidual(8, 1, 7, use_se = true), x -> b: InvertedResidual(12, 2, 7, use_se = true))
        }
    }

    residual_and_activation_after_it 1 {
        net Test(x: [9, 52, 53], y: [9, 52, 53]) -> [9, 52, 53] {
            let z = x -> conv: [Conv2d(72, 1), ReLU, Conv2d(72, 3, padding = 1, groups = 72), ReLU, Conv2d(9, 1), Tanh];
            z + y -> SiLU
        }
    }

    into_concatenations_from_slices 1 {
        net Test(x: [20, 70, 72]) -> [30, 70, 72] {
            let y = x[8..] -> conv: [Conv2d(40, 1), ReLU, Conv2d(40, 3, padding = 1, groups = 40), ReLU, Conv2d(10, 1)];
            (x, y) -> Concat
        }
    }

    two_in_a_row 2 {
        net Test(x: [8, 70, 72]) -> [8, 35, 36] {
            x -> blocks: [InvertedResidual(8, 1, 5), InvertedResidual(8, 2, 5), InvertedResidual(8, 1, 5)]
        }
    }

    a_depthwise_chain 2 {
        net Test(x: [24, 92, 90]) -> [24, 92, 90] {
            x -> layers: [Conv2d(72, 1), ReLU, Conv2d(72, 3, padding = 1, groups = 72), ReLU, Conv2d(72, 3, padding = 1, groups = 72), ReLU, Conv2d(24, 1)]
        }
    }

    more_taps_than_the_kernel_has 0 {
        net Test(x: [4, 92, 90]) -> [4, 92, 90] {
            x -> layers: [Conv2d(24, 1), ReLU, Conv2d(24, kernel_size = (17, 1), padding = (8, 0), groups = 24), ReLU, Conv2d(4, 1)]
        }
    }

    channels_that_are_no_multiple_of_eight_stay_apart 0 {
        net Test(x: [4, 84, 85]) -> [4, 84, 85] {
            x -> layers: [Conv2d(28, 1), ReLU, Conv2d(28, 3, padding = 1, groups = 28), ReLU, Conv2d(4, 1)]
        }
    }
}
