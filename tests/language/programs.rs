//! The language itself: blocks, loops, tables, conditions, labels, shared layers; each program gives the numbers of the
//! reference under the same weight names.

use crate::support::check;

check! {
    the_program_at_a_glance {
        #[budget(params <= 120_000, macs <= 6_000_000, arena <= 256 KiB)]
        pub net Test(x: [3, 32, 32]) -> [10] {
            x -> stem: [Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish]
              -> blocks: [
                    InvertedResidual(16, stride = 1, expand_ratio = 1),
                    InvertedResidual(24, stride = 2, expand_ratio = 4),
                    for _ in 0..2 { InvertedResidual(24, stride = 1, expand_ratio = 4, use_se = true) },
                 ]
              -> ghost: GhostModule(32)
              -> GlobalAvgPool
              -> head: Linear(10)
        }
        pub block GhostModule(x; out, kernel_size = 1, ratio = 2, dw_size = 3) {
            require(out % ratio == 0, "out ({out}) must be a multiple of ratio ({ratio})");
            let init = out / ratio;
            let a = x -> primary_conv:    [Conv2d(init, kernel_size, padding = kernel_size / 2, bias = false), BatchNorm2d, ReLU];
            let b = a -> cheap_operation: [Conv2d(out - init, dw_size, padding = dw_size / 2, groups = init, bias = false), BatchNorm2d, ReLU];
            (a, b) -> Concat
        }
    }

    shared_layers {
        net Test(a: [6, 4, 4], b: [6, 4, 4]) -> ([6, 4, 4], [6, 4, 4], [6, 4, 4]) {
            layer tower = [Conv2d(8, 3, padding = 1), SiLU, Conv2d(6, 1)];
            let p = a -> tower;
            let q = b -> tower;
            (p, q + a, p -> tower)
        }
    }

    one_convolution_with_a_norm_for_each_level {
        net Test(a: [6, 6, 6], b: [6, 3, 3]) -> ([6, 6, 6], [6, 3, 3], [6, 6, 6]) {
            layer conv = Conv2d(6, 3, padding = 1, bias = false);
            layer p3 = [conv, BatchNorm2d, SiLU];
            layer p4 = [conv, BatchNorm2d, SiLU];
            (a -> p3, b -> p4, a -> conv -> p3)
        }
    }

    learnt_vectors_behind_a_batch_of_one {
        net Test(x: [8, 3, 5]) -> ([8, 5, 3], [8]) {
            param gain: [1, 8];
            param map: [1, 8, 5, 3];
            ((x -> Transpose) * map, (x -> GlobalAvgPool) * gain)
        }
    }

    a_shared_excitation {
        net Test(x: [8, 5, 5], y: [8, 3, 3]) -> [8] {
            layer mlp = [Linear(4), ReLU, Linear(8)];
            (x -> GlobalAvgPool -> mlp) + (y -> GlobalAvgPool -> mlp) -> Sigmoid
        }
    }

    tables_and_values {
        const STAGES = [(3, 12, 8, ReLU, 1), (5, 24, 10, Hardswish, 2), (3, 30, 10, SiLU, 1)];
        net Test(x: [8, 10, 10]) -> [10, 5, 5] {
            x -> features: [for (k, hidden, out, act, stride) in STAGES { Stage(k, hidden, out, act, stride) }]
        }
        block Stage(x; k, hidden, out, act, stride) {
            let y = x -> block: [
                Conv2d(hidden, 1, bias = false), BatchNorm2d, act,
                Conv2d(hidden, k, stride = stride, padding = k / 2, groups = hidden, bias = false), BatchNorm2d, act,
                Conv2d(out, 1, bias = false), BatchNorm2d,
            ];
            if stride == 1 && x.channels == out { x + y } else { y }
        }
    }

    layers_as_values {
        net Test(x: [6, 6, 6]) -> [8, 6, 6] {
            let norm = BatchNorm2d(eps = 1e-3);
            let unit = Unit(act = GELU);
            x -> a: unit(8, 3) -> b: [norm, Hardswish] -> c: unit(8, k = 1) -> norm
        }
        block Unit(x; out, k, act = ReLU) {
            x -> conv: Conv2d(out, k, padding = k / 2) -> act
        }
    }

    labels_of_every_kind {
        net Test(x: [4, 5, 5]) -> [4, 5, 5] {
            let y = x -> model.0: [Conv2d(6, 1), 5: Conv2d(6, 1), Conv2d(4, 1)] -> type: Conv2d(4, 1);
            let z = (for i in 0..2 { y -> "stage{i + 1}.conv": Conv2d(4, 3, padding = 1) -> attn.qkv: [Identity, if i == 0 { 3: Conv2d(4, 1) } else { 4: Conv2d(4, 1) }] });
            z -> Sum
        }
    }

    blocks_of_several_inputs_and_results {
        net Test(x: [4, 6, 6]) -> ([4, 6, 6], [4, 3, 3]) {
            let (high, low) = (x, x -> down: AvgPool2d(2)) -> exchange: Exchange;
            let (high, low) = (high, low) -> again: Exchange(act = Tanh);
            (high, low)
        }
        block Exchange(high, low; act = ReLU) {
            let h = high -> hh: Conv2d(high.channels, 3, padding = 1) -> act;
            let l = (low -> ll: Conv2d(low.channels, 1)) + (high -> hl: Conv2d(low.channels, 3, stride = 2, padding = 1)) -> act;
            (h, l)
        }
    }

    conditions_choose_layers_and_tensors {
        net Test(x: [4, 6, 6]) -> [4, 3, 3] {
            let deep = x.height > 4;
            let y = x -> if deep { a: Conv2d(4, 3, padding = 1) } else { b: Conv2d(4, 1) };
            let z = if y.channels == 4 && !false { y + x } else { y };
            z -> tail: [if deep { MaxPool2d(2), Conv2d(4, 1) } else { Identity }, for i in 0..len([1, 2]) { let k = 2 * i + 1; Conv2d(4, k, padding = k / 2), ReLU }]
        }
    }

    arithmetic_of_values {
        net Test(x: [4, 6, 6]) -> [24, 6, 6] {
            let width = make_divisible(4 * 4.4, 8);
            let k = max(1, min(3, int(3.9)));
            let n = round(2.5) + ceil(0.2) + floor(-0.5) + gcd(12, 18) - abs(-6) + int(sqrt(16.0)) - int(log2(16.0));
            x -> a: Conv2d(width, k, padding = k / 2) -> b: Conv2d(width + n * 4, 1)
        }
    }

    a_user_s_block_hides_a_shipped_one {
        net Test(x: [4, 6, 6]) -> [6, 6, 6] {
            x -> a: Conv(6, 3) -> se: SEBlock(2)
        }
        block Conv(x; out, k) {
            x -> inner: Conv2d(out, k, padding = k / 2) -> Tanh
        }
    }

    a_ghost_bottleneck {
        net Test(x: [8, 8, 8]) -> [12, 4, 4] {
            let y = x -> ghost1: Ghost(16, ReLU)
                -> conv_dw: Conv2d(16, 3, stride = 2, padding = 1, groups = 16, bias = false) -> bn_dw: BatchNorm2d
                -> se: SEBlock
                -> ghost2: Ghost(12, Identity);
            y + (x -> shortcut: [
                Conv2d(8, 3, stride = 2, padding = 1, groups = 8, bias = false), BatchNorm2d,
                Conv2d(12, 1, bias = false), BatchNorm2d,
            ])
        }
        block Ghost(x; out, act) {
            let a = x -> primary_conv: [Conv2d(out / 2, 1, bias = false), BatchNorm2d, act];
            let b = a -> cheap_operation: [Conv2d(out / 2, 3, padding = 1, groups = out / 2, bias = false), BatchNorm2d, act];
            (a, b) -> Concat
        }
    }

    a_shuffle_unit_of_two_branches {
        net Test(x: [12, 8, 8]) -> [16, 8, 8] {
            let (a, b) = x -> Chunk(2);
            let b = b -> branch2: [
                Conv2d(10, 1, bias = false), BatchNorm2d, ReLU,
                Conv2d(10, 3, padding = 1, groups = 10, bias = false), BatchNorm2d,
                Conv2d(10, 1, bias = false), BatchNorm2d, ReLU,
            ];
            (a, b) -> Concat
        }
    }

    attention_over_rows_and_columns {
        net Test(x: [8, 5, 6]) -> [8, 5, 6] {
            let rows = x -> AdaptiveAvgPool2d((none, 1));
            let columns = x -> AdaptiveAvgPool2d((1, none));
            let a = rows -> conv_h: Conv2d(8, 1) -> Sigmoid;
            let b = columns -> conv_w: Conv2d(8, 1) -> Sigmoid;
            x * a * b
        }
    }
}
