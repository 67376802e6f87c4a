//! Concatenations, slices, parts, flattening; several inputs and outputs; what shares memory and what must not.

use crate::support::check;

check! {
    concatenations_along_each_axis {
        net Test(a: [4, 3, 5], b: [7, 3, 5], c: [4, 2, 5], d: [4, 3, 6]) -> ([11, 3, 5], [4, 5, 5], [4, 3, 11]) {
            ((a, b) -> Concat, (a, c) -> Concat(axis = height), (a, d) -> Concat(axis = width))
        }
    }

    concatenations_of_computed_tensors {
        net Test(x: [5, 4, 6]) -> ([22, 4, 6], [5, 12, 6], [5, 4, 18]) {
            let a = x -> a: Conv2d(5, 3, padding = 1);
            let b = x -> b: Conv2d(5, 1) -> ReLU;
            let c = x -> c: Conv2d(5, 3, padding = 1, groups = 5);
            ((x -> d: Conv2d(7, 1), a, b, x) -> Concat -> ReLU, (c, a + b, x) -> Concat(axis = height), (a, b - c, c) -> Concat(axis = width))
        }
    }

    the_same_tensor_twice {
        net Test(x: [5, 4, 6]) -> ([10, 4, 6], [15, 4, 6], [5, 8, 6], [5, 4, 12], [20, 4, 6]) {
            let y = x -> conv: Conv2d(5, 1);
            let z = (y, x, y) -> Concat;
            ((x, x) -> Concat, z, (y, y) -> Concat(axis = height), (y, y) -> Concat(axis = width), (z, y) -> Concat)
        }
    }

    nested_concatenations {
        net Test(x: [3, 4, 4]) -> [36, 4, 4] {
            let a = (x, x -> a: Conv2d(4, 3, padding = 1)) -> Concat;
            let b = (a, a -> b: Conv2d(5, 3, padding = 1)) -> Concat;
            let c = (b, b -> c: Conv2d(6, 1)) -> Concat;
            (c, x, c -> d: Conv2d(15, 1)) -> Concat
        }
    }

    a_concatenation_of_rows_in_one_of_channels {
        net Test(x: [3, 4, 4]) -> ([9, 8, 4], [6, 8, 4], [6, 8, 8]) {
            let a = x -> a: Conv2d(3, 1);
            let tall = (a, x -> b: Conv2d(3, 3, padding = 1)) -> Concat(axis = height);
            let other = (x, a) -> Concat(axis = height);
            let both = (tall, other) -> Concat;
            ((tall, tall -> c: Conv2d(3, 1), other) -> Concat, both, (both, both * 2) -> Concat(axis = width))
        }
    }

    concatenations_that_are_outputs_and_read {
        net Test(x: [3, 4, 4]) -> ([7, 4, 4], [7, 4, 4], [4, 4, 4]) {
            let y = x -> a: Conv2d(4, 1);
            let whole = (x, y) -> Concat;
            (whole, whole -> b: Conv2d(7, 3, padding = 1), y)
        }
    }

    concatenations_of_vectors {
        net Test(x: [6, 3, 3], v: [5]) -> ([11], [17], [10]) {
            let g = x -> GlobalAvgPool;
            ((g, v) -> Concat, (g, v, g) -> Concat, (g, v) -> Concat -> fc: Linear(10))
        }
    }

    slices {
        net Test(x: [12, 4, 5], v: [9]) -> ([3, 4, 5], [9, 4, 5], [5, 4, 5], [1, 4, 5], [12, 4, 5], [4]) {
            (x[..3], x[3..], x[4..9], x[11..], x[..], v[2..6])
        }
    }

    slices_that_layers_read {
        net Test(x: [12, 5, 5]) -> ([6, 5, 5], [7, 3, 3], [5, 5, 5], [4], [24], [5, 5, 5]) {
            (
                x[1..4] -> a: Conv2d(6, 1),
                x[5..] -> b: Conv2d(7, 3, stride = 2, padding = 1, groups = 7),
                x[2..7] -> c: [Conv2d(5, 3, padding = 1), ReLU],
                x[8..] -> GlobalAvgPool,
                x[3..] -> AvgPool2d(3, 1) -> Flatten -> d: Linear(24),
                x[6..11] -> bn: BatchNorm2d -> Tanh,
            )
        }
    }

    slices_of_computed_tensors {
        net Test(x: [6, 5, 5]) -> ([4, 5, 5], [16, 5, 5], [3, 5, 5]) {
            let y = x -> conv: [Conv2d(16, 1), SiLU];
            (y[..4], (y[8..] -> a: Conv2d(8, 3, padding = 1), y[..8]) -> Concat, y[9..14][1..4])
        }
    }

    parts_along_each_axis {
        net Test(x: [6, 4, 9]) -> ([2, 4, 9], [2, 4, 9], [6, 2, 9], [6, 2, 9], [6, 4, 3], [6, 4, 3]) {
            let (a, b, c) = x -> Chunk(3);
            let (top, bottom) = x * 2 -> Chunk(2, axis = height);
            let (left, _middle, right) = x -> Chunk(3, axis = width);
            (a + c, b, top, bottom - top, left, right)
        }
    }

    parts_that_layers_read {
        net Test(x: [6, 4, 8]) -> ([5, 2, 8], [5, 4, 4], [6, 2, 8], [6, 4, 4], [48]) {
            let y = x -> conv: Conv2d(6, 1);
            let (top, bottom) = y -> Chunk(2, axis = height);
            let (left, right) = y -> Chunk(2, axis = width);
            (
                bottom -> a: Conv2d(5, 3, padding = 1),
                right -> b: Conv2d(5, 3, padding = 1),
                top -> c: Conv2d(6, 3, padding = 1, groups = 6),
                left -> MaxPool2d(3, 1, 1),
                bottom[1..4] -> Flatten,
            )
        }
    }

    a_chunk_whose_parts_come_together_again {
        net Test(x: [8, 4, 4]) -> ([8, 4, 4], [8, 4, 4]) {
            let (a, b) = x -> Chunk(2);
            ((b, a) -> Concat, (a, b -> conv: Conv2d(4, 3, padding = 1)) -> Concat)
        }
    }

    a_split_and_merge_stage {
        net Test(x: [8, 6, 6]) -> [10, 6, 6] {
            let y = x -> cv1: Conv(12, 1);
            let a = y[..6];
            let b = y[6..];
            let c = b -> m: [Conv(6, 3), Conv(6, 3)];
            let d = b + c;
            (a, b, d) -> Concat -> cv2: Conv(10, 1)
        }
    }

    flattening_is_pytorch_s {
        net Test(x: [5, 3, 4], v: [7]) -> ([60], [7], [24], [60], [5]) {
            (x -> Flatten, v -> Flatten, x[1..3] -> Flatten, (x -> ReLU) -> Flatten -> Sigmoid, x -> AdaptiveAvgPool2d(1) -> Flatten)
        }
    }

    flat_vectors_in_a_concatenation {
        net Test(x: [5, 3, 4]) -> [94] {
            (x -> Flatten, x -> GlobalAvgPool, x -> conv: Conv2d(2, 1) -> Flatten, x -> AdaptiveAvgPool2d(1) -> Flatten) -> Concat
        }
    }

    inputs_handed_on {
        net Test(x: [5, 3, 4], y: [6]) -> ([5, 3, 4], [6], [5, 3, 4], [6]) {
            (x, y, x -> Dropout(0.2), y -> Identity)
        }
    }

    one_tensor_as_several_outputs {
        net Test(x: [5, 3, 4]) -> ([7, 3, 4], [7, 3, 4], [7, 3, 4]) {
            let y = x -> conv: Conv2d(7, 1) -> ReLU;
            (y, y, y -> Dropout)
        }
    }

    outputs_that_later_layers_read {
        net Test(x: [5, 8, 8]) -> ([6, 8, 8], [7, 4, 4], [8, 2, 2]) {
            let a = x -> a: Conv2d(6, 3, padding = 1) -> ReLU;
            let b = a -> b: Conv2d(7, 3, stride = 2, padding = 1) -> ReLU;
            let c = b -> c: Conv2d(8, 3, stride = 2, padding = 1) -> ReLU;
            (a, b, c)
        }
    }

    outputs_that_are_slices_of_one_tensor {
        net Test(x: [6, 4, 4]) -> ([2, 4, 4], [4, 4, 4], [6, 4, 4]) {
            let y = x -> conv: Conv2d(6, 1);
            (y[..2], y[2..], y)
        }
    }

    several_inputs {
        net Test(image: [3, 8, 8], depth: [1, 8, 8], pose: [6]) -> [9] {
            let f = (image, depth) -> Concat -> stem: [Conv2d(12, 3, stride = 2, padding = 1), ReLU];
            let g = f * (pose -> gate: Linear(12) -> Sigmoid);
            (g -> GlobalAvgPool, pose) -> Concat -> head: Linear(9)
        }
    }

    what_nobody_wants_is_not_run {
        net Test(x: [6, 4, 4]) -> [6, 4, 4] {
            let (a, _b) = x -> Chunk(2);
            (a, a -> conv: Conv2d(3, 1)) -> Concat
        }
    }
}
