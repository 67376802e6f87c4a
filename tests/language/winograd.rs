//! Convolutions of 3x3 that are large enough for Winograd's algorithm: its borders, dilations, channels, epilogues.

use crate::support::check;

check! {
    padded {
        net Test(x: [16, 20, 23]) -> [24, 20, 23] {
            x -> conv: Conv2d(24, 3, padding = 1) -> ReLU
        }
    }

    unpadded_and_padded_wide {
        net Test(x: [16, 18, 17]) -> ([16, 16, 15], [33, 22, 15], [20, 20, 19]) {
            (
                x -> a: Conv2d(16, 3, bias = false),
                x -> b: Conv2d(33, 3, padding = (3, 0)),
                x -> c: Conv2d(20, 3, padding = 2),
            )
        }
    }

    dilated {
        net Test(x: [17, 21, 19]) {
            (
                x -> a: Conv2d(16, 3, padding = same, dilation = 2),
                x -> b: Conv2d(16, 3, padding = same, dilation = 3),
                x -> c: Conv2d(16, 3, padding = same, dilation = (1, 4)),
            ) -> Concat
        }
    }

    yolo_bottleneck {
        net Test(x: [32, 16, 16]) -> [32, 16, 16] {
            let y = x -> cv1: [Conv2d(24, 3, padding = 1, bias = false), BatchNorm2d, SiLU]
                      -> cv2: [Conv2d(32, 3, padding = 1, bias = false), BatchNorm2d, SiLU];
            x + y
        }
    }

    residual_between_activations {
        net Test(x: [20, 15, 22]) -> [20, 15, 22] {
            x + (x -> conv: Conv2d(20, 3, padding = 1) -> Mish) -> ReLU
        }
    }

    parts_of_wider_maps {
        net Test(x: [40, 16, 16]) -> [52, 16, 16] {
            let (a, b) = x -> Split([24, 16]);
            (a -> left: Conv2d(36, 3, padding = 1), b -> right: Conv2d(16, 3, padding = 1)) -> Concat
        }
    }

    a_shared_layer {
        net Test(x: [16, 16, 16]) -> [16, 16, 16] {
            layer conv = Conv2d(16, 3, padding = 1);
            x -> conv -> ReLU -> conv
        }
    }
}
