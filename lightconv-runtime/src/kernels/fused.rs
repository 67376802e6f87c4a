//! A depthwise convolution with what stands before and after it, row by row: the inverted residual as one kernel.
//!
//! For each output row, the input rows that it needs and that are not there yet are made (expanded by a pointwise or
//! another dense convolution, or copied), a slice of channels and a block of columns at a time, into a ring of rows; from these the
//! depthwise row is computed while they lie in L1; when all slices of the row are done, it is projected by another pointwise
//! convolution. So of the expanded tensor only as many rows exist as the window is high.
//!
//! The ring has columns of zeros at both sides and a row of zeros, so that the depthwise part knows no borders. It is laid
//! out slice by slice, in a slice row by row, a slice being the channels of one tile of the expansion.
//!
//! References: MobileNetV2 (Sandler et al., 2018) for the block, section 5 there for the idea of never holding the expanded
//! tensor; the loop order was measured (`docs/performance.md`).

use super::border::{padded_row, patch};
use super::conv::{Conv, conv};
use super::epilogue::Epilogue;
use super::tile::{Ahead, Output, Taps, tile};
use super::{Map, NoResidual, PANEL, Panels, Shortcut, Window, copy_run, packed_len, panel_len};
use crate::activation::{Activation, Identity};
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use core::ops::Range;

/// The sizes of a fused depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fused {
    /// What the depthwise convolution reads: what comes in, or what the expansion makes of it, which has no place in memory and so
    /// no stride.
    pub input: Map,
    /// What the depthwise convolution gives, before the projection: its channels are the expanded ones, a multiple of 8.
    pub middle: Map,
    /// The window of the depthwise convolution.
    pub window: Window,
}

impl Fused {
    /// Floats of the ring.
    #[must_use]
    #[inline(always)]
    pub const fn ring_len(&self) -> usize {
        // a row more for the zeros
        (self.slots() + 1) * self.columns() * self.middle.channels
    }

    /// Rows of the ring: as many as the window touches.
    #[inline(always)]
    const fn slots(&self) -> usize {
        (self.window.kernel[0] - 1) * self.window.dilation[0] + 1
    }

    /// Outputs of a row that are made of the first `filled` columns of the input.
    #[inline(always)]
    const fn ready(&self, filled: usize) -> usize {
        if filled == self.input.width {
            return self.middle.width;
        }
        let Window { kernel, stride, padding, dilation } = self.window;
        let (there, wanted) = (filled + padding[1], (kernel[1] - 1) * dilation[1] + 1);
        let ready = if there < wanted { 0 } else { (there - wanted) / stride[1] + 1 };
        if ready < self.middle.width { ready } else { self.middle.width }
    }

    /// Columns of a row of the ring: as many as the windows of a row touch, at least those of the input.
    #[inline(always)]
    const fn columns(&self) -> usize {
        let Window { kernel, stride, padding, dilation } = self.window;
        let touched = (self.middle.width - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1;
        let filled = padding[1] + self.input.width;
        // an odd number, so that no two rows lie a multiple of 4 KiB apart, where a load waits for stores it does not need
        (if touched > filled { touched } else { filled }) | 1
    }
}

/// Floats of the rows that a window touches, of a slice, which are made and read at once: half of the smallest L1 met (32 KiB), for they are
/// read by rows, and new ones written, while they are there (measured: `docs/performance.md`).
const BLOCK_FLOATS: usize = 4 * 1024;

/// How the rows of the ring come to be.
pub trait Fill: Copy {
    /// The columns that are made at once, or some times as many; `None` where a row is made as a whole.
    fn step(&self) -> Option<usize>;

