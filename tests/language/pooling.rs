//! Pooling: windows of every kind, adaptive and global means.

use crate::support::check;

check! {
    maxima {
        net Test(x: [11, 9, 10]) -> ([11, 4, 5], [11, 5, 5], [11, 9, 10], [11, 4, 3], [11, 5, 6], [11, 5, 6]) {
            (
                x -> MaxPool2d(2),
                x -> MaxPool2d(3, 2, 1),
                x -> MaxPool2d(3, stride = 1, padding = 1),
                x -> MaxPool2d((2, 3), stride = [2, 3]),
                x -> MaxPool2d(3, stride = 2, dilation = 1, padding = 1, ceil_mode = true),
                x -> MaxPool2d(3, stride = 1, dilation = 2),
            )
        }
    }

    maxima_of_negative_numbers_do_not_see_the_padding {
        net Test(x: [8, 7, 7]) -> ([8, 4, 4], [8, 4, 4]) {
            let y = -(x * x) - 1;
            (y -> MaxPool2d(3, 2, 1), y -> MaxPool2d(2, 2, padding = same))
        }
    }

    means {
        net Test(x: [11, 9, 10]) -> ([11, 4, 5], [11, 5, 5], [11, 9, 10], [11, 4, 3], [11, 5, 5], [11, 5, 6]) {
            (
                x -> AvgPool2d(2),
                x -> AvgPool2d(3, 2, 1),
                x -> AvgPool2d(3, stride = 1, padding = 1, count_include_pad = false),
                x -> AvgPool2d((2, 3), stride = [2, 3]),
                x -> AvgPool2d(3, stride = 2, padding = 1, count_include_pad = false),
                x -> AvgPool2d(3, stride = 2, padding = 1, ceil_mode = true),
            )
        }
    }

    means_with_a_ceiling {
        net Test(x: [3, 8, 9]) -> ([3, 4, 5], [3, 4, 5], [3, 3, 3], [3, 3, 4]) {
            (
                x -> AvgPool2d(2, ceil_mode = true),
                x -> AvgPool2d(2, ceil_mode = true, count_include_pad = false),
                x -> AvgPool2d(3, ceil_mode = true),
                x -> AvgPool2d(4, 3, 1, ceil_mode = true, count_include_pad = false),
            )
        }
    }

    padded_as_tensorflow_does {
        net Test(x: [8, 9, 10]) -> ([8, 5, 5], [8, 2, 2], [8, 5, 5], [8, 9, 10]) {
            (
                x -> MaxPool2d(3, 2, padding = same),
                x -> AvgPool2d((6, 5), padding = same),
                x -> AvgPool2d(3, 2, padding = same, count_include_pad = false),
                x -> AvgPool2d(2, 1, padding = same, count_include_pad = false),
            )
        }
    }

    adaptive_means {
        net Test(x: [9, 7, 10]) -> ([9, 1, 1], [9, 3, 3], [9, 2, 5], [9, 7, 4], [9, 7, 10], [9, 9, 12]) {
            (
                x -> AdaptiveAvgPool2d(1),
                x -> AdaptiveAvgPool2d(3),
                x -> AdaptiveAvgPool2d([2, 5]),
                x -> AdaptiveAvgPool2d((none, 4)),
                x -> AdaptiveAvgPool2d((7, 10)),
                x -> AdaptiveAvgPool2d((9, 12)),
            )
        }
    }

    global_means {
        net Test(x: [21, 6, 5], row: [4, 1, 9], pixel: [4, 1, 1]) -> ([21], [21, 1, 1], [4], [4], [21]) {
            (x -> GlobalAvgPool, x -> AdaptiveAvgPool2d(1, functional = true), row -> GlobalAvgPool, pixel -> GlobalAvgPool, x -> GlobalAvgPool -> Tanh)
        }
    }

    pools_of_slices_into_concatenations {
        net Test(x: [20, 6, 6]) -> [40, 3, 3] {
            (x[..10] -> MaxPool2d(2), x[10..] -> AvgPool2d(2), x[3..8] -> AdaptiveAvgPool2d(3), x -> MaxPool2d(3, 2, 1) -> conv: Conv2d(15, 1)) -> Concat
        }
    }

    a_pyramid_of_maxima {
        net Test(x: [16, 7, 7]) -> [12, 7, 7] {
            let y = x -> cv1: Conv(8, 1);
            let a = y -> MaxPool2d(5, 1, 2);
            let b = a -> MaxPool2d(5, 1, 2);
            (y, a, b, b -> MaxPool2d(5, 1, 2)) -> Concat -> cv2: Conv(12, 1)
        }
    }
}
