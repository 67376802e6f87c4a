//! Attention, products of maps, convolutions across channels.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, at, check, map, untouched};
use lightconv_runtime::activation::{Identity, Relu};
use lightconv_runtime::kernels::{Attention, Map, MatMul, attention, channel_conv, matmul};
use lightconv_runtime::simd::Simd;

/// `scale` multiplies the scores' spread.
struct Attend {
    sizes: Attention,
    scale: f32,
}

impl Job for Attend {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Attention { query: q, key: k, value: v, output, heads, key_heads, value_heads } = self.sizes;
        let mut random = Random::new(11);
        let query: Vec<f32> = random.fill(q.extent()).into_iter().map(|x| x * self.scale).collect();
        let (key, value) = (random.fill(k.extent()), random.fill(v.extent()));
        let mut dst = untouched(output);
        let mut scratch = vec![f32::NAN; self.sizes.scratch_len()];
        let scratch = (&mut scratch[..]).into();
        attention(s, self.sizes, query[..].into(), key[..].into(), value[..].into(), scratch, (&mut dst[..]).into());

        let pixels = |m: Map| (0..m.height).flat_map(move |y| (0..m.width).map(move |x| (y, x)));
        let (width, value_width) = (q.channels / heads, v.channels / value_heads);
        let what = &format!("{backend}, {:?}, scale {}", self.sizes, self.scale);
        check(what, output, &dst, 2e-6, |y, x, c| {
            let (head, c) = (c / value_width, c % value_width);
            let (key_head, value_head) = (head.min(key_heads - 1), head.min(value_heads - 1));
            let score = |(ky, kx)| {
                let product = |c| {
                    let one = f64::from(query[at(q, y, x, head * width + c)]);
                    one * f64::from(key[at(k, ky, kx, key_head * width + c)])
                };
                (0..width).map(product).sum::<f64>() / (width as f64).sqrt()
            };
            let scores: Vec<f64> = pixels(k).map(score).collect();
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|x| (x - most).exp()).sum();
            let weighted = |((y, x), score): ((usize, usize), &f64)| {
                f64::from(value[at(v, y, x, value_head * value_width + c)]) * (score - most).exp() / sum
            };
            let value = pixels(v).zip(&scores).map(weighted).sum();
            // the weights have the errors of the scores, which grow with them
            Exact { value, size: 1.0 + f64::from(self.scale) }
        });
    }
}

fn attend(queries: [usize; 2], keys: [usize; 2], heads: [usize; 3], widths: [usize; 2], gap: usize, scale: f32) {
    let of = |[height, width]: [usize; 2], channels| map(height, width, channels, gap);
    let sizes = Attention {
        query: of(queries, heads[0] * widths[0]),
        key: of(keys, heads[1] * widths[0]),
        value: of(keys, heads[2] * widths[1]),
        output: of(queries, heads[0] * widths[1]),
        heads: heads[0],
        key_heads: heads[1],
        value_heads: heads[2],
    };
    everywhere(&Attend { sizes, scale });
}

#[test]
fn attends_with_heads_of_every_width() {
    for width in (1..=20).chain([33]) {
        for value_width in [1, 7, 8, 16, 35] {
            attend([2, 3], [3, 3], [2, 2, 2], [width, value_width], width % 3, 1.0);
        }
    }
}

#[test]
fn attends_to_every_number_of_pixels() {
    for pixels in (1..=18).chain([31, 32, 33, 49]) {
        attend([1, pixels], [1, 9], [1, 1, 1], [4, 5], 0, 2.0);
        attend([1, 3], [pixels, 1], [2, 2, 2], [4, 5], 1, 2.0);
    }
}

#[test]
fn one_head_serves_all() {
    for [keys, values] in [[1, 1], [1, 3], [3, 1], [3, 3]] {
        attend([3, 4], [2, 5], [3, keys, values], [6, 9], 2, 1.0);
    }
}

/// Scores of some hundreds, whose exponentials would overflow.
#[test]
fn large_scores() {
    attend([2, 3], [4, 4], [1, 1, 1], [16, 4], 0, 500.0);
}

struct Product {
    sizes: MatMul,
}

impl Job for Product {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let MatMul { a: left, b: right, output } = self.sizes;
        let mut random = Random::new(5);
        let (a, b) = (random.fill(left.extent()), random.fill(right.extent()));
        let mut dst = untouched(output);
        matmul(s, self.sizes, a[..].into(), b[..].into(), (&mut dst[..]).into(), Relu);
        check(&format!("{backend}, {:?}", self.sizes), output, &dst, 1e-6, |y, x, c| {
            let product = |k: usize| f64::from(a[at(left, y, k, c)]) * f64::from(b[at(right, k, x, c)]);
            let products: Vec<f64> = (0..left.width).map(product).collect();
            let exact = Exact { value: products.iter().sum(), size: products.iter().map(|x| x.abs()).sum() };
            exact.then(|x| x.max(0.0))
        });
    }
}

#[test]
fn multiplies_channel_by_channel() {
    for channels in (1..=35).chain([70]) {
        for (height, inner, width) in [(2, 3, 4), (1, 1, 1), (5, 17, 3)] {
            let a = map(height, inner, channels, channels % 3);
            let b = map(inner, width, channels, channels % 2);
            everywhere(&Product { sizes: MatMul { a, b, output: map(height, width, channels, 1) } });
        }
    }
    // without gaps they are matrices in memory
    for (height, inner, width) in [(1, 1, 1), (3, 7, 5), (4, 2, 16), (9, 33, 40), (6, 5, 67)] {
        let [a, b, output] = [(height, inner), (inner, width), (height, width)].map(|(h, w)| map(h, w, 1, 0));
        everywhere(&Product { sizes: MatMul { a, b, output } });
    }
}

struct Across {
    channels: usize,
    taps: usize,
}

impl Job for Across {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Across { channels, taps } = *self;
        let mut random = Random::new(7);
        let (src, weights) = (random.fill(channels), random.fill(taps));
        let vector = map(1, 1, channels, 0);
        let mut dst = untouched(vector);
        channel_conv(s, channels, src[..].into(), weights[..].into(), (&mut dst[..]).into(), Identity);
        check(&format!("{backend}, {taps} taps of {channels} channels"), vector, &dst, 1e-6, |_, _, c| {
            let neighbour = |j: usize| (c + j).checked_sub(taps / 2).and_then(|i| src.get(i));
            let product = |j| neighbour(j).map_or(0.0, |x| f64::from(*x) * f64::from(weights[j]));
            let products: Vec<f64> = (0..taps).map(product).collect();
            Exact { value: products.iter().sum(), size: products.iter().map(|x| x.abs()).sum() }
        });
    }
}

#[test]
fn convolves_across_channels() {
    for channels in (1..=40).chain([64, 100]) {
        for taps in [1, 3, 5, 7, 9, 41] {
            everywhere(&Across { channels, taps });
        }
    }
}
