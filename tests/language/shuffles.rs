//! `ChannelShuffle`, of one map and of the parts of a concatenation, and `Mean`.

use crate::support::check;

check! {
    of_one_map {
        net Test(x: [12, 3, 5]) -> ([12, 3, 5], [12, 3, 5], [12, 3, 5]) {
            (x -> ChannelShuffle(2), x -> ChannelShuffle(3), x -> ChannelShuffle(12))
        }
    }

    of_a_slice {
        net Test(x: [50, 3, 5]) -> [46, 3, 5] {
            x[3..49] -> ChannelShuffle(2)
        }
    }

    /// As in ShuffleNetV2: one half passes by.
    of_what_passes_by_and_what_was_computed {
        net Test(x: [116, 6, 5]) -> [116, 6, 5] {
            x -> first: Unit -> second: Unit -> third: Unit
        }
        block Unit(x) {
            let (a, b) = x -> Chunk(2);
            let c = x.channels / 2;
            let b = b -> branch2: [
                Conv2d(c, 1, bias = false), BatchNorm2d, ReLU,
                Conv2d(c, 3, padding = 1, groups = c, bias = false), BatchNorm2d,
                Conv2d(c, 1, bias = false), BatchNorm2d, ReLU,
            ];
            (a, b) -> Concat -> ChannelShuffle(2)
        }
    }

    of_three_branches {
        net Test(x: [6, 4, 4]) -> [15, 4, 4] {
            (x -> a: Conv2d(5, 1), x -> b: Conv2d(5, 3, padding = 1), x[1..] -> ReLU) -> Concat -> ChannelShuffle(3)
        }
    }

    of_a_concatenation_that_others_read {
        net Test(x: [6, 4, 4]) -> ([12, 4, 4], [12, 4, 4]) {
            let y = (x -> a: Conv2d(6, 1), x -> ReLU) -> Concat;
            (y -> ChannelShuffle(2), y -> Hardswish)
        }
    }

    means {
        net Test(x: [10, 6, 7]) -> ([10, 1, 7], [10, 6, 1], [10, 6, 7]) {
            let gate = x -> Mean([height, width]) -> fc: Conv2d(10, 1) -> Hardsigmoid;
            (x -> Mean(height), x -> Mean(axis = width), x * gate)
        }
    }
}
