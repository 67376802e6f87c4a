//! Layers that put numbers elsewhere, resize maps, transpose convolutions, and take means and maxima.

use crate::support::check;

check! {
    transposed_axes {
        net Test(x: [5, 4, 7]) -> ([4, 5, 7], [5, 7, 4], [7, 4, 5]) {
            (x -> Transpose(channels, height), x -> Transpose(axis = height, axis = width), x -> Transpose(width, channels))
        }
    }

    pixels_and_channels {
        net Test(x: [36, 6, 6]) -> ([9, 12, 12], [144, 3, 3], [144, 3, 3], [324, 2, 2], [36, 6, 6]) {
            let up = x -> PixelShuffle(2);
            (
                up,
                x -> PixelUnshuffle(2),
                x -> SpaceToDepth(2) -> ReLU,
                x -> ReLU -> SpaceToDepth(3, order = contract),
                up -> Conv2d(9, 1) -> PixelUnshuffle(2),
            )
        }
    }

    focus_stem {
        net Test(x: [3, 16, 12]) -> [20, 8, 6] {
            x -> SpaceToDepth(2, order = focus) -> conv: [Conv2d(20, 3, padding = 1, bias = false), BatchNorm2d, SiLU]
        }
    }

    orders_with_onnx {
        net Test(x: [3, 4, 6]) -> ([12, 2, 3], [12, 2, 3]) {
            (x -> SpaceToDepth(2, order = onnx), x[0..3] -> SpaceToDepth(block = 2, order = focus))
        }
    }

    zeros_around {
        net Test(x: [5, 6, 4]) -> ([5, 10, 7], [9, 6, 4], [8, 6, 4], [11, 4, 2]) {
            let y = x -> a: Conv2d(8, 1);
            (
                x -> ZeroPad2d([1, 2, 0, 4]),
                x -> ReLU -> ZeroPadChannels(1, 3),
                (x -> ZeroPadChannels(3, 0)) + y,
                (y -> ZeroPadChannels(0, 3)) -> c: Conv2d(11, 3),
            )
        }
    }

    zeros_in_a_concatenation {
        net Test(x: [5, 6, 4], v: [3]) -> ([20, 6, 4], [7]) {
            ((x -> ZeroPadChannels(2), x -> Upsample(size = [6, 4]), x -> ZeroPad2d(1) -> c: Conv2d(8, 3)) -> Concat, v -> ZeroPadChannels(3, 1))
        }
    }

    upsampled {
        net Test(x: [10, 3, 4]) -> ([10, 6, 8], [10, 9, 4], [10, 7, 5], [10, 4, 6], [10, 6, 12]) {
            (
                x -> Upsample(scale_factor = 2),
                x -> Upsample(scale_factor = [3, 1], mode = nearest),
                x -> Upsample(size = [7, 5]),
                x -> Upsample(scale_factor = 1.5),
                x -> a: Conv2d(10, 1) -> ReLU -> Upsample(none, (2, 3)),
            )
        }
    }

    upsampled_bilinearly {
        net Test(x: [17, 3, 4]) -> ([17, 6, 8], [17, 7, 5], [17, 2, 2], [17, 1, 9], [34, 6, 8]) {
            let y = x -> Upsample(scale_factor = 2, mode = bilinear, align_corners = false);
            (
                y,
                x -> Upsample(size = (7, 5), mode = bilinear, align_corners = true),
                x -> Upsample(size = 2, mode = bilinear),
                x -> Upsample(size = (1, 9), mode = bilinear, align_corners = true),
                (x -> Upsample(scale_factor = 2, mode = bilinear, align_corners = true), x -> Upsample(scale_factor = 2)) -> Concat,
            )
        }
    }

    feature_pyramid {
        net Test(x: [3, 16, 16]) -> ([16, 8, 8], [16, 4, 4]) {
            let c1 = x -> l1: [Conv2d(8, 3, stride = 2, padding = 1), ReLU];
            let c2 = c1 -> l2: [Conv2d(12, 3, stride = 2, padding = 1), ReLU];
            let p2 = c2 -> lateral2: Conv2d(16, 1);
            let p1 = (c1 -> lateral1: Conv2d(16, 1)) + (p2 -> Upsample(scale_factor = 2));
            (p1, p2)
        }
    }

    transposed_convolutions {
        net Test(x: [6, 5, 4]) -> ([10, 10, 8], [6, 9, 7], [9, 5, 5], [6, 3, 2], [3, 11, 9]) {
            (
                x -> a: ConvTranspose2d(10, 2, stride = 2) -> ReLU,
                x -> b: [ConvTranspose2d(6, 3, stride = 2, padding = 1, groups = 6, bias = false), BatchNorm2d, ReLU6],
                x -> c: ConvTranspose2d(9, (1, 2), groups = 3),
                x -> d: ConvTranspose2d(6, 1, padding = 1),
                x -> e: ConvTranspose2d(3, 3, 2, 1, 1, dilation = 1, in_channels = 6) -> ZeroPad2d([0, 1, 0, 1]),
            )
        }
    }

    transposed_convolutions_dilated {
        net Test(x: [4, 3, 3]) -> ([5, 9, 9], [4, 4, 4], [6, 6, 6]) {
            let up = x -> u: ConvTranspose2d(6, 4, stride = 2, padding = 1);
            (
                x -> a: ConvTranspose2d(5, 3, stride = 2, dilation = 2) -> Hardswish,
                x -> b: ConvTranspose2d(4, 2, stride = 3, padding = 2) -> c: Conv2d(4, 1),
                up + (x -> d: Conv2d(6, 1) -> Upsample(scale_factor = 2)),
            )
        }
    }

    largest_of_bins {
        net Test(x: [18, 7, 5]) -> ([18, 3, 2], [18], [18, 1, 1], [18, 9, 5]) {
            (x -> AdaptiveMaxPool2d([3, 2]) -> ReLU, x -> GlobalMaxPool, x -> AdaptiveMaxPool2d(1), x -> AdaptiveMaxPool2d((9, none)))
        }
    }

    along_channels {
        net Test(x: [21, 3, 5]) -> ([1, 3, 5], [1, 3, 5], [1, 1, 5], [1, 1, 1], [21, 1, 5], [21, 1, 1], [2, 3, 5]) {
            (
                x -> Mean(channels),
                x -> Max(axis = channels) -> ReLU,
                x -> Mean([channels, height]),
                x -> Max([channels, height, width]),
                x -> Max(height),
                x -> Max([height, width]) -> Sigmoid,
                (x -> Mean(channels), x -> Max(channels)) -> Concat,
            )
        }
    }

    spatial_attention {
        net Test(x: [12, 8, 8]) -> [12, 8, 8] {
            let gate = (x -> Mean(channels), x -> Max(channels)) -> Concat -> conv: Conv2d(1, 7, padding = 3, bias = false) -> Sigmoid;
            x * gate
        }
    }

    few_channels {
        net Test(x: [3, 4, 4]) -> ([1, 4, 4], [1, 4, 4], [2, 4, 4], [1, 4, 4]) {
            let (a, b) = x -> Split([2, 1]);
            (x -> Mean(channels), x -> Max(channels), a, b -> Mean(channels))
        }
    }

    split_by_sizes {
        net Test(x: [11, 7, 5]) -> ([4, 7, 5], [3, 7, 5], [11, 2, 5], [11, 7, 3], [24, 7, 5]) {
            let (a, b, c) = x -> Split(4);
            let (top, bottom) = x -> Split([5, 2], axis = height);
            let (left, right) = x -> Split([3, 2], axis = width);
            (b -> ReLU, c, bottom, left, (a, x, a + 1.0, b + c.channels, x[10..]) -> Concat)
        }
    }
}