    /// Makes some columns of row `y` of the depthwise convolution's input `map`, for the `NV` vectors of channels from `channel` on.
    #[allow(clippy::too_many_arguments)]
    fn fill<S: Simd, const NV: usize>(
        self,
        s: S,
        map: Map,
        src: Src,
        y: usize,
        columns: Range<usize>,
        channel: usize,
        dst: Dst,
    );
}

/// The rows are the input's own.
#[derive(Clone, Copy, Debug)]
pub struct Direct;

impl Fill for Direct {
    #[inline(always)]
    fn step(&self) -> Option<usize> {
        Some(1)
    }

    #[inline(always)]
    fn fill<S: Simd, const NV: usize>(
        self,
        s: S,
        map: Map,
        src: Src,
        y: usize,
        columns: Range<usize>,
        channel: usize,
        dst: Dst,
    ) {
        let len = NV * S::LANES;
        for x in columns {
            let from = src.cut((y * map.width + x) * map.stride + channel, len);
            copy_run(s, from, dst.cut(x * len, len), len);
        }
    }
}

/// The rows are expanded by a dense convolution, most often a pointwise one, in tiles of `MR` pixels, and activated.
#[derive(Clone, Copy, Debug)]
pub struct Expand<'a, A, const MR: usize> {
    /// The convolution: its input is what comes in, its output what the depthwise convolution reads.
    pub conv: Conv,
    /// Room for [`Conv::row_pad_len`] floats.
    pub pad: Dst<'a>,
    /// Its weights, in panels.
    pub weights: Src<'a>,
    /// Its activation.
    pub act: A,
}

impl<A, const MR: usize> Expand<'_, A, MR> {
    /// Whether only the tiles that reach outside read a copy.
    #[inline(always)]
    fn is_patched(&self) -> bool {
        self.conv.is_patched(MR, 1, self.conv.padded_pixels()[1])
    }
}

impl<A: Activation, const MR: usize> Fill for Expand<'_, A, MR> {
    #[inline(always)]
    fn step(&self) -> Option<usize> {
        (self.is_patched() || !self.conv.is_padded()).then_some(MR)
    }

    #[inline(always)]
    fn fill<S: Simd, const NV: usize>(
        self,
        s: S,
        map: Map,
        src: Src,
        y: usize,
        columns: Range<usize>,
        channel: usize,
        dst: Dst,
    ) {
        let channels = NV * S::LANES;
        let is_patched = self.is_patched();
        let taps = Taps::of(&self.conv, if is_patched { self.conv.input } else { self.conv.padded_input() });
        let weights = self.weights.after(channel / PANEL * panel_len(PANEL, taps.products()));
        let out = Output { dst, stride: channels, channel: 0, valid: channels, ragged: false };
        let epilogue = Epilogue { act: self.act, residual: NoResidual, after: Identity };
        let row = if is_patched { src } else { padded_row(&self.conv, src, self.pad, y) };
        let mut x = columns.start;
        while x < columns.end {
            let start = x.min(map.width - MR);
            let src = if is_patched {
                patch(&self.conv, MR, src, self.pad, y, start)
            } else {
                row.after(start * taps.pixel_step)
            };
            tile::<S, _, _, _, MR, NV>(s, &taps, src, weights, Ahead::NOTHING, out, start, epilogue);
            x += MR;
        }
        if Epilogue::<A, NoResidual, Identity>::COSTLY {
            epilogue.pass(s, dst, channels, 0..channels, columns.start.min(map.width - MR)..columns.end);
        }
    }
}

/// A window of one pixel.
const POINTWISE: Window = Window { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };

/// Where the depthwise rows go.
pub trait Drain: Copy {
    /// Where row `y` of the depthwise output is to be written, and the floats from a pixel to the next.
    fn row(&self, middle: Map, y: usize) -> (Dst<'_>, usize);

    /// Whether the sums of rows are wanted.
    const SUMS: bool = false;

    /// Takes the sum of row `y` for the vector of channels from `channel` on.
    #[inline(always)]
    fn sum<S: Simd>(self, _: S, _: Map, _y: usize, _channel: usize, _sum: S::V) {}

    /// Called when row `y` is complete.
    #[inline(always)]
    fn done<S: Simd>(self, _: S, _: Map, _y: usize) {}
}

/// They are the result.
#[derive(Clone, Copy, Debug)]
pub struct Keep<'a> {
    /// The map; its stride is that of the middle.
    pub dst: Dst<'a>,
}

