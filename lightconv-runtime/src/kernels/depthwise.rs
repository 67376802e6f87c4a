//! Depthwise convolution: every channel by itself.
//!
//! Channels lie along vectors. Of a row, the columns whose taps are all inside the map are done TX at a time, so that
//! a weight is loaded once for TX outputs and inputs are shared between neighbours; the columns at the left and right
//! border one at a time, with the taps that are inside. Rows clip the vertical taps. So no padded copy is needed.
//! The weights are packed in panels of 16 channels (the last one 8 or 16, as in [`super`]): biases, then tap by tap.

use super::epilogue::Epilogue;
use super::{Map, PANEL, Panels, Shortcut, Window, panel_len};
use crate::activation::Activation;
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use core::ops::Range;

/// The sizes of a depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// What comes in.
    pub input: Map,
    /// What goes out; as many channels. Its height and width say how often the window moves.
    pub output: Map,
    /// Kernel, stride, padding, dilation.
    pub window: Window,
}

/// `dst = after(act(bias + weights * src) + residual)`, channel by channel.
///
/// `TX` columns of the interior are done at once; where there are fewer, one at a time. The last ones are moved back to
/// end with the interior: neither `src` nor `residual` may share memory with `dst`.
///
/// # Panics
/// When a view is too small for these sizes, or the numbers of channels differ.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn depthwise<S, A, R, B, const TX: usize>(
    s: S,
    depthwise: Depthwise,
    src: Src,
    weights: Src,
    dst: Dst,
    act: A,
    residual: R,
    after: B,
) where
    S: Simd,
    A: Activation,
    R: Shortcut,
    B: Activation,
{
    const { assert!(TX > 0, "at least one column at once") };
    let channels = depthwise.output.channels;
    assert!(channels == depthwise.input.channels, "a depthwise convolution keeps the number of channels");
    let job = Job {
        d: depthwise,
        interior: interior(&depthwise),
        src: src.cut(0, depthwise.input.extent()),
        weights,
        dst: dst.cut(0, depthwise.output.extent()),
        epilogue: Epilogue { act, residual, after },
    };
    let band = band(&depthwise);
    let mut y = 0;
    while y < depthwise.output.height {
        let rows = y..depthwise.output.height.min(y + band);
        let mut c = 0;
        while c + S::LANES <= channels {
            job.strip::<S, TX>(s, rows.clone(), c, S::LANES);
            c += S::LANES;
        }
        let rest = channels - c;
        if rest > <S::Half as Simd>::LANES {
            job.strip::<S, TX>(s, rows.clone(), c, rest);
        } else if rest > 0 {
            job.strip::<S::Half, TX>(s.half(), rows.clone(), c, rest);
        }
        y = rows.end;
    }
}

/// Input floats that may be gone through once for each vector of channels: they must stay in L2 meanwhile.
const BAND_FLOATS: usize = 64 * 1024;

/// Output rows that are done for one vector of channels before the next.
const fn band(d: &Depthwise) -> usize {
    let row = d.window.stride[0] * d.input.width * d.input.stride;
    let rows = BAND_FLOATS / row;
    if rows == 0 { 1 } else { rows }
}

/// The output columns whose taps are all inside the map.
#[inline(always)]
fn interior(d: &Depthwise) -> [usize; 2] {
    let Window { kernel, stride, padding, dilation } = d.window;
    let start = padding[1].div_ceil(stride[1]);
    // the last tap of column x stands at x * stride - padding + reach, which must be less than the width
    let reach = (kernel[1] - 1) * dilation[1];
    let end = (d.input.width + padding[1]).saturating_sub(reach).div_ceil(stride[1]).min(d.output.width);
    if start < end { [start, end] } else { [d.output.width; 2] }
}

/// A convolution at work.
#[derive(Clone, Copy)]
struct Job<'a, A, R, B> {
    d: Depthwise,
    /// The first column of the interior and the one after its last.
    interior: [usize; 2],
    src: Src<'a>,
    weights: Src<'a>,
    dst: Dst<'a>,
    epilogue: Epilogue<A, R, B>,
}

/// A vector of channels at work.
#[derive(Clone, Copy)]
struct Strip<'a> {
    /// Its first channel, and how many lanes count.
    channel: usize,
    n: usize,
    /// The biases, then the taps, `width` floats apart.
    weights: Src<'a>,
    width: usize,
}

