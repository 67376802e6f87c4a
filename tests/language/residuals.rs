//! Sums: residuals before and after activations, from every direction, of several tensors.

use crate::support::check;

check! {
    after_a_convolution {
        net Test(x: [9, 5, 6]) -> ([9, 5, 6], [9, 5, 6], [9, 5, 6], [9, 5, 6]) {
            (
                x + (x -> a: Conv2d(9, 1)),
                (x -> b: [Conv2d(9, 3, padding = 1, bias = false), BatchNorm2d]) + x,
                (x -> c: Conv2d(9, 3, padding = 1, groups = 9)) + x,
                (x -> d: Conv2d(9, 1, groups = 3)) + x,
            )
        }
    }

    before_an_activation {
        net Test(x: [9, 5, 6]) -> ([9, 5, 6], [9, 5, 6], [9, 5, 6]) {
            (
                x + (x -> a: Conv2d(9, 3, padding = 1)) -> ReLU,
                x + (x -> b: Conv2d(9, 3, padding = 1, groups = 9)) -> HSwish,
                (x -> c: Conv2d(9, 1) -> Tanh) + x -> Hardswish,
            )
        }
    }

    after_an_activation {
        net Test(x: [9, 5, 6]) -> ([9, 5, 6], [9, 5, 6], [9, 5, 6]) {
            (
                x + (x -> a: Conv2d(9, 3, padding = 1) -> SiLU),
                (x -> b: Conv2d(9, 3, padding = 1, groups = 9) -> ReLU6) + x,
                x + (x -> c: Conv2d(9, 1) -> GELU) * 0.5,
            )
        }
    }

    of_two_branches {
        net Test(x: [6, 8, 8]) -> [10, 4, 4] {
            (x -> conv: [Conv2d(10, 3, stride = 2, padding = 1, bias = false), BatchNorm2d])
                + (x -> downsample: [Conv2d(10, 1, stride = 2, bias = false), BatchNorm2d])
                -> ReLU
        }
    }

    a_difference_is_no_sum {
        net Test(x: [9, 5, 6]) -> ([9, 5, 6], [9, 5, 6]) {
            (x - (x -> a: Conv2d(9, 1)), (x -> b: Conv2d(9, 1)) * x)
        }
    }

    of_a_slice_and_of_a_part_of_a_concatenation {
        net Test(x: [12, 5, 6]) -> ([5, 5, 6], [12, 5, 6], [24, 5, 6]) {
            let a = x[..5] -> a: Conv2d(5, 3, padding = 1);
            let b = x -> b: Conv2d(12, 1);
            (a + x[7..], b + x, (x + (b -> c: Conv2d(12, 1)) -> ReLU, b) -> Concat)
        }
    }

    of_a_residual_that_broadcasts {
        net Test(x: [9, 5, 6], v: [9], plane: [1, 5, 6]) -> ([9, 5, 6], [9, 5, 6]) {
            ((x -> a: Conv2d(9, 1)) + v -> ReLU, plane + (x -> b: Conv2d(9, 1)))
        }
    }

    of_one_map_by_many {
        net Test(x: [8, 5, 5]) -> [8, 5, 5] {
            let a = x + (x -> "0": Conv2d(8, 1) -> ReLU);
            let b = a + (a -> "1": Conv2d(8, 1) -> ReLU) + x;
            let c = (b -> "2": Conv2d(8, 3, padding = 1)) + a + b;
            c + (x -> "3": Conv2d(8, 1))
        }
    }

    of_a_tensor_with_its_own_activation {
        net Test(x: [8, 5, 5]) -> ([8, 5, 5], [8, 5, 5]) {
            let y = x -> conv: Conv2d(8, 1);
            (y + (y -> Sigmoid), (x -> Tanh) + x)
        }
    }

    sums_of_three_and_more {
        net Test(x: [8, 5, 5], v: [8], dot: [1, 1, 1]) -> ([8, 5, 5], [8, 5, 5], [8, 5, 5], [8, 5, 5]) {
            let a = x -> a: Conv2d(8, 1);
            let b = x -> b: Conv2d(8, 3, padding = 1);
            (
                (a, b, x) -> Sum,
                (a, v, b, x, dot) -> Sum -> ReLU,
                (x, x, x) -> Sum,
                (dot, v, a) -> Sum,
            )
        }
    }

    sums_of_loops {
        net Test(x: [6, 5, 5]) -> [6, 5, 5] {
            (for i in 0..4 { x -> "branch.{i}": [Conv2d(6, 2 * i + 1, padding = i), BatchNorm2d] }) -> Sum -> Hardswish
        }
    }

    into_the_outputs {
        net Test(x: [6, 5, 5]) -> ([6, 5, 5], [6, 5, 5]) {
            let y = x -> a: Conv2d(6, 1);
            (y, y + (y -> b: Conv2d(6, 3, padding = 1)))
        }
    }

    dense_growth {
        net Test(x: [6, 5, 5]) -> [14, 5, 5] {
            let features = x;
            let features = (features, features -> "denselayer{1}": Unit(4)) -> Concat;
            let features = (features, features -> "denselayer{2}": Unit(4)) -> Concat;
            features -> norm: BatchNorm2d -> ReLU
        }
        block Unit(x; growth) {
            x -> norm1: BatchNorm2d -> ReLU -> conv1: Conv2d(8, 1, bias = false)
              -> norm2: BatchNorm2d -> ReLU -> conv2: Conv2d(growth, 3, padding = 1, bias = false)
        }
    }
}
