//! Moving data, and the softmax, which is the one function of a whole axis.

use super::{Map, Run, check_sizes, copy_run, elementwise, run};
use crate::activation::{Identity, exp_neg};
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};

/// `dst = src`, `part` of it, between maps of one size but perhaps other strides.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
pub fn copy<S: Simd>(s: S, part: Part, input: Map, output: Map, src: Src, dst: Dst) {
    elementwise::unary(s, part, input, output, src, dst, Identity);
}

/// Writes a map as PyTorch flattens it: all pixels of channel 0, then all of channel 1, and so on.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub fn flatten<S: Simd>(s: S, input: Map, src: Src, dst: Dst) {
    if input.channels == 1 && input.stride == 1 || input.pixels() == 1 {
        return copy_run(s, src, dst, input.pixels() * input.channels);
    }
    let (src, dst) = (src.cut(0, input.extent()), dst.cut(0, input.pixels() * input.channels));
    for pixel in 0..input.pixels() {
        for c in 0..input.channels {
            dst.set(c * input.pixels() + pixel, src.get(pixel * input.stride + c));
        }
    }
}

/// The channels of maps of one size in turn: channel `c` of `parts[g]`, pixels `stride` floats apart, becomes channel
/// `c * G + g` of the output. With the runs of channels of one map as parts that is PyTorch's channel shuffle of `G` groups;
/// as parts of their own they need not be concatenated before. `part` of the pixels.
///
/// # Panics
/// When a view is too small, or `G` does not divide the output's channels.
#[inline(always)]
pub fn channel_shuffle<S: Simd, const G: usize>(s: S, part: Part, output: Map, parts: [(Src, usize); G], dst: Dst) {
    assert!(output.channels.is_multiple_of(G), "{G} groups must divide {} channels", output.channels);
    let channels = output.channels / G;
    for pixel in part.of(output.pixels()) {
        let dst = dst.cut(pixel * output.stride, output.channels);
        if let [(a, a_stride), (b, b_stride)] = parts[..] {
            let (a, b) = (a.cut(pixel * a_stride, channels), b.cut(pixel * b_stride, channels));
            run(s, channels, Zip { a, b, dst });
            continue;
        }
        for (g, &(src, stride)) in parts.iter().enumerate() {
            let src = src.cut(pixel * stride, channels);
            for c in 0..channels {
                dst.set(c * G + g, src.get(c));
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Zip<'a> {
    a: Src<'a>,
    b: Src<'a>,
    dst: Dst<'a>,
}

impl Run for Zip<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        for at in (0..N).map(|i| at + i * S::LANES) {
            let (low, high) = s.zip(self.a.load_n(s, at, n), self.b.load_n(s, at, n));
            let first = S::LANES.min(2 * n);
            self.dst.store_n(s, 2 * at, first, low);
            self.dst.store_n(s, 2 * at + first, 2 * n - first, high);
        }
    }
}

/// An axis of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Channels.
    Channels,
    /// Rows.
    Height,
    /// Columns.
    Width,
}

/// `e^x / sum of e^x` along an axis, shifted by the largest x so that nothing overflows. Error at most 8 ulp, half an ulp
/// more for each unit that x is below the largest (that difference is rounded), plus 3e-33. The maps may be the same memory.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
pub fn softmax<S: Simd>(s: S, input: Map, output: Map, src: Src, dst: Dst, axis: Axis) {
    check_sizes(input, output);
    let Map { height, width, channels, .. } = input;
    match axis {
        Axis::Channels => {
            for pixel in 0..input.pixels() {
                let (from, to) = (pixel * input.stride, pixel * output.stride);
                channels_softmax(s, src.cut(from, channels), dst.cut(to, channels));
            }
        }
        Axis::Height => {
            for x in 0..width {
                let (from, to) = (x * input.stride, x * output.stride);
                let (step_in, step_out) = (width * input.stride, width * output.stride);
                run(s, channels, Line { src: src.after(from), dst: dst.after(to), len: height, step_in, step_out });
            }
        }
        Axis::Width => {
            for y in 0..height {
                let (from, to) = (y * width * input.stride, y * width * output.stride);
                let (step_in, step_out) = (input.stride, output.stride);
                run(s, channels, Line { src: src.after(from), dst: dst.after(to), len: width, step_in, step_out });
            }
        }
    }
}

