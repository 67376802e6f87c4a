//! Pooling: windows, borders, rounding up, what divides a mean, bins that overlap.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, at, check, in_parts, map, untouched};
use lightconv_runtime::activation::{Identity, Relu};
use lightconv_runtime::kernels::{Map, Pool, Window, adaptive_avg_pool, adaptive_max_pool, avg_pool, channel_avg_pool};
use lightconv_runtime::kernels::{channel_max_pool, max_pool};
use lightconv_runtime::simd::Simd;
use std::ops::Range;

const BOUND: f64 = 1e-6;

struct Case {
    pool: Pool,
    src: Vec<f32>,
}

impl Case {
    /// The places inside the input that an output is made of.
    fn taps(&self, y: usize, x: usize) -> Vec<(usize, usize)> {
        let Window { kernel, stride, padding, dilation } = self.pool.window;
        let mut taps = vec![];
        for ky in 0..kernel[0] {
            for kx in 0..kernel[1] {
                let row = (y * stride[0] + ky * dilation[0]).checked_sub(padding[0]);
                let column = (x * stride[1] + kx * dilation[1]).checked_sub(padding[1]);
                if let (Some(row), Some(column)) = (row, column)
                    && row < self.pool.input.height
                    && column < self.pool.input.width
                {
                    taps.push((row, column));
                }
            }
        }
        taps
    }

    /// How much of a window of PyTorch's mean is inside the padded input.
    fn padded_count(&self, y: usize, x: usize, after: [usize; 2]) -> usize {
        let Window { kernel, stride, padding, .. } = self.pool.window;
        let side = |axis: usize, at: usize, len: usize| {
            (at * stride[axis]..at * stride[axis] + kernel[axis])
                .filter(|p| *p < padding[axis] + len + after[axis])
                .count()
        };
        side(0, y, self.pool.input.height) * side(1, x, self.pool.input.width)
    }
}

impl Job for Case {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Pool { input, output, window, .. } = self.pool;
        let what = &format!("{backend}, {:?}", self.pool);
        let value = |c: usize| move |(row, column): (usize, usize)| f64::from(self.src[at(input, row, column, c)]);

        let src = self.src[..].into();
        let dst = in_parts(output, |part, dst| max_pool(s, part, self.pool, src, dst, Identity));
        check(what, output, &dst, 0.0, |y, x, c| {
            let values = self.taps(y, x).into_iter().map(value(c));
            Exact::of(values.fold(f64::NEG_INFINITY, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }))
        });

        if window.dilation != [1, 1] {
            return;
        }
        for after in [None, Some([0, 0]), Some(window.padding), Some(window.padding.map(|p| p + 1))] {
            let pool = Pool { count_include_pad: after, ..self.pool };
            let dst = in_parts(output, |part, dst| avg_pool(s, part, pool, src, dst, Relu));
            check(what, output, &dst, BOUND, |y, x, c| {
                let taps = self.taps(y, x);
                let n = after.map_or(taps.len(), |after| self.padded_count(y, x, after)) as f64;
                let (sum, size) = taps.into_iter().map(value(c)).fold((0.0, 0.0), |(s, a), x| (s + x, a + x.abs()));
                Exact { value: if sum < 0.0 { 0.0 } else { sum / n }, size: size / n }
            });
        }
    }
}

#[test]
fn every_window() {
    for (kernel, stride, padding, dilation) in [
        ([1, 1], [1, 1], [0, 0], [1, 1]),
        ([2, 2], [2, 2], [0, 0], [1, 1]),
        ([3, 3], [2, 2], [1, 1], [1, 1]),
        ([3, 3], [1, 1], [1, 1], [1, 1]),
        ([5, 5], [1, 1], [2, 2], [1, 1]),
        ([3, 2], [3, 1], [1, 0], [1, 1]),
        ([3, 3], [2, 1], [1, 1], [2, 3]),
        ([5, 3], [2, 2], [2, 1], [3, 1]),
    ] {
        for ceil in [false, true] {
            for channels in [1, 7, 8, 16, 24, 37, 70] {
                let side = |axis: usize, len: usize| {
                    let (s, p) = (stride[axis], padding[axis]);
                    let room = len + 2 * p - (kernel[axis] - 1) * dilation[axis] - 1;
                    let n = if ceil { room.div_ceil(s) } else { room / s } + 1;
                    // PyTorch: the last window must begin inside the input or the padding before it
                    if (n - 1) * s >= len + p { n - 1 } else { n }
                };
                let gap = channels % 3;
                let (input, output) = (map(9, 11, channels, gap), map(side(0, 9), side(1, 11), channels, 1));
                let window = Window { kernel, stride, padding, dilation };
                let mut src = Random::new(9).fill(input.extent());
                src[at(input, 3, 4, channels / 2)] = f32::NAN;
                src[at(input, 6, 8, channels - 1)] = f32::INFINITY;
                everywhere(&Case { pool: Pool { input, output, window, count_include_pad: None }, src });
            }
        }
    }
}

