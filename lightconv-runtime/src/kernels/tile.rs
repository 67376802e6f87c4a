//! The tile of a convolution: sums of MR pixels by NV vectors of channels, in registers.

use super::epilogue::Epilogue;
use super::taps::{Chain, Taps};
use super::{Conv, PANEL, Shortcut, panel_len};
use crate::activation::Activation;
use crate::memory::{Dst, Src, reach};
use crate::simd::{Simd, each};
use core::ops::Range;

/// Weights that are fetched while others are multiplied: those of a net are too many to have stayed there, and what comes
/// from L3 as it is wanted lets the first tile of a column wait. Nothing is read: the address may be any.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    /// What goes with the first product.
    pub at: *const f32,
    /// Floats from there to what goes with the next product: a row of a panel, or less, so that a line is asked for more than once
    /// and lines come more slowly.
    pub step: usize,
    /// Cache lines a product.
    pub lines: usize,
    /// Floats between those.
    pub apart: usize,
    /// Whether they are for later, so that they go to L2 alone.
    pub is_late: bool,
}

impl Ahead {
    /// None.
    pub const NOTHING: Ahead = Ahead { at: core::ptr::null(), step: 0, lines: 0, apart: 0, is_late: false };

    /// What the next tile of `mr` pixels of a pointwise convolution reads, from `at` on: of each 16 pixels a line a product. Of any other
    /// nothing, for [`Taps::fetch`] does it.
    #[inline(always)]
    pub fn of_input(conv: &Conv, mr: usize, at: *const f32) -> Self {
        if !conv.is_pointwise() {
            return Ahead::NOTHING;
        }
        let lines = mr.div_ceil(PANEL);
        Ahead { at, step: lines * PANEL, lines, apart: PANEL, is_late: false }
    }

    /// A row of a panel of weights a product, from `at` on, or `step` floats of it.
    #[inline(always)]
    pub fn of_weights(at: *const f32, step: usize) -> Self {
        Ahead { at, step, lines: 1, apart: 0, is_late: false }
    }

    /// `step` floats a product, from `at` on, for later.
    #[inline(always)]
    pub fn of_upcoming(at: *const f32, step: usize) -> Self {
        Ahead { is_late: true, ..Ahead::of_weights(at, step) }
    }
}

/// Where a tile's results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output<'a> {
    /// The whole map.
    pub dst: Dst<'a>,
    /// Floats from a pixel to the next.
    pub stride: usize,
    /// First channel.
    pub channel: usize,
    /// Channels from there on that exist in this group; the others are zeros that fill the last panel.
    pub valid: usize,
    /// Whether there are such zeros.
    pub ragged: bool,
}

/// One tile. `src` begins with the first float that its first pixel reads, `weights` with the panel of its first channel;
/// `pixel` is its first output pixel. A costly epilogue is left to the caller.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) fn tile<S: Simd, A: Activation, R: Shortcut, B: Activation, const MR: usize, const NV: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Src,
    ahead: Ahead,
    out: Output,
    pixel: usize,
    epilogue: Epilogue<A, R, B>,
) {
    store(s, sums::<S, MR, NV>(s, taps, src, weights, ahead), out, pixel, epilogue);
}

/// Writes the sums of a tile through the epilogue.
#[inline(always)]
pub(super) fn store<S: Simd, A: Activation, R: Shortcut, B: Activation, const MR: usize, const NV: usize>(
    s: S,
    acc: [[S::V; NV]; MR],
    out: Output,
    pixel: usize,
    epilogue: Epilogue<A, R, B>,
) {
    let width = if out.ragged { out.valid.min(NV * S::LANES) } else { NV * S::LANES };
    // the checks stand for all that is read and written below
    let dst = out.dst.cut(pixel * out.stride + out.channel, reach(MR, out.stride, width));
    let epilogue = if Epilogue::<A, R, B>::COSTLY { epilogue } else { epilogue.part(pixel, MR, out.channel, width) };
    // A tile of one vector in two loops: one of all its rows, with five instructions a sum, the optimiser does not write out, and puts the sums
    // into memory for it. Of more vectors it costs nothing that shows, and 16 registers do not hold the sums of one and an activation.
    // SAFETY: the rows are those of the tile, for which `dst` and `epilogue` have just been checked
    unsafe {
        if const { NV == 1 && S::REGISTERS >= 32 } {
            store_rows(s, &acc, 0..MR / 2, out, dst, epilogue);
            store_rows(s, &acc, MR / 2..MR, out, dst, epilogue);
        } else {
            store_rows(s, &acc, 0..MR, out, dst, epilogue);
        }
    }
}

/// Writes `rows` of a tile to `dst`, which begins with the tile's first sum.
///
/// # Safety
/// `dst` has a vector for each sum of these rows, as far as the channels of `out` go, and where it is cheap `epilogue` has as many.
#[inline(always)]
unsafe fn store_rows<S: Simd, A: Activation, R: Shortcut, B: Activation, const MR: usize, const NV: usize>(
    s: S,
    acc: &[[S::V; NV]; MR],
    rows: Range<usize>,
    out: Output,
    dst: Dst,
    epilogue: Epilogue<A, R, B>,
) {
    for m in rows {
        for (v, &x) in acc[m].iter().enumerate() {
            let at = v * S::LANES;
            let n = if out.ragged { out.valid.saturating_sub(at).min(S::LANES) } else { S::LANES };
            if n == 0 {
                continue;
            }
            // SAFETY: the caller's promise
            let y = if Epilogue::<A, R, B>::COSTLY { x } else { unsafe { epilogue.apply_one(s, x, m, at, n) } };
            // SAFETY: the caller's promise
            unsafe { dst.store_n_unchecked(s, m * out.stride + at, n, y) }
        }
    }
}

