//! How the rows of the ring are made.

use crate::activation::{Activation, Identity};
use crate::kernels::border::{padded_row, patch};
use crate::kernels::conv::Conv;
use crate::kernels::epilogue::Epilogue;
use crate::kernels::taps::Taps;
use crate::kernels::tile::{Ahead, Output, tile};
use crate::kernels::{Map, NoResidual, PANEL, panel_len};
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use core::ops::Range;

/// Floats of a row from which on a costly activation is applied to them: as soon as they are there, so that its divisions go on while the
/// products of the next tile begin, but enough that a pass is worth its beginning (measured: `docs/performance.md`).
const PASS_FLOATS: usize = 256;

/// The part of a row that is made at once.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// What the depthwise convolution reads.
    pub map: Map,
    /// The row of it.
    pub y: usize,
    /// The columns.
    pub columns: Range<usize>,
    /// The first channel.
    pub channel: usize,
    /// An older row of the ring, from the map's first column on, whose part is read after this one is made and has left L1.
    pub older: Option<*const f32>,
}

/// The rows are expanded by a dense convolution, most often a pointwise one, in tiles of `MR` pixels, and activated. The last of a row has
/// `TR`, those that are left; where that is 0 it is moved back to end with the row.
#[derive(Clone, Copy, Debug)]
pub struct Expand<'a, A, const MR: usize, const TR: usize> {
    /// The convolution: its input is what comes in, its output what the depthwise convolution reads.
    pub conv: Conv,
    /// Room for [`Conv::row_pad_len`] floats.
    pub pad: Dst<'a>,
    /// Its weights, in panels.
    pub weights: Src<'a>,
    /// Its activation.
    pub act: A,
}

impl<A: Activation, const MR: usize, const TR: usize> Expand<'_, A, MR, TR> {
    /// Whether only the tiles that reach outside read a copy.
    #[inline(always)]
    fn is_patched(&self) -> bool {
        self.conv.is_patched(MR, 1, self.conv.padded_pixels()[1])
    }

    /// The columns that are made at once, or some times as many; `None` where a row is made as a whole.
    #[inline(always)]
    pub(super) fn step(&self) -> Option<usize> {
        (self.is_patched() || !self.conv.is_padded()).then_some(MR)
    }

    /// Makes a stretch of `NV` vectors of channels from `src`, what comes in. `dst` is the row of the ring, from the map's first column on.
    #[inline(always)]
    pub(super) fn fill<S: Simd, const NV: usize>(self, s: S, stretch: Stretch, src: Src, dst: Dst) {
        let Stretch { map, y, columns, channel, older } = stretch;
        let channels = NV * S::LANES;
        let is_patched = self.is_patched();
        let taps = Taps::of(&self.conv, if is_patched { self.conv.input } else { self.conv.padded_input() });
        let weights = self.weights.after(channel / PANEL * panel_len(PANEL, taps.products()));
        let out = Output { dst, stride: channels, channel: 0, valid: channels, ragged: false };
        let epilogue = Epilogue { act: self.act, residual: NoResidual, after: Identity };
        let row = if is_patched { src } else { padded_row(&self.conv, src, self.pad, y) };
        let address = |x: usize| match is_patched {
            true => self.conv.address(src, y, x),
            false => row.as_ptr().wrapping_add(x * taps.pixel_step),
        };
        assert!(TR == 0 || TR == map.width % MR, "the last tile has the pixels that are left");
        // tiles may not go beyond the row: the last has fewer pixels or overlaps the one before
        let first = |x: usize| if TR > 0 { x } else { x.min(map.width - MR) };
        let mut x = columns.start;
        let mut activated = first(x);
        while x < columns.end {
            let start = first(x);
            let is_tail = TR > 0 && start + MR > map.width;
            let window = if is_patched {
                patch(&self.conv, if is_tail { TR } else { MR }, src, self.pad, y, start)
            } else {
                row.after(start * taps.pixel_step)
            };
            let next = address(start + MR);
            taps.fetch(s, next, MR);
            let ahead = Ahead::of_input(&self.conv, MR, next);
            if let Some(older) = older {
                for line in 0..MR * channels / PANEL {
                    s.prefetch_read(older.wrapping_add(start * channels + line * PANEL));
                }
            }
            if const { TR > 0 } && is_tail {
                tile::<S, _, _, _, TR, NV>(s, &taps, window, weights, ahead, out, start, epilogue);
            } else {
                tile::<S, _, _, _, MR, NV>(s, &taps, window, weights, ahead, out, start, epilogue);
            }
            x += MR;
            let end = if x < columns.end { first(x) } else { columns.end };
            let is_due = end == columns.end || (end - activated) * channels >= PASS_FLOATS;
            if Epilogue::<A, NoResidual, Identity>::COSTLY && is_due {
                epilogue.pass(s, dst, channels, 0..channels, activated..end);
                activated = end;
            }
        }
    }
}
