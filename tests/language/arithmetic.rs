//! Arithmetic: operators between tensors, with scalars on either side, broadcast along every axis; gates; `param`.

use crate::support::check;

check! {
    every_operator {
        net Test(a: [6, 3, 5], b: [6, 3, 5]) -> ([6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5]) {
            (a + b, a - b, a * b, a / (b * b + 1), max(a, b), min(a, b), -a)
        }
    }

    scalars_on_either_side {
        net Test(x: [6, 3, 5]) -> ([6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5], [6, 3, 5]) {
            (x + 1.5, 1.5 - x, x - 0.5, 3 * x, x / 3, 2 / (x * x + 0.5), max(x, 0.25), min(-0.25, x))
        }
    }

    scalars_after_a_convolution {
        net Test(x: [6, 5, 5]) {
            (for (i, k) in [(0, 0.5), (1, -2.0)] {
                let y = x -> "{i}": Conv2d(7, 1);
                (1 - y, min(max(y * k, -1), 2), -y / 4, k / (y * y + 1)) -> Concat
            }) -> Concat
        }
    }

    a_vector_with_a_map {
        net Test(x: [10, 4, 5], v: [10]) -> ([10, 4, 5], [10, 4, 5], [10, 4, 5], [10, 4, 5]) {
            (x * v, v - x, max(v, x), x / (v * v + 1))
        }
    }

    rows_columns_and_channels {
        net Test(x: [5, 4, 6], row: [5, 1, 6], column: [5, 4, 1], plane: [1, 4, 6], dot: [1, 1, 1]) -> ([5, 4, 6], [5, 4, 6], [5, 4, 6], [5, 4, 6], [5, 4, 6]) {
            (x + row, column * x, x - plane, dot * x, row * column)
        }
    }

    outer_products {
        net Test(row: [1, 1, 6], column: [1, 4, 1], channels: [9]) -> ([1, 4, 6], [9, 4, 6], [9, 1, 6]) {
            (row + column, row * column * channels, channels - row)
        }
    }

    seventeen_channels_broadcast {
        net Test(x: [17, 3, 3], plane: [1, 3, 3], v: [17]) -> ([17, 3, 3], [17, 3, 3]) {
            (x * plane + v, (plane -> Sigmoid) * (x - v -> ReLU))
        }
    }

    operands_that_are_slices {
        net Test(x: [24, 4, 5]) -> ([8, 4, 5], [8, 4, 5], [5, 4, 5]) {
            let (a, b, c) = x -> Chunk(3);
            (a * b + c, max(x[1..9], x[13..21]), x[..5] - x[19..])
        }
    }

    a_tensor_with_itself {
        net Test(x: [6, 4, 5]) -> ([6, 4, 5], [6, 4, 5]) {
            let y = x -> conv: Conv2d(6, 3, padding = 1);
            (x + x, y * y)
        }
    }

    learnt_tensors {
        net Test(x: [6, 4, 5]) -> ([6, 4, 5], [6, 4, 5], [6, 4, 5], [6, 4, 5]) {
            param vector: [6];
            param map: [6, 4, 5];
            param batched: [1, 6, 1, 1];
            param row: [1, 1, 5];
            (x * vector + map, x * batched, vector - x, (x + row) * (vector + batched))
        }
    }

    a_learnt_tensor_as_an_output_and_in_a_concatenation {
        net Test(x: [6, 4, 5]) -> ([3, 4, 5], [9, 4, 5]) {
            param token: [3, 4, 5];
            (token, (x, token) -> Concat)
        }
    }

    a_gate_before_a_pointwise_convolution {
        net Test(x: [24, 12, 12]) -> [16, 12, 12] {
            let gate = x -> GlobalAvgPool -> fc: [Linear(6), ReLU, Linear(24), Sigmoid];
            x * gate -> project: [Conv2d(16, 1, bias = false), BatchNorm2d]
        }
    }

    a_gate_before_a_3x3_convolution {
        net Test(x: [8, 20, 20]) -> [10, 10, 10] {
            let gate = x -> AdaptiveAvgPool2d(1) -> fc: [Conv2d(4, 1), SiLU, Conv2d(8, 1), Hardsigmoid];
            gate * x -> conv: Conv2d(10, 3, stride = 2, padding = 1) -> Hardswish
        }
    }

    a_gate_of_an_odd_number_of_channels {
        net Test(x: [13, 9, 9]) -> [11, 9, 9] {
            let gate = x -> GlobalAvgPool -> Sigmoid;
            x * gate -> conv: Conv2d(11, 1)
        }
    }

    a_gate_too_small_to_go_into_the_weights {
        net Test(x: [40, 3, 3]) -> [64, 3, 3] {
            x * (x -> GlobalAvgPool -> fc: Linear(40) -> Sigmoid) -> conv: Conv2d(64, 1)
        }
    }

    a_gated_map_that_two_read {
        net Test(x: [8, 12, 12]) -> ([8, 12, 12], [8, 12, 12]) {
            let y = x * (x -> GlobalAvgPool -> Sigmoid);
            (y -> conv: Conv2d(8, 1), y)
        }
    }

    a_gate_that_comes_from_elsewhere {
        net Test(x: [8, 12, 12], gate: [8]) -> [8, 12, 12] {
            x * gate -> conv: Conv2d(8, 1) -> ReLU
        }
    }

    a_gate_that_follows_the_convolution {
        net Test(x: [8, 12, 12], gate: [8]) -> [8, 12, 12] {
            (x -> conv: Conv2d(8, 1)) * gate + x
        }
    }

    a_gate_for_a_grouped_and_a_depthwise_convolution {
        net Test(x: [8, 12, 12], gate: [8]) -> ([8, 12, 12], [8, 12, 12]) {
            (x * gate -> a: Conv2d(8, 1, groups = 2), x * gate -> b: Conv2d(8, 3, padding = 1, groups = 8))
        }
    }

    gate_and_residual {
        net Test(x: [16, 12, 12]) -> [16, 12, 12] {
            let y = x -> expand: Conv2d(32, 1) -> ReLU;
            let gate = y -> GlobalAvgPool -> fc: Linear(32) -> Hardsigmoid;
            (y * gate -> project: Conv2d(16, 1)) + x -> ReLU
        }
    }
}