impl Drain for Keep<'_> {
    #[inline(always)]
    fn row(&self, middle: Map, y: usize) -> (Dst<'_>, usize) {
        (self.dst.after(y * middle.width * middle.stride), middle.stride)
    }
}

/// They are the result, and so is the mean of each, for a global average that follows: it need not read the whole map again.
#[derive(Clone, Copy, Debug)]
pub struct KeepMeans<'a> {
    /// The map.
    pub keep: Keep<'a>,
    /// The means, all channels of a row, then those of the next.
    pub means: Dst<'a>,
}

impl Drain for KeepMeans<'_> {
    const SUMS: bool = true;

    #[inline(always)]
    fn row(&self, middle: Map, y: usize) -> (Dst<'_>, usize) {
        self.keep.row(middle, y)
    }

    #[inline(always)]
    fn sum<S: Simd>(self, s: S, middle: Map, y: usize, channel: usize, sum: S::V) {
        self.means.store(s, y * middle.channels + channel, s.div(sum, s.splat(middle.width as f32)));
    }
}

/// Each is projected by a pointwise convolution as soon as it is there: `after(act(weights * row + bias) + residual)`.
/// The tile is as in [`conv`].
#[derive(Clone, Copy, Debug)]
pub struct Project<'a, A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize> {
    /// Room for one row of the middle.
    pub row: Dst<'a>,
    /// The weights, in panels.
    pub weights: Src<'a>,
    /// The result, of this many channels, so many floats from pixel to pixel; as high and wide as the middle.
    pub dst: Dst<'a>,
    /// Its channels and stride.
    pub output: Map,
    /// Tiles in a block.
    pub block: usize,
    /// Before the residual.
    pub act: A,
    /// What is added.
    pub residual: R,
    /// After it.
    pub after: B,
}

impl<A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize> Drain
    for Project<'_, A, R, B, MR, NV, RV, HV>
where
    A: Activation,
    R: Shortcut,
    B: Activation,
{
    #[inline(always)]
    fn row(&self, middle: Map, _: usize) -> (Dst<'_>, usize) {
        (self.row, middle.channels)
    }

    #[inline(always)]
    fn done<S: Simd>(self, s: S, middle: Map, y: usize) {
        let line = Conv {
            input: Map { height: 1, stride: middle.channels, ..middle },
            output: Map { height: 1, ..self.output },
            window: POINTWISE,
            groups: 1,
            block: self.block,
        };
        let first = y * self.output.width;
        let dst = self.dst.after(first * self.output.stride);
        let residual = self.residual.starting_at(first);
        conv::<S, A, R, B, MR, NV, RV, HV>(
            s,
            Part::ALL,
            line,
            self.row.as_src(),
            Dst::empty(),
            self.weights,
            dst,
            self.act,
            residual,
            self.after,
        );
    }
}

