//! Pooling: largest and mean of a window, and the mean over equal parts of a map. Neighbouring windows share what they read.

use super::shape::{largest, sum};
use super::{Map, Run, Window, run};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};
use core::ops::Range;

/// The sizes of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// What comes in.
    pub input: Map,
    /// What goes out; as many channels.
    pub output: Map,
    /// Kernel, stride, padding, dilation.
    pub window: Window,
    /// Whether a mean also counts the zeros of the padding, and how many of them there are below and to the right; those that a
    /// window rounded up (`ceil_mode`) reaches beyond never count.
    pub count_include_pad: Option<[usize; 2]>,
}

/// `dst = act(the largest of the window)`, `part` of the rows. Padding never wins; NaN does.
///
/// # Panics
/// When a view is too small for these sizes.
#[inline(always)]
pub fn max_pool<S: Simd, A: Activation>(s: S, part: Part, pool: Pool, src: Src, dst: Dst, act: A) {
    windows(s, part, pool, src, dst, Largest(act));
}

/// `dst = act(the mean of the window)`, `part` of the rows, with PyTorch's divisor; the dilation is 1.
///
/// # Panics
/// When a view is too small for these sizes, or the dilation is not 1.
#[inline(always)]
pub fn avg_pool<S: Simd, A: Activation>(s: S, part: Part, pool: Pool, src: Src, dst: Dst, act: A) {
    assert!(pool.window.dilation == [1, 1], "a mean is not dilated");
    windows(s, part, pool, src, dst, Mean(act));
}

/// `dst = act(the mean of the bin)`: bin `i` of `n` of a side of `len` goes from `i * len / n`, rounded down, to
/// `(i + 1) * len / n`, rounded up, so neighbours may share a row. `part` of the channels.
///
/// # Panics
/// When a view is too small for these sizes, or the numbers of channels differ.
#[inline(always)]
pub fn adaptive_avg_pool<S: Simd, A: Activation>(
    s: S,
    part: Part,
    input: Map,
    output: Map,
    src: Src,
    dst: Dst,
    act: A,
) {
    bins(s, part, input, output, src, dst, Mean(act));
}

/// `dst = act(the largest of the bin)`, with the bins of [`adaptive_avg_pool`], `part` of the channels. NaN wins.
///
/// # Panics
/// When a view is too small for these sizes, or the numbers of channels differ.
#[inline(always)]
pub fn adaptive_max_pool<S: Simd, A: Activation>(
    s: S,
    part: Part,
    input: Map,
    output: Map,
    src: Src,
    dst: Dst,
    act: A,
) {
    bins(s, part, input, output, src, dst, Largest(act));
}

/// `dst = act(the mean of all channels of the bin)`, with the bins of [`adaptive_avg_pool`]: a map of one channel.
///
/// # Panics
/// When a view is too small for these sizes, or the output has several channels.
#[inline(always)]
pub fn channel_avg_pool<S: Simd, A: Activation>(s: S, input: Map, output: Map, src: Src, dst: Dst, act: A) {
    channels(s, input, output, src, dst, Mean(act));
}

/// `dst = act(the largest of all channels of the bin)`, with the bins of [`adaptive_avg_pool`]: a map of one channel. NaN
/// wins.
///
/// # Panics
/// When a view is too small for these sizes, or the output has several channels.
#[inline(always)]
pub fn channel_max_pool<S: Simd, A: Activation>(s: S, input: Map, output: Map, src: Src, dst: Dst, act: A) {
    channels(s, input, output, src, dst, Largest(act));
}

/// Bin `i` of `n` of a side of `len`.
#[inline(always)]
fn bin(i: usize, n: usize, len: usize) -> Range<usize> {
    i * len / n..((i + 1) * len).div_ceil(n)
}

#[inline(always)]
fn bins<S: Simd, F: Reduce>(s: S, part: Part, input: Map, output: Map, src: Src, dst: Dst, reduce: F) {
    assert!(input.channels == output.channels, "pooling keeps the number of channels");
    let channels = part.of_floats(output.channels);
    let src = src.after(channels.start);
    for y in 0..output.height {
        for x in 0..output.width {
            let rows = bin(y, output.height, input.height);
            let columns = bin(x, output.width, input.width);
            let divisor = (rows.len() * columns.len()) as f32;
            let view = Taps { src, map: input, rows, columns, step: [1, 1] };
            let dst = dst.cut((y * output.width + x) * output.stride + channels.start, channels.len());
            run(s, channels.len(), Pixel { taps: &view, dst, reduce, divisor });
        }
    }
}

