//! Normalisation by the statistics of the input itself: over the channels of a pixel, or over groups of channels of a map.
//!
//! Both take the mean first and then the squares of what is left, corrected by what the rounded mean missed (Chan, Golub and
//! LeVeque, Algorithms for computing the sample variance, 1983): a mean far from zero costs no digits of the variance.

use super::{Map, Run, check_sizes, run};
use crate::activation::Activation;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};

/// `dst = act((src - mean) / sqrt(variance + eps) * weight + bias)`, with the mean and the (biased) variance of the channels
/// of each pixel; a weight and a bias for each channel. The maps may be the same memory, pixel by pixel.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn layer_norm<S: Simd, A: Activation>(
    s: S,
    input: Map,
    output: Map,
    src: Src,
    weight: Src,
    bias: Src,
    dst: Dst,
    eps: f64,
    act: A,
) {
    check_sizes(input, output);
    let Map { channels, .. } = input;
    let inverse = 1.0 / channels as f64;
    // as many pixels at a time as a vector has lanes: their roots are taken together
    for first in (0..input.pixels()).step_by(S::LANES) {
        let pixels = S::LANES.min(input.pixels() - first);
        let (mut means, mut missed, mut factors) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for i in 0..pixels {
            let src = src.cut((first + i) * input.stride, channels);
            means[i] = (f64::from(moments(s, src, 0.0)[0]) * inverse) as f32;
            let [sum, squares] = moments(s, src, means[i]);
            let mean = f64::from(sum) * inverse;
            missed[i] = mean as f32;
            factors[i] = variance(f64::from(squares) * inverse - mean * mean, eps);
        }
        let factors = Dst::from(&mut factors[..]);
        factors.store(s, 0, reciprocal_roots(s, factors.as_src().load(s, 0)));
        for i in 0..pixels {
            let src = src.cut((first + i) * input.stride, channels);
            let dst = dst.cut((first + i) * output.stride, channels);
            let factor = factors.as_src().get(i);
            run(s, channels, Pixel { src, dst, weight, bias, mean: means[i], missed: missed[i], factor, act });
        }
    }
}

/// The same with the mean and variance of each of `groups` runs of channels over the whole map. `stats` is scratch of
/// [`stats_len`] floats.
///
/// # Panics
/// When a view is too small, the sizes differ, or the groups do not divide the channels.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn group_norm<S: Simd, A: Activation>(
    s: S,
    input: Map,
    output: Map,
    groups: usize,
    src: Src,
    weight: Src,
    bias: Src,
    stats: Dst,
    dst: Dst,
    eps: f64,
    act: A,
) {
    check_sizes(input, output);
    let Map { channels, .. } = input;
    assert!(channels.is_multiple_of(groups), "{groups} groups must divide {channels} channels");
    let len = channels / groups;
    let count = (len * input.pixels()) as f64;
    let (means, sums, squares) = (stats.cut(0, channels), stats.cut(channels, channels), stats.after(2 * channels));

    run(s, channels, Sums { src, map: input, means: None, sums: means, squares });
    for group in 0..groups {
        let mean = (total(means, group * len, len) / count) as f32;
        for c in group * len..(group + 1) * len {
            means.set(c, mean);
        }
    }
    run(s, channels, Sums { src, map: input, means: Some(means.as_src()), sums, squares });
    // from here on `sums` are the factors and `squares` the summands of what is left when the mean is taken away
    for group in 0..groups {
        let missed = total(sums, group * len, len) / count;
        let variance = variance(total(squares, group * len, len) / count - missed * missed, eps);
        // the largest lane: all are the same
        let factor = s.reduce_max(reciprocal_roots(s, s.splat(variance)));
        for c in group * len..(group + 1) * len {
            let scale = factor * weight.get(c);
            sums.set(c, scale);
            squares.set(c, bias.get(c) - missed as f32 * scale);
        }
    }
    let (means, scales, shifts) = (means.as_src(), sums.as_src(), squares.as_src());
    for pixel in 0..input.pixels() {
        let src = src.cut(pixel * input.stride, channels);
        let dst = dst.cut(pixel * output.stride, channels);
        run(s, channels, Channels { src, dst, means, scales, shifts, act });
    }
}

/// Floats of the scratch of [`group_norm`].
#[must_use]
pub const fn stats_len(channels: usize) -> usize {
    3 * channels
}

/// A variance with `eps` added; one so small that rounding made it negative is 0.
#[inline(always)]
fn variance(computed: f64, eps: f64) -> f32 {
    let x = computed + eps;
    if x < 0.0 { 0.0 } else { x as f32 }
}

/// `1 / sqrt(x)`.
#[inline(always)]
fn reciprocal_roots<S: Simd>(s: S, x: S::V) -> S::V {
    s.div(s.splat(1.0), s.sqrt(x))
}

/// The most lanes that a vector has.
const LANES: usize = 16;

/// The numbers of the lanes, to tell those that count.
static LANE: [f32; LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0];