/// A depthwise convolution, its input filled and its output drained row by row; `act` is its activation. `part` of its rows.
///
/// Slices are of `NV` vectors (whole panels of 16), then of `RV` for full panels that are left, then of `HV` vectors of
/// `S::Half` for the panel of 8 at the end; `TX` columns are computed at once, at most the width. `ring` has
/// [`Fused::ring_len`] floats, which no other part may use, as the room for a row of [`Project`].
///
/// # Panics
/// When a view is too small for these sizes, the channels are no multiple of 8, or the tile does not fit them.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn fused<S, F, A, D, const NV: usize, const RV: usize, const HV: usize, const TX: usize>(
    s: S,
    part: Part,
    fused: Fused,
    src: Src,
    fill: F,
    ring: Dst,
    weights: Src,
    act: A,
    drain: D,
) where
    S: Simd,
    F: Fill,
    A: Activation,
    D: Drain,
{
    let middle = fused.middle;
    assert!(middle.channels.is_multiple_of(PANEL / 2), "a fused convolution has whole panels of 8");
    assert!(TX <= middle.width && fused.window.kernel[0] <= TAPS, "the tile must fit the map");
    let panels = Panels::of(middle.channels);
    let (main, rest) = (panels.full / (NV * S::LANES / PANEL), panels.full % (NV * S::LANES / PANEL));
    assert!(
        rest == 0 || RV > 0 && (rest * PANEL).is_multiple_of(RV.max(1) * S::LANES),
        "no slice for panels left over"
    );
    assert!(!panels.half || HV > 0, "no slice for the last panel of 8");
    let ring = ring.cut(0, fused.ring_len());
    let weights = weights.cut(0, packed_len(middle.channels, fused.window.kernel[0] * fused.window.kernel[1]));

    let rows = part.of(middle.height);
    // rows that the part before needs too are filled by both
    let mut filled = (rows.start * fused.window.stride[0]).saturating_sub(fused.window.padding[0]);
    for y in rows.clone() {
        let end = (y * fused.window.stride[0] + fused.slots()).saturating_sub(fused.window.padding[0]);
        let end = end.min(fused.input.height);
        let (dst, stride) = drain.row(middle, y);
        let (from, is_first) = (filled.min(end), y == rows.start);
        let row = Row { fused, src, fill, ring, weights, act, y, is_first, from, end, dst, stride };
        let mut channel = 0;
        for _ in 0..main {
            row.slice::<S, D, NV, TX>(s, channel, drain);
            channel += NV * S::LANES;
        }
        if RV > 0 {
            for _ in 0..rest * PANEL / (RV.max(1) * S::LANES) {
                row.slice::<S, D, RV, TX>(s, channel, drain);
                channel += RV * S::LANES;
            }
        }
        if HV > 0 && panels.half {
            row.slice::<S::Half, D, HV, TX>(s.half(), channel, drain);
        }
        filled = filled.max(end);
        drain.done(s, middle, y);
    }
}

/// Sets to zero what is never filled: in each row what stands before `start` and after `len` floats more, and the last row. Compiled
/// once, not in each net.
#[inline(never)]
fn zero_border(ring: Dst, slots: usize, row_len: usize, start: usize, len: usize) {
    for slot in 0..slots {
        let row = ring.cut(slot * row_len, row_len);
        row.cut(0, start).zero();
        row.after(start + len).zero();
    }
    ring.cut(slots * row_len, row_len).zero();
}

/// The most rows a window may have.
const TAPS: usize = 16;

/// One output row at work.
#[derive(Clone, Copy)]
struct Row<'a, F, A> {
    fused: Fused,
    src: Src<'a>,
    fill: F,
    ring: Dst<'a>,
    weights: Src<'a>,
    act: A,
    /// Which row.
    y: usize,
    /// Whether it is the first that uses the ring.
    is_first: bool,
    /// Input rows to be filled first.
    from: usize,
    end: usize,
    /// Where it goes.
    dst: Dst<'a>,
    stride: usize,
}