#[inline(always)]
fn channels<S: Simd, F: Reduce>(s: S, input: Map, output: Map, src: Src, dst: Dst, reduce: F) {
    assert!(output.channels == 1, "all channels become one");
    for y in 0..output.height {
        for x in 0..output.width {
            let rows = bin(y, output.height, input.height);
            let columns = bin(x, output.width, input.width);
            let divisor = (rows.len() * columns.len() * input.channels) as f32;
            let mut total = reduce.start(s);
            for row in rows {
                // row by row, as in `Pixel`
                let mut line = reduce.start(s);
                for column in columns.clone() {
                    let pixel = src.cut((row * input.width + column) * input.stride, input.channels);
                    line = reduce.join(s, line, s.splat(reduce.across(s, pixel)));
                }
                total = reduce.join(s, total, line);
            }
            let [value] = reduce.finish(s, [total], divisor);
            dst.store_n(s, (y * output.width + x) * output.stride, 1, value);
        }
    }
}

/// Goes through all windows.
#[inline(always)]
fn windows<S: Simd, F: Reduce>(s: S, part: Part, pool: Pool, src: Src, dst: Dst, reduce: F) {
    let Pool { input, output, window, count_include_pad } = pool;
    assert!(input.channels == output.channels, "pooling keeps the number of channels");
    let after = count_include_pad.unwrap_or_default();
    let inner = window.inner(input.width);
    for y in part.of(output.height) {
        let (rows, height) = clip(&window, 0, y, input.height, after[0]);
        let mut x = 0;
        while x < output.width {
            let (columns, width) = clip(&window, 1, x, input.width, after[1]);
            let count = if count_include_pad.is_some() { height * width } else { inside(&window, &rows, &columns) };
            let taps = Taps { src, map: input, rows: rows.clone(), columns, step: window.dilation };
            let dst = dst.after((y * output.width + x) * output.stride);
            let divisor = count as f32;
            if shares_columns(&window) && x + TX <= inner.end && inner.contains(&x) {
                Neighbours { taps: &taps, window, dst, stride: output.stride, reduce, divisor }.run(s);
                x += TX;
            } else {
                let dst = dst.cut(0, output.channels);
                run(s, output.channels, Pixel { taps: &taps, dst, reduce, divisor });
                x += 1;
            }
        }
    }
}

/// Neighbouring outputs that are made at once, so that what their windows share is read once.
const TX: usize = 4;

/// The most input columns that they are made of.
const COLUMNS: usize = 12;

/// The columns that `TX` outputs are made of.
#[inline(always)]
const fn columns(window: &Window) -> usize {
    (TX - 1) * window.stride[1] + window.kernel[1]
}

/// Whether neighbours are made at once.
#[inline(always)]
const fn shares_columns(window: &Window) -> bool {
    window.dilation[1] == 1 && columns(window) <= COLUMNS
}

/// The input places of output `at` along an axis, from the first inside the input to before its end, in steps of the
/// dilation; and how long the window is inside the input with its padding, `after` of it behind.
#[inline(always)]
fn clip(window: &Window, axis: usize, at: usize, len: usize, after: usize) -> (Range<usize>, usize) {
    let (padding, dilation) = (window.padding[axis], window.dilation[axis]);
    let start = at * window.stride[axis];
    let end = start + (window.kernel[axis] - 1) * dilation + 1;
    let padded = end.min(padding + len + after).saturating_sub(start);
    // the first tap that is not before the input
    let first = start + padding.saturating_sub(start).next_multiple_of(dilation) - padding;
    (first..end.saturating_sub(padding).min(len), padded)
}

/// Numbers of a window inside the input.
#[inline(always)]
fn inside(window: &Window, rows: &Range<usize>, columns: &Range<usize>) -> usize {
    rows.len().div_ceil(window.dilation[0]) * columns.len().div_ceil(window.dilation[1])
}

/// The input pixels that one output pixel is made of.
struct Taps<'a> {
    src: Src<'a>,
    map: Map,
    rows: Range<usize>,
    columns: Range<usize>,
    step: [usize; 2],
}

/// One output pixel at work.
#[derive(Clone, Copy)]
struct Pixel<'a, F> {
    taps: &'a Taps<'a>,
    dst: Dst<'a>,
    reduce: F,
    divisor: f32,
}