/// Softmax of `src`, all of it; `dst` may be the same memory.
#[inline(always)]
pub(super) fn channels_softmax<S: Simd>(s: S, src: Src, dst: Dst) {
    let most = largest(s, src);
    run(s, src.len(), Exponentials { src, dst, most });
    run(s, src.len(), Divided { dst, by: sum(s, dst.as_src()) });
}

/// The sum of all.
#[inline(always)]
pub(super) fn sum<S: Simd>(s: S, src: Src) -> f32 {
    // the lanes that a partial load leaves out are zeros, so they do not count
    let (mut sum, mut at) = (s.splat(0.0), 0);
    while at < src.len() {
        sum = s.add(sum, src.load_n(s, at, S::LANES.min(src.len() - at)));
        at += S::LANES;
    }
    s.reduce_add(sum)
}

/// The largest; NaN where one is NaN.
#[inline(always)]
pub(super) fn largest<S: Simd>(s: S, src: Src) -> f32 {
    if src.len() < S::LANES {
        let mut most = f32::NEG_INFINITY;
        for x in (0..src.len()).map(|i| src.get(i)) {
            if x > most || x.is_nan() {
                most = x;
            }
        }
        return most;
    }
    // the last vector may overlap the one before
    let (mut most, mut at) = (src.load(s, src.len() - S::LANES), 0);
    while at + S::LANES <= src.len() {
        most = max_nan(s, most, src.load(s, at));
        at += S::LANES;
    }
    s.reduce_max(most)
}

#[inline(always)]
fn max_nan<S: Simd>(s: S, a: S::V, b: S::V) -> S::V {
    s.select_nan(a, a, s.max(a, b))
}

/// From this difference to the largest on the exponential is 0: divided by the sum it could be a subnormal number, with which
/// some CPUs compute a hundred times slower.
const FAR: f32 = 75.0;

/// `e^(x - most)`.
#[inline(always)]
fn exponentials<S: Simd, const N: usize>(s: S, x: [S::V; N], most: [S::V; N]) -> [S::V; N] {
    let below: [S::V; N] = each!(s, N, |i| s.sub(most[i], x[i]));
    let e: [S::V; N] = exp_neg(s, each!(s, N, |i| s.min(s.splat(FAR), below[i])));
    each!(s, N, |i| s.select_lt(s.splat(FAR), below[i], s.splat(0.0), e[i]))
}

#[derive(Clone, Copy)]
struct Exponentials<'a> {
    src: Src<'a>,
    dst: Dst<'a>,
    most: f32,
}

impl Run for Exponentials<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let x: [S::V; N] = self.src.load_all(s, at, S::LANES, n);
        self.dst.store_all(s, at, S::LANES, n, exponentials(s, x, [s.splat(self.most); N]));
    }
}

#[derive(Clone, Copy)]
struct Divided<'a> {
    dst: Dst<'a>,
    by: f32,
}

impl Run for Divided<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let x: [S::V; N] = self.dst.as_src().load_all(s, at, S::LANES, n);
        self.dst.store_all(s, at, S::LANES, n, each!(s, N, |i| s.div(x[i], s.splat(self.by))));
    }
}

/// A line of pixels, each channel of which is normalised by itself.
#[derive(Clone, Copy)]
struct Line<'a> {
    src: Src<'a>,
    dst: Dst<'a>,
    len: usize,
    step_in: usize,
    step_out: usize,
}

impl Run for Line<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let load = |view: Src, start: usize| -> [S::V; N] { view.load_all(s, start, S::LANES, n) };
        let store = |start: usize, x: [S::V; N]| self.dst.store_all(s, start, S::LANES, n, x);
        let mut most = [s.splat(f32::NEG_INFINITY); N];
        for i in 0..self.len {
            let x = load(self.src, at + i * self.step_in);
            most = each!(s, N, |i| max_nan(s, most[i], x[i]));
        }
        let mut sum = [s.splat(0.0); N];
        for i in 0..self.len {
            let e = exponentials(s, load(self.src, at + i * self.step_in), most);
            store(at + i * self.step_out, e);
            sum = each!(s, N, |i| s.add(sum[i], e[i]));
        }
        for i in 0..self.len {
            let e = load(self.dst.as_src(), at + i * self.step_out);
            store(at + i * self.step_out, each!(s, N, |i| s.div(e[i], sum[i])));
        }
    }
}