impl<F: Fill, A: Activation> Row<'_, F, A> {
    /// The row for the `NV` vectors of channels from `channel` on.
    #[inline(always)]
    fn slice<S: Simd, D: Drain, const NV: usize, const TX: usize>(&self, s: S, channel: usize, drain: D) {
        let Fused { input, window, middle } = self.fused;
        let len = NV * S::LANES;
        let (slots, columns) = (self.fused.slots(), self.fused.columns());
        let row_len = columns * len;
        let ring = self.ring.cut(channel * (slots + 1) * columns, (slots + 1) * row_len);
        if self.is_first {
            zero_border(ring, slots, row_len, window.padding[1] * len, input.width * len);
        }
        // where the row of each tap stands; those outside the input are the row of zeros
        let mut rows = [0; TAPS];
        for (ky, row) in rows.iter_mut().enumerate().take(window.kernel[0]) {
            let y = (self.y * window.stride[0] + ky * window.dilation[0]).wrapping_sub(window.padding[0]);
            *row = if y < input.height { y % slots * row_len } else { slots * row_len };
        }
        let width = if len < PANEL { PANEL / 2 } else { PANEL };
        let panel = panel_len(width, window.kernel[0] * window.kernel[1]);
        let weights = self.weights.after(channel / PANEL * panel_len(PANEL, window.kernel[0] * window.kernel[1]));
        // of known length, so that the check of a tile's writes is none; with it the portable backend takes a fifth longer
        let dst = self.dst.cut(channel, (middle.width - 1) * self.stride + len);
        let most = BLOCK_FLOATS / (slots * len);
        let block = self.fill.step().map_or(input.width, |step| (most - most % step).max(step));
        let mut sums = [s.splat(0.0); NV];
        let (mut filled, mut x) = (0, 0);
        while x < middle.width {
            let to = input.width.min(filled + block);
            for y in self.from..self.end {
                let row = ring.cut(y % slots * row_len + window.padding[1] * len, input.width * len);
                self.fill.fill::<S, NV>(s, input, self.src, y, filled..to, channel, row);
            }
            filled = to;
            // whole tiles of outputs whose inputs are there
            let ready = self.fused.ready(filled);
            let ready = if ready == middle.width { ready } else { x + (ready - x) / TX * TX };
            for (v, sum) in sums.iter_mut().enumerate() {
                let at = v * S::LANES;
                let weights = weights.after(at / width * panel + at % width);
                let mut x = x;
                while x < ready {
                    let start = x.min(middle.width - TX);
                    let values = self.outputs::<S, TX>(s, ring.as_src(), &rows, weights, width, at, start, len);
                    dst.store_all(s, start * self.stride + at, self.stride, S::LANES, values);
                    if D::SUMS {
                        // the last tile overlaps the one before it
                        let fresh = values.iter().skip(x - start);
                        *sum = s.add(*sum, fresh.fold(s.splat(0.0), |sum, &v| s.add(sum, v)));
                    }
                    x += TX;
                }
            }
            x = ready;
        }
        if D::SUMS {
            for (v, sum) in sums.into_iter().enumerate() {
                drain.sum(s, middle, self.y, channel + v * S::LANES, sum);
            }
        }
    }

    /// `TX` outputs of one vector of channels from column `x` on.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn outputs<S: Simd, const TX: usize>(
        &self,
        s: S,
        ring: Src,
        rows: &[usize; TAPS],
        weights: Src,
        width: usize,
        at: usize,
        x: usize,
        len: usize,
    ) -> [S::V; TX] {
        let Window { kernel, stride, dilation, .. } = self.fused.window;
        let weights = weights.cut(0, kernel[0] * kernel[1] * width + S::LANES);
        // SAFETY: the view has at least one vector
        let mut acc = [unsafe { weights.load_unchecked(s, 0) }; TX];
        let extent = ((TX - 1) * stride[1] + (kernel[1] - 1) * dilation[1]) * len + S::LANES;
        for (ky, row) in rows.iter().enumerate().take(kernel[0]) {
            let row = ring.cut(row + x * stride[1] * len + at, extent);
            for kx in 0..kernel[1] {
                // SAFETY: the tap is one of kernel[0] * kernel[1], a row of weights each, and the view holds them all
                let w = unsafe { weights.load_unchecked(s, (ky * kernel[1] + kx + 1) * width) };
                for (i, acc) in acc.iter_mut().enumerate() {
                    // SAFETY: the greatest of these, with a vector, is `extent`
                    let a = unsafe { row.load_unchecked(s, (i * stride[1] + kx * dilation[1]) * len) };
                    *acc = s.mul_add(a, w, *acc);
                }
            }
        }
        self.act.apply_all(s, acc)
    }
}
