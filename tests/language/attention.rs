//! `MatMul` and `Attention`.

use crate::support::check;

check! {
    products_of_maps {
        net Test(a: [24, 5, 7], b: [24, 7, 4], c: [1, 9, 33], d: [1, 33, 40]) -> ([24, 5, 4], [3, 5, 4], [1, 9, 40]) {
            ((a, b) -> MatMul, (a[2..5], b[9..12]) -> MatMul -> ReLU, (c, d) -> MatMul)
        }
    }

    products_of_computed_maps {
        net Test(x: [8, 6, 6]) -> ([8, 6, 6], [24, 6, 6]) {
            let a = x -> a: Conv2d(8, 1);
            let b = x -> b: Conv2d(8, 3, padding = 1);
            let y = (a, b) -> MatMul;
            ((x, x) -> MatMul, ((y * 0.5, a) -> MatMul, y, (b, y) -> MatMul -> Tanh) -> Concat)
        }
    }

    attention_with_heads {
        net Test(q: [24, 3, 5], k: [24, 4, 7], v: [40, 4, 7]) -> ([24, 3, 5], [40, 3, 5], [40, 3, 5], [24, 3, 5]) {
            ((q, k, k) -> Attention(1), (q, k, v) -> Attention(4), (q, k, v) -> Attention(8), (q, q, q) -> Attention(24))
        }
    }

    one_head_of_keys_or_values_serves_all {
        net Test(q: [24, 3, 5], k: [6, 4, 4], v: [6, 4, 4]) -> ([24, 3, 5], [24, 3, 5], [48, 3, 5]) {
            let keys = k -> keys: Conv2d(24, 1);
            let values = v -> values: Conv2d(48, 1);
            ((q, k, v) -> Attention(4), (q, keys, v) -> Attention(4), (q, k, values) -> Attention(4))
        }
    }

    self_attention {
        net Test(x: [32, 7, 7]) -> [32, 7, 7] {
            x -> block: Attend(4)
        }
        block Attend(x; heads) {
            let c = x.channels;
            let (q, k, v) = x -> [norm: LayerNorm2d, qkv: Conv2d(3 * c, 1)] -> Chunk(3);
            x + ((q, k, v) -> Attention(heads) -> proj: Conv2d(c, 1))
        }
    }

    /// As in MobileNetV4: keys and values of a smaller map, and one head of them.
    multi_query_attention {
        net Test(x: [32, 8, 8]) -> [32, 8, 8] {
            let y = x -> [Conv2d(32, 3, stride = 2, padding = 1, groups = 32, bias = false), BatchNorm2d];
            let q = x -> query: Conv2d(64, 1, bias = false);
            let (k, v) = (y -> key: Conv2d(16, 1, bias = false), y -> value: Conv2d(16, 1, bias = false));
            (q, k, v) -> Attention(4) -> output: Conv2d(32, 1, bias = false)
        }
    }

    into_and_out_of_a_concatenation {
        net Test(x: [12, 4, 4]) -> ([31, 4, 4], [31, 4, 4]) {
            let y = (x, (x, x, x[..10]) -> Attention(2), x[3..12]) -> Concat;
            (y, (y, y, y) -> Attention(1))
        }
    }
}
