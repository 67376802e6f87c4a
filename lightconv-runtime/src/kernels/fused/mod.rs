//! A depthwise convolution with what stands before and after it, row by row: the inverted residual as one kernel.
//!
//! For each output row, the input rows that it needs and that are not there yet are made (expanded by a pointwise or
//! another dense convolution), a slice of channels and a block of columns at a time, into a ring of rows; from these the
//! depthwise row is computed while they lie in L1. A slice goes through a band of rows before the next one's turn, so that its
//! rows are still near for the next row. When all slices of the band are done, its rows are projected by another pointwise
//! convolution. So of the expanded tensor only as many rows exist as the window is high, and of what is projected a band.
//!
//! The ring has columns of zeros at both sides and a row of zeros, so that the depthwise part knows no borders. It is laid
//! out slice by slice, in a slice row by row, a slice being the channels of one tile of the expansion.
//!
//! References: MobileNetV2 (Sandler et al., 2018) for the block, section 5 there for the idea of never holding the expanded
//! tensor; the loop order was measured (`docs/performance.md`).

mod band;
mod drain;
mod fill;
mod separable;

pub use drain::{Drain, Keep, Project};
pub use fill::Expand;
pub use separable::separable;

use super::{Map, PANEL, Panels, Upcoming, Window, packed_len};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use band::{Band, TAPS};

/// The sizes of a fused depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fused {
    /// What the depthwise convolution reads: what the expansion makes, which has no place in memory and so no stride.
    pub input: Map,
    /// What the depthwise convolution gives, before the projection: its channels are the expanded ones, a multiple of 8.
    pub middle: Map,
    /// The window of the depthwise convolution.
    pub window: Window,
    /// Output rows that a slice of channels goes through before the next slice's turn, at least 1.
    pub band: usize,
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

    /// The input rows, from the first to before the second, that row `y` of the output is made of.
    #[inline(always)]
    const fn touched(&self, y: usize) -> [usize; 2] {
        let (start, above) = (y * self.window.stride[0], self.window.padding[0]);
        let end = (start + self.slots()).saturating_sub(above);
        let end = if end < self.input.height { end } else { self.input.height };
        let first = start.saturating_sub(above);
        [if first < end { first } else { end }, end]
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

/// A depthwise convolution, its input expanded and its output drained row by row; `act` is its activation. `part` of its rows.
///
/// Slices are of `NV` vectors (whole panels of 16), then of `RV` for full panels that are left, then of `HV` vectors of
/// `S::Half` for the panel of 8 at the end; `TX` columns are computed at once, at most the width. `ring` has
/// [`Fused::ring_len`] floats, which no other part may use, as the room for the rows of [`Project`].
///
/// # Panics
/// When a view is too small for these sizes, the channels are no multiple of 8, or the tile does not fit them.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn fused<
    S,
    E,
    A,
    D,
    const MR: usize,
    const NV: usize,
    const RV: usize,
    const HV: usize,
    const TR: usize,
    const TX: usize,
>(
    s: S,
    part: Part,
    fused: Fused,
    src: Src,
    expand: Expand<E, MR, TR>,
    ring: Dst,
    weights: Src,
    act: A,
    drain: D,
) where
    S: Simd,
    E: Activation,
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

    drain.begin(s, middle);
    let all = part.of(middle.height);
    let mut top = all.start;
    while top < all.end {
        let rows = top..all.end.min(top + fused.band);
        let band = Band { fused, src, expand, ring, weights, act, first: all.start, rows: rows.clone() };
        let mut channel = 0;
        for _ in 0..main {
            band.slice::<S, D, NV, TX>(s, channel, drain);
            channel += NV * S::LANES;
        }
        if const { RV > 0 } {
            for _ in 0..rest * PANEL / (RV.max(1) * S::LANES) {
                band.slice::<S, D, RV, TX>(s, channel, drain);
                channel += RV * S::LANES;
            }
        }
        if const { HV > 0 } && panels.half {
            band.slice::<S::Half, D, HV, TX>(s.half(), channel, drain);
        }
        top = rows.end;
        drain.done(s, middle, rows, Upcoming::NOTHING);
    }
}