impl<F: Reduce> Run for Pixel<'_, F> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let Taps { src, map, rows, columns, step } = self.taps;
        let mut total: [S::V; N] = [self.reduce.start(s); N];
        for y in rows.clone().step_by(step[0]) {
            // a row is reduced by itself and then joined: sums of many rows keep more digits so
            let mut row: [S::V; N] = [self.reduce.start(s); N];
            for x in columns.clone().step_by(step[1]) {
                let pixel = (y * map.width + x) * map.stride + at;
                let x: [S::V; N] = src.load_all(s, pixel, S::LANES, n);
                row = each!(s, N, |i| self.reduce.join(s, row[i], x[i]));
            }
            total = each!(s, N, |i| self.reduce.join(s, total[i], row[i]));
        }
        self.dst.store_all(s, at, S::LANES, n, self.reduce.finish(s, total, self.divisor));
    }
}

/// `TX` outputs of a row, whose windows are inside the input, at work.
struct Neighbours<'a, F> {
    /// Those of the first.
    taps: &'a Taps<'a>,
    window: Window,
    /// From the first output on, and the floats to the next.
    dst: Dst<'a>,
    stride: usize,
    reduce: F,
    divisor: f32,
}

impl<F: Reduce> Neighbours<'_, F> {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S) {
        let channels = self.taps.map.channels;
        let full = channels / S::LANES * S::LANES;
        for at in (0..full).step_by(S::LANES) {
            self.vector(s, at, S::LANES);
        }
        if full < channels {
            self.vector(s, full, channels - full);
        }
    }

    /// The `n` channels from `at` on: first all columns from top to bottom, then those of each output.
    #[inline(always)]
    fn vector<S: Simd>(&self, s: S, at: usize, n: usize) {
        let Taps { src, map, rows, columns: first, step } = self.taps;
        let mut columns = [self.reduce.start(s); COLUMNS];
        for y in rows.clone().step_by(step[0]) {
            let row = src.after((y * map.width + first.start) * map.stride + at);
            for (x, column) in columns.iter_mut().enumerate().take(self::columns(&self.window)) {
                *column = self.reduce.join(s, *column, row.load_n(s, x * map.stride, n));
            }
        }
        let outputs: [S::V; TX] = each!(s, TX, |i| {
            let window = columns.iter().skip(i * self.window.stride[1]).take(self.window.kernel[1]);
            window.fold(self.reduce.start(s), |total, &column| self.reduce.join(s, total, column))
        });
        self.dst.store_all(s, at, self.stride, n, self.reduce.finish(s, outputs, self.divisor));
    }
}

/// How many numbers become one.
trait Reduce: Copy {
    fn start<S: Simd>(self, s: S) -> S::V;
    fn join<S: Simd>(self, s: S, a: S::V, b: S::V) -> S::V;
    fn finish<S: Simd, const N: usize>(self, s: S, total: [S::V; N], divisor: f32) -> [S::V; N];
    /// All numbers of a run.
    fn across<S: Simd>(self, s: S, src: Src) -> f32;
}

#[derive(Clone, Copy)]
struct Largest<A>(A);

impl<A: Activation> Reduce for Largest<A> {
    #[inline(always)]
    fn start<S: Simd>(self, s: S) -> S::V {
        s.splat(f32::NEG_INFINITY)
    }

    #[inline(always)]
    fn join<S: Simd>(self, s: S, a: S::V, b: S::V) -> S::V {
        // `max` keeps a NaN of `b`; one that `a` already is must stay
        s.select_nan(a, a, s.max(a, b))
    }

    #[inline(always)]
    fn finish<S: Simd, const N: usize>(self, s: S, total: [S::V; N], _: f32) -> [S::V; N] {
        self.0.apply_all(s, total)
    }

    #[inline(always)]
    fn across<S: Simd>(self, s: S, src: Src) -> f32 {
        largest(s, src)
    }
}

#[derive(Clone, Copy)]
struct Mean<A>(A);

impl<A: Activation> Reduce for Mean<A> {
    #[inline(always)]
    fn start<S: Simd>(self, s: S) -> S::V {
        s.splat(0.0)
    }

    #[inline(always)]
    fn join<S: Simd>(self, s: S, a: S::V, b: S::V) -> S::V {
        s.add(a, b)
    }

    #[inline(always)]
    fn finish<S: Simd, const N: usize>(self, s: S, total: [S::V; N], divisor: f32) -> [S::V; N] {
        self.0.apply_all(s, each!(s, N, |i| s.div(total[i], s.splat(divisor))))
    }

    #[inline(always)]
    fn across<S: Simd>(self, s: S, src: Src) -> f32 {
        sum(s, src)
    }
}