/// The sums of `x - shift` and of its squares over all of `src`.
#[inline(always)]
fn moments<S: Simd>(s: S, src: Src, shift: f32) -> [f32; 2] {
    let shift = s.splat(shift);
    let mut sums = [s.splat(0.0); 4];
    let mut squares = [s.splat(0.0); 4];
    let mut at = 0;
    while at + 4 * S::LANES <= src.len() {
        for i in 0..4 {
            let x = s.sub(src.load(s, at + i * S::LANES), shift);
            sums[i] = s.add(sums[i], x);
            squares[i] = s.mul_add(x, x, squares[i]);
        }
        at += 4 * S::LANES;
    }
    while at < src.len() {
        let n = S::LANES.min(src.len() - at);
        let x = s.sub(src.load_n(s, at, n), shift);
        let lane = Src::from(&LANE[..]).load(s, 0);
        let x = s.select_lt(lane, s.splat(n as f32), x, s.splat(0.0));
        sums[0] = s.add(sums[0], x);
        squares[0] = s.mul_add(x, x, squares[0]);
        at += n;
    }
    [lanes(s, sums), lanes(s, squares)]
}

/// The sum of all lanes of four vectors.
#[inline(always)]
fn lanes<S: Simd>(s: S, v: [S::V; 4]) -> f32 {
    s.reduce_add(s.add(s.add(v[0], v[1]), s.add(v[2], v[3])))
}

/// The sum of `len` floats from `start` on.
#[inline(always)]
fn total(of: Dst, start: usize, len: usize) -> f64 {
    let mut sum = 0.0;
    for i in start..start + len {
        sum += f64::from(of.as_src().get(i));
    }
    sum
}

/// One pixel, once its statistics are there.
#[derive(Clone, Copy)]
struct Pixel<'a, A> {
    src: Src<'a>,
    dst: Dst<'a>,
    weight: Src<'a>,
    bias: Src<'a>,
    mean: f32,
    missed: f32,
    factor: f32,
    act: A,
}

impl<A: Activation> Run for Pixel<'_, A> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let x: [S::V; N] = self.src.load_all(s, at, S::LANES, n);
        let weight: [S::V; N] = self.weight.load_all(s, at, S::LANES, n);
        let bias: [S::V; N] = self.bias.load_all(s, at, S::LANES, n);
        let y: [S::V; N] = each!(s, N, |i| {
            let x = s.sub(s.sub(x[i], s.splat(self.mean)), s.splat(self.missed));
            s.mul_add(x, s.mul(weight[i], s.splat(self.factor)), bias[i])
        });
        self.dst.store_all(s, at, S::LANES, n, self.act.apply_all(s, y));
    }
}

/// For each channel the sum over all pixels; with `means` of what is left without them, and of its squares.
#[derive(Clone, Copy)]
struct Sums<'a> {
    src: Src<'a>,
    map: Map,
    means: Option<Src<'a>>,
    sums: Dst<'a>,
    squares: Dst<'a>,
}

impl Run for Sums<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let zero: [S::V; N] = [s.splat(0.0); N];
        let means = match self.means {
            Some(means) => each!(s, N, |i| means.load_n(s, at + i * S::LANES, n)),
            None => zero,
        };
        let (mut sums, mut squares) = (zero, zero);
        for y in 0..self.map.height {
            // a row is summed by itself and then added: sums of many rows keep more digits so
            let (mut row, mut row_squares) = (zero, zero);
            for x in 0..self.map.width {
                let pixel = (y * self.map.width + x) * self.map.stride + at;
                let pixel: [S::V; N] = self.src.load_all(s, pixel, S::LANES, n);
                for i in 0..N {
                    let x = s.sub(pixel[i], means[i]);
                    row[i] = s.add(row[i], x);
                    row_squares[i] = s.mul_add(x, x, row_squares[i]);
                }
            }
            sums = each!(s, N, |i| s.add(sums[i], row[i]));
            squares = each!(s, N, |i| s.add(squares[i], row_squares[i]));
        }
        self.sums.store_all(s, at, S::LANES, n, sums);
        if self.means.is_some() {
            self.squares.store_all(s, at, S::LANES, n, squares);
        }
    }
}

/// One pixel: `act((x - mean) * scale + shift)`, each with a number for each channel.
#[derive(Clone, Copy)]
struct Channels<'a, A> {
    src: Src<'a>,
    dst: Dst<'a>,
    means: Src<'a>,
    scales: Src<'a>,
    shifts: Src<'a>,
    act: A,
}

impl<A: Activation> Run for Channels<'_, A> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let x: [S::V; N] = self.src.load_all(s, at, S::LANES, n);
        let means: [S::V; N] = self.means.load_all(s, at, S::LANES, n);
        let scales: [S::V; N] = self.scales.load_all(s, at, S::LANES, n);
        let shifts: [S::V; N] = self.shifts.load_all(s, at, S::LANES, n);
        let y: [S::V; N] = each!(s, N, |i| s.mul_add(s.sub(x[i], means[i]), scales[i], shifts[i]));
        self.dst.store_all(s, at, S::LANES, n, self.act.apply_all(s, y));
    }
}