impl<A: Activation, R: Shortcut, B: Activation> Job<'_, A, R, B> {
    /// The output rows `rows` for `n` channels from `channel` on.
    #[inline(always)]
    fn strip<S: Simd, const TX: usize>(&self, s: S, rows: Range<usize>, channel: usize, n: usize) {
        let Window { kernel, stride, padding, dilation } = self.d.window;
        let panel = channel / PANEL;
        let width = if panel < Panels::of(self.d.output.channels).full { PANEL } else { PANEL / 2 };
        let weights = self.weights.after(panel * panel_len(PANEL, kernel[0] * kernel[1]) + channel % PANEL);
        let strip = Strip { channel, n, weights, width };
        let [first, end] = self.interior;
        for y in rows {
            let vertical = clip(y, stride[0], padding[0], dilation[0], kernel[0], self.d.input.height);
            for x in (0..first).chain(end..self.d.output.width) {
                let horizontal = clip(x, stride[1], padding[1], dilation[1], kernel[1], self.d.input.width);
                self.tile::<S, 1>(s, &strip, [y, x], vertical, horizontal);
            }
            if end - first < TX {
                for x in first..end {
                    self.tile::<S, 1>(s, &strip, [y, x], vertical, [0, kernel[1]]);
                }
                continue;
            }
            let mut x = first;
            while x < end {
                self.tile::<S, TX>(s, &strip, [y, x.min(end - TX)], vertical, [0, kernel[1]]);
                x += TX;
            }
        }
    }

    /// `N` outputs from `at` on, whose taps from the first to before the second of `vertical` and `horizontal` are inside.
    #[inline(always)]
    fn tile<S: Simd, const N: usize>(
        &self,
        s: S,
        strip: &Strip,
        [y, x]: [usize; 2],
        vertical: [usize; 2],
        horizontal: [usize; 2],
    ) {
        let Window { kernel, stride, padding, dilation } = self.d.window;
        let Strip { channel, n, weights, width } = *strip;
        let weights = weights.cut(0, kernel[0] * kernel[1] * width + S::LANES);
        // SAFETY: the view has at least one vector
        let mut acc = [unsafe { weights.load_unchecked(s, 0) }; N];
        let (rows, columns) = (vertical[1] - vertical[0], horizontal[1] - horizontal[0]);
        if rows > 0 && columns > 0 {
            let pixel = self.d.input.stride;
            let row_step = dilation[0] * self.d.input.width * pixel;
            let (tap_step, output_step) = (dilation[1] * pixel, stride[1] * pixel);
            let row = y * stride[0] + vertical[0] * dilation[0] - padding[0];
            let column = x * stride[1] + horizontal[0] * dilation[1] - padding[1];
            let extent = (rows - 1) * row_step + (columns - 1) * tap_step + (N - 1) * output_step + n;
            let src = self.src.cut((row * self.d.input.width + column) * pixel + channel, extent);
            for ky in 0..rows {
                for kx in 0..columns {
                    let tap = (vertical[0] + ky) * kernel[1] + horizontal[0] + kx;
                    // SAFETY: tap < kernel[0] * kernel[1], and the view holds that many rows and a vector
                    let w = unsafe { weights.load_unchecked(s, (tap + 1) * width) };
                    for (i, acc) in acc.iter_mut().enumerate() {
                        // SAFETY: the greatest of these, with `n`, is `extent`
                        let a = unsafe { src.load_n_unchecked(s, ky * row_step + kx * tap_step + i * output_step, n) };
                        *acc = s.mul_add(a, w, *acc);
                    }
                }
            }
        }
        let pixel = y * self.d.output.width + x;
        for (i, &v) in self.epilogue.apply_pixels(s, acc, pixel, channel, n).iter().enumerate() {
            self.dst.store_n(s, (pixel + i) * self.d.output.stride + channel, n, v);
        }
    }
}

/// The taps of output `at` that are inside an input of `len`, from the first to before the second.
#[inline(always)]
fn clip(at: usize, stride: usize, padding: usize, dilation: usize, kernel: usize, len: usize) -> [usize; 2] {
    // tap k stands at start + k * dilation - padding
    let start = at * stride;
    let end = (len + padding).saturating_sub(start).div_ceil(dilation).min(kernel);
    [padding.saturating_sub(start).div_ceil(dilation).min(end), end]
}