struct Adaptive {
    input: Map,
    output: Map,
    src: Vec<f32>,
}

impl Job for Adaptive {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Adaptive { input, output, ref src } = *self;
        let inside = |p: usize, i: usize, n: usize, len: usize| p * n + n > i * len && p * n < (i + 1) * len;
        let bin = |y: usize, x: usize, channels: Range<usize>| {
            let rows = (0..input.height).filter(move |p| inside(*p, y, output.height, input.height));
            let pixels = rows.flat_map(move |row| (0..input.width).map(move |column| (row, column)));
            let pixels = pixels.filter(move |(_, p)| inside(*p, x, output.width, input.width));
            pixels
                .flat_map(move |(row, column)| channels.clone().map(move |c| f64::from(src[at(input, row, column, c)])))
        };
        let mean = |numbers: &mut dyn Iterator<Item = f64>| {
            let (sum, size, n) = numbers.fold((0.0, 0.0, 0.0), |(sum, size, n), x| (sum + x, size + x.abs(), n + 1.0));
            Exact { value: sum / n, size: size / n }
        };
        let most = |numbers: &mut dyn Iterator<Item = f64>| {
            Exact::of(
                numbers.fold(f64::NEG_INFINITY, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }),
            )
        };
        let what = &format!("{backend}, {input:?} to {output:?}");
        let dst = in_parts(output, |part, dst| {
            adaptive_avg_pool(s, part, input, output, src[..].into(), dst, Identity);
        });
        check(what, output, &dst, BOUND, |y, x, c| mean(&mut bin(y, x, c..c + 1)));
        let dst = in_parts(output, |part, dst| {
            adaptive_max_pool(s, part, input, output, src[..].into(), dst, Identity);
        });
        check(what, output, &dst, 0.0, |y, x, c| most(&mut bin(y, x, c..c + 1)));

        let one = map(output.height, output.width, 1, 2);
        let mut dst = untouched(one);
        channel_avg_pool(s, input, one, src[..].into(), (&mut dst[..]).into(), Identity);
        check(what, one, &dst, BOUND, |y, x, _| mean(&mut bin(y, x, 0..input.channels)));
        let mut dst = untouched(one);
        channel_max_pool(s, input, one, src[..].into(), (&mut dst[..]).into(), Relu);
        check(what, one, &dst, 0.0, |y, x, _| {
            most(&mut bin(y, x, 0..input.channels)).then(|x| if x < 0.0 { 0.0 } else { x })
        });
    }
}

#[test]
fn bins() {
    for (height, width) in [(1, 1), (2, 3), (7, 7), (3, 10), (9, 13)] {
        for channels in [1, 8, 13, 16, 40, 100] {
            let (input, output) = (map(7, 10, channels, channels % 2), map(height, width, channels, 1));
            let mut src = Random::new(4).fill(input.extent());
            everywhere(&Adaptive { input, output, src: src.clone() });
            src[at(input, 3, 4, channels / 2)] = f32::NAN;
            everywhere(&Adaptive { input, output, src });
        }
    }
}

#[test]
fn the_mean_of_a_large_map_is_accurate() {
    // all of one sign, so that rounding errors of a single running sum would add up: 2e-5 of it, one by one
    let (input, output) = (map(150, 200, 5, 0), map(1, 1, 5, 0));
    let src = Random::new(8).fill(input.extent()).into_iter().map(|x| 1.0 + 0.5 * x).collect();
    everywhere(&Adaptive { input, output, src });
}