/// Vectors of a tile from which its products are so slow, ten cycles and more each, that L3 gives a line of weights in one. The tiles of
/// smaller ones would wait for it, and share what is fetched (measured: `docs/performance.md`).
pub(super) const SLOW_PRODUCT: usize = 20;

/// Bias and products summed.
#[inline(always)]
fn sums<S: Simd, const MR: usize, const NV: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Src,
    ahead: Ahead,
) -> [[S::V; NV]; MR] {
    let width = if NV * S::LANES < PANEL { PANEL / 2 } else { PANEL };
    let panel = panel_len(width, taps.products());
    let weights = weights.cut(0, reach((NV * S::LANES).div_ceil(width), panel, panel));
    let bias: [S::V; NV] = each!(s, NV, |v| weights.load(s, v * S::LANES / width * panel + v * S::LANES % width));
    products::<S, MR, NV>(s, [bias; MR], taps, src, weights.after(width), panel, ahead)
}

/// The products, in chains, added to what `start` holds. `weights` begin with those of the first tap and input channel, those of the next
/// panel stand `panel` floats from there.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn products<S: Simd, const MR: usize, const NV: usize>(
    s: S,
    start: [[S::V; NV]; MR],
    taps: &Taps,
    src: Src,
    weights: Src,
    panel: usize,
    ahead: Ahead,
) -> [[S::V; NV]; MR] {
    if !taps.is_long {
        return accumulate::<S, MR, NV>(s, start, taps, src, weights, panel, ahead);
    }
    let width = if NV * S::LANES < PANEL { PANEL / 2 } else { PANEL };
    let mut total = start;
    for Chain { taps, from, k, .. } in taps.chains() {
        let ahead = Ahead { at: ahead.at.wrapping_add(k * ahead.step), ..ahead };
        let zero = [[s.splat(0.0); NV]; MR];
        let sums = accumulate::<S, MR, NV>(s, zero, &taps, src.after(from), weights.after(k * width), panel, ahead);
        add(s, &mut total, sums);
    }
    total
}

/// `total += sums`.
#[inline(always)]
pub(super) fn add<S: Simd, const MR: usize, const NV: usize>(
    s: S,
    total: &mut [[S::V; NV]; MR],
    sums: [[S::V; NV]; MR],
) {
    for (total, sums) in total.iter_mut().zip(&sums) {
        for (total, &sum) in total.iter_mut().zip(sums) {
            *total = s.add(*total, sum);
        }
    }
}

/// The same in one chain.
#[inline(always)]
fn accumulate<S: Simd, const MR: usize, const NV: usize>(
    s: S,
    acc: [[S::V; NV]; MR],
    taps: &Taps,
    src: Src,
    weights: Src,
    panel: usize,
    ahead: Ahead,
) -> [[S::V; NV]; MR] {
    // a long panel fills half of L1 or more, and what comes there besides makes products that are fast wait for it
    let to_l2 = ahead.is_late || taps.is_large && MR * NV < SLOW_PRODUCT;
    // a loop each: a branch in it is a tenth of the instructions of a product
    if to_l2 {
        accumulate_fetching::<S, MR, NV, true>(s, acc, taps, src, weights, panel, ahead)
    } else {
        accumulate_fetching::<S, MR, NV, false>(s, acc, taps, src, weights, panel, ahead)
    }
}

/// As [`accumulate`]; `TO_L2` says whether what is fetched goes to L2 alone.
#[inline(always)]
fn accumulate_fetching<S: Simd, const MR: usize, const NV: usize, const TO_L2: bool>(
    s: S,
    mut acc: [[S::V; NV]; MR],
    taps: &Taps,
    src: Src,
    weights: Src,
    panel: usize,
    ahead: Ahead,
) -> [[S::V; NV]; MR] {
    let width = if NV * S::LANES < PANEL { PANEL / 2 } else { PANEL };
    let panels = (NV * S::LANES).div_ceil(width);
    // both checks stand for all reads below
    let src = src.cut(0, taps.extent(MR));
    let weights = weights.cut(0, reach(panels, panel, taps.products().saturating_mul(width)));
    let offset = |v: usize| v * S::LANES / width * panel + v * S::LANES % width;
    let (mut k, mut ahead_at) = (0, ahead.at);
    for row in 0..taps.rows {
        for column in 0..taps.columns {
            let start = row * taps.row_step + column * taps.column_step;
            for i in start..start + taps.run {
                // SAFETY: `k` goes through the `products()` rows of `width` that each of the panels has in the view
                let w: [S::V; NV] = each!(s, NV, |v| unsafe { weights.load_unchecked(s, offset(v) + k) });
                for line in 0..ahead.lines {
                    let at = ahead_at.wrapping_add(line * ahead.apart);
                    if TO_L2 { s.prefetch_l2(at) } else { s.prefetch_read(at) }
                }
                for (m, acc) in acc.iter_mut().enumerate() {
                    // SAFETY: the greatest index is extent(MR) - 1, by the definition of `extent`
                    let a = s.splat(unsafe { src.get_unchecked(i + m * taps.pixel_step) });
                    for (acc, &w) in acc.iter_mut().zip(&w) {
                        *acc = s.mul_add(a, w, *acc);
                    }
                }
                k += width;
                ahead_at = ahead_at.wrapping_add(ahead.step);
            }
        }
    }
    acc
}
