//! Activations: on their own, after a convolution, in chains; softmax; learnt factors and slopes.

use crate::support::check;

check! {
    piecewise_linear_ones {
        net Test(x: [5, 3, 7]) -> ([5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7]) {
            let y = x * 4;
            (y -> ReLU, y -> ReLU6, y -> Hardswish, y -> Hardsigmoid, y -> LeakyReLU, y -> LeakyReLU(0.3), y -> Identity)
        }
    }

    exponential_ones {
        net Test(x: [5, 3, 7]) -> ([5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7]) {
            let y = x * 3;
            (y -> Sigmoid, y -> SiLU, y -> Tanh, y -> GELU(approximate = none), y -> GELU(approximate = tanh), y -> Mish, y -> ELU, y -> ELU(alpha = 0.7), y -> HSwish)
        }
    }

    sigmoid_linear_units_with_other_constants {
        net Test(x: [5, 3, 7]) -> ([5, 3, 7], [5, 3, 7], [5, 3, 7], [5, 3, 7]) {
            let y = x * 3;
            (
                y * ((y - 0.5) -> Sigmoid), y * ((y + 3) -> Sigmoid) / -6,
                y * ((y + 100) -> Sigmoid), y * ((y + 3) -> Sigmoid) * 1000000000
            )
        }
    }

    after_a_pointwise_convolution {
        net Test(x: [6, 4, 5]) {
            let units = (for act in [ReLU, ReLU6, Hardswish, Hardsigmoid, Sigmoid, SiLU, Tanh, GELU, Mish, LeakyReLU(0.2), ELU, HSwish] {
                x -> "{act}": Conv2d(9, 1) -> act
            });
            units -> Concat
        }
    }

    after_a_3x3_convolution {
        net Test(x: [3, 6, 6]) {
            (for (i, act) in [(0, Hardswish), (1, SiLU), (2, GELU), (3, PReLU), (4, Softmax)] {
                x -> "{i}": [Conv2d(8, 3, padding = 1, bias = false), BatchNorm2d, act]
            }) -> Concat
        }
    }

    after_a_depthwise_convolution {
        net Test(x: [10, 6, 6]) {
            (for (i, act) in [(0, ReLU6), (1, Mish), (2, HSwish), (3, Tanh), (4, PReLU(10))] {
                x -> "{i}": [Conv2d(10, 3, padding = 1, groups = 10, bias = false), BatchNorm2d, act]
            }) -> Concat
        }
    }

    after_pools_and_batch_norm {
        net Test(x: [12, 6, 8]) {
            let a = x -> MaxPool2d(2) -> Hardswish;
            let b = x -> AvgPool2d(2) -> Tanh;
            let c = x -> bn: BatchNorm2d -> SiLU -> AvgPool2d(2);
            let d = x -> AdaptiveAvgPool2d([3, 4]) -> Sigmoid;
            a * b + c / (d + 1)
        }
    }

    of_vectors {
        net Test(x: [37]) -> ([37], [37], [37], [37], [20]) {
            (x -> Hardswish, x -> GELU, x -> one: PReLU, x -> each: PReLU(37), x -> fc: Linear(20) -> ELU)
        }
    }

    one_slope_and_a_slope_for_each_channel {
        net Test(x: [19, 4, 3]) -> ([19, 4, 3], [19, 4, 3]) {
            (x -> one: PReLU, x -> each: PReLU(num_parameters = 19))
        }
    }

    a_learnt_factor {
        net Test(x: [11, 4, 3]) -> ([11, 4, 3], [11, 4, 3], [11]) {
            let y = x -> scale: Scale;
            (y, x -> conv: Conv2d(11, 1) -> layer_scale: Scale -> ReLU, x -> GlobalAvgPool -> last: Scale)
        }
    }

    batch_norm_on_its_own {
        net Test(x: [13, 5, 4]) -> ([13, 5, 4], [13, 5, 4]) {
            (x -> bn: BatchNorm2d, x -> bn2: BatchNorm2d(eps = 1e-3) -> Hardswish)
        }
    }

    softmax_of_each_axis {
        net Test(x: [7, 5, 9], v: [33]) -> ([7, 5, 9], [7, 5, 9], [7, 5, 9], [7, 5, 9], [33]) {
            let y = x * 5;
            (y -> Softmax, y -> Softmax(axis = channels), y -> Softmax(axis = height), y -> Softmax(axis = width), v * 10 -> Softmax)
        }
    }

    softmax_of_a_slice {
        net Test(x: [24, 5, 6]) -> ([16, 5, 6], [8, 5, 6]) {
            (x[8..] -> Softmax, x[3..11] -> Softmax(axis = height))
        }
    }

    h_swish_in_every_spelling {
        net Test(x: [8, 5, 5]) {
            let a = x -> a: Conv2d(8, 1);
            let b = x -> b: Conv2d(8, 1);
            let c = x -> c: Conv2d(8, 1);
            let d = x -> d: Conv2d(8, 1);
            let e = x -> e: Conv2d(8, 1);
            let r = x -> r: Conv2d(8, 1);
            (
                a * (a + 3 -> ReLU6) / 6,
                (3 + b -> ReLU6) * b * (1 / 6.0),
                c * (c + 3 -> Sigmoid) / 6,
                (d - 1.5 -> Sigmoid) * d,
                (e + 2 -> Sigmoid) * e * 0.25,
                r * (r * r -> Tanh) - (r -> Sigmoid),
            ) -> Concat
        }
    }

    chains {
        net Test(x: [9, 4, 4]) -> ([9, 4, 4], [9, 4, 4]) {
            (x -> conv: Conv2d(9, 1) -> ReLU6 -> Tanh -> LeakyReLU(0.5), 1 - (x * 2 + 1 -> Sigmoid))
        }
    }
}
