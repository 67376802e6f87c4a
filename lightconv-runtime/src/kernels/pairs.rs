//! The tile of the last panels with vectors of 16: two products a lane, so that with a panel of 8 no half of the vector idles, and that a number
//! is loaded for two products of all channels.
//!
//! Lanes 2c and 2c + 1 sum the even and the odd products of a channel c. With a panel of 8 goes the full panel before it, if there is but
//! one; where there is none of 8, the last full one may go alone. Weights are put in pairs once, before the tiles read them; by tiles of one
//! pixel, which read them once anyway, as they are read.

use super::epilogue::Epilogue;
use super::taps::{Chain, Taps};
use super::tile::{Ahead, Output, add, store};
use super::{Conv, PANEL, Panels, Shortcut, panel_len};
use crate::activation::Activation;
use crate::memory::{Dst, Src, reach};
use crate::simd::{Simd, each};

impl Conv {
    /// Floats of the weights in pairs that [`super::conv`] wants to be given room for, where its tiles have more than one pixel.
    #[must_use]
    #[inline(always)]
    pub const fn pairs_len(&self) -> usize {
        self.groups * self.group_pairs_len()
    }

    /// Those of a group, of as many panels as may go together.
    #[inline(always)]
    pub(super) const fn group_pairs_len(&self) -> usize {
        let (panels, [height, width]) = (Panels::of(self.output.channels / self.groups), self.window.kernel);
        let pairs = height * width * (self.input.channels / self.groups).div_ceil(2);
        let together = if panels.half && panels.full == 1 { 2 } else { 1 };
        pairs * vectors(together, panels.half) * PANEL
    }
}

/// Vectors of 16 for the pairs of as many panels, the last perhaps of 8: of a panel of 16 a vector for each half, of one of 8 one.
#[inline(always)]
const fn vectors(panels: usize, is_half: bool) -> usize {
    2 * panels - is_half as usize
}

/// The weights of the panels in pairs.
#[derive(Clone, Copy)]
pub(super) struct Paired<'a> {
    /// In panels.
    panels: Src<'a>,
    /// Floats of a full one.
    panel: usize,
    /// Whether the last is of 8.
    is_half: bool,
    /// In pairs, as [`pair`] writes them; not there for tiles of one pixel.
    pairs: Src<'a>,
}

impl<'a> Paired<'a> {
    /// # Panics
    /// When a view is too small.
    #[inline(always)]
    pub fn of<const MR: usize, const PANELS: usize>(
        taps: &Taps,
        panels: Src<'a>,
        pairs: Src<'a>,
        is_half: bool,
    ) -> Self {
        let panel = panel_len(PANEL, taps.products());
        let step = vectors(PANELS, is_half) * PANEL;
        // the checks stand for all reads of weights
        let panels = panels.cut(0, reach(PANELS, panel, if is_half { panel / 2 } else { panel }));
        let pairs = if MR > 1 { pairs.cut(0, reach(taps.pairs(), step, step)) } else { pairs };
        Paired { panels, panel, is_half, pairs }
    }

    /// Whether panel `p` of `PANELS` has 16 channels.
    #[inline(always)]
    fn is_full<const PANELS: usize>(self, p: usize) -> bool {
        p + 1 < PANELS || !self.is_half
    }

    /// Its channels.
    #[inline(always)]
    fn width<const PANELS: usize>(self, p: usize) -> usize {
        if self.is_full::<PANELS>(p) { PANEL } else { PANEL / 2 }
    }

    /// Those of a pair of products, behind `k` others and `pair` other pairs, for the low and the high halves of the panels; of a product alone,
    /// if `is_alone`. `IN_PAIRS` says that they are read as pairs.
    ///
    /// # Safety
    /// `taps` of [`of`](Self::of) have these products, its panels are `PANELS`, and where `IN_PAIRS` its `MR` is more than 1.
    #[inline(always)]
    unsafe fn load<S: Simd, const PANELS: usize, const IN_PAIRS: bool>(
        self,
        s: S,
        k: usize,
        pair: usize,
        is_alone: bool,
    ) -> [[S::V; PANELS]; 2] {
        let zero = s.splat(0.0);
        let (mut low, mut high) = ([zero; PANELS], [zero; PANELS]);
        for p in 0..PANELS {
            if IN_PAIRS {
                let at = (pair * vectors(PANELS, self.is_half) + 2 * p) * PANEL;
                // SAFETY: `pairs` hold all pairs, of which this is one
                low[p] = unsafe { self.pairs.load_unchecked(s, at) };
                if self.is_full::<PANELS>(p) {
                    // SAFETY: as above
                    high[p] = unsafe { self.pairs.load_unchecked(s, at + PANEL) };
                }
                continue;
            }
            let n = self.width::<PANELS>(p);
            let at = p * self.panel + (k + 1) * n;
            // SAFETY: in the panel the rows of these products begin there, behind the biases
            (low[p], high[p]) = unsafe {
                let even = self.panels.load_n_unchecked(s, at, n);
                s.zip(even, if is_alone { zero } else { self.panels.load_n_unchecked(s, at + n, n) })
            };
        }
        [low, high]
    }
}

/// Writes to `dst` the weights of `PANELS` panels, with which `weights` begin, in pairs; `is_half` says whether the last is of 8.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn pair<S: Simd, const PANELS: usize>(s: S, taps: &Taps, weights: Src, is_half: bool, dst: Dst) {
    let weights = Paired::of::<1, PANELS>(taps, weights, Src::empty(), is_half);
    let dst = dst.cut(0, taps.pairs().saturating_mul(vectors(PANELS, is_half) * PANEL));
    let mut at = 0;
    for run in 0..taps.rows * taps.columns {
        for i in (0..taps.run).step_by(2) {
            // SAFETY: the products are those of the taps
            let [low, high] = unsafe { weights.load::<S, PANELS, false>(s, run * taps.run + i, 0, i + 1 == taps.run) };
            for p in 0..PANELS {
                dst.store(s, at, low[p]);
                at += PANEL;
                if weights.is_full::<PANELS>(p) {
                    dst.store(s, at, high[p]);
                    at += PANEL;
                }
            }
        }
    }
}

/// One tile, as [`tile`](super::tile::tile), of `PANELS` panels, by vectors of 16.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) fn paired_tile<S: Simd, A: Activation, R: Shortcut, B: Activation, const MR: usize, const PANELS: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Paired,
    ahead: Ahead,
    out: Output,
    pixel: usize,
    epilogue: Epilogue<A, R, B>,
) {
    let sums = sums::<S, MR, PANELS>(s, taps, src, weights, ahead);
    let valid = out.valid.min((PANELS - 1) * PANEL + weights.width::<PANELS>(PANELS - 1));
    let out = Output { valid, ragged: weights.is_half || out.ragged, ..out };
    store(s, sums, out, pixel, epilogue);
}

/// Bias and products summed.
#[inline(always)]
fn sums<S: Simd, const MR: usize, const PANELS: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Paired,
    ahead: Ahead,
) -> [[S::V; PANELS]; MR] {
    let zero = s.splat(0.0);
    let bias: [S::V; PANELS] = each!(s, PANELS, |p| {
        // SAFETY: a panel begins with its biases
        unsafe { weights.panels.load_n_unchecked(s, p * weights.panel, weights.width::<PANELS>(p)) }
    });
    if !taps.is_long {
        let (mut low, mut high) = ([zero; PANELS], [zero; PANELS]);
        for p in 0..PANELS {
            (low[p], high[p]) = s.zip(bias[p], zero);
        }
        let all = Chain { taps: *taps, from: 0, k: 0, pair: 0 };
        // SAFETY: `weights` are those of all products
        return unsafe { products::<S, MR, PANELS>(s, [low, high], &all, src, weights, ahead) };
    }
    let mut total = [bias; MR];
    for chain in taps.chains() {
        // SAFETY: `weights` are those of all products, of which these are some
        let sums = unsafe { products::<S, MR, PANELS>(s, [[zero; PANELS]; 2], &chain, src, weights, ahead) };
        add(s, &mut total, sums);
    }
    total
}

/// The products of a chain, summed to what the low and the high vectors begin with; pairs are joined at last.
///
/// # Panics
/// When `src` is too small.
///
/// # Safety
/// `weights` must be those of all products of which these are some, by tiles of `MR` pixels of `PANELS`.
#[inline(always)]
unsafe fn products<S: Simd, const MR: usize, const PANELS: usize>(
    s: S,
    [low, high]: [[S::V; PANELS]; 2],
    &Chain { ref taps, from, mut k, mut pair }: &Chain,
    src: Src,
    weights: Paired,
    ahead: Ahead,
) -> [[S::V; PANELS]; MR] {
    // the check stands for all reads below
    let src = src.cut(from, taps.extent(MR));
    let (mut lows, mut highs) = ([low; MR], [high; MR]);
    let mut fetched = ahead.at.wrapping_add(k * ahead.step);
    for row in 0..taps.rows {
        for column in 0..taps.columns {
            let start = row * taps.row_step + column * taps.column_step;
            for i in 0..taps.run / 2 {
                // SAFETY: the products are those of the chain
                let [low, high] = unsafe {
                    if const { MR > 1 } {
                        weights.load::<S, PANELS, true>(s, k, pair, false)
                    } else {
                        weights.load::<S, PANELS, false>(s, k, pair, false)
                    }
                };
                for line in 0..ahead.lines {
                    for product in 0..2 {
                        let at = fetched.wrapping_add(line * ahead.apart + product * ahead.step);
                        // beside the panels of a long sum there is no room in L1
                        if taps.is_large { s.prefetch_l2(at) } else { s.prefetch_read(at) }
                    }
                }
                fetched = fetched.wrapping_add(2 * ahead.step);
                for m in 0..MR {
                    // SAFETY: the greatest index is extent(MR) - 1, by the definition of `extent`
                    let a = unsafe { src.load_pair_unchecked(s, start + 2 * i + m * taps.pixel_step) };
                    for p in 0..PANELS {
                        lows[m][p] = s.mul_add(a, low[p], lows[m][p]);
                        if weights.is_full::<PANELS>(p) {
                            highs[m][p] = s.mul_add(a, high[p], highs[m][p]);
                        }
                    }
                }
                (k, pair) = (k + 2, pair + 1);
            }
            if taps.run % 2 == 1 {
                // SAFETY: this product is the last of the run
                let [low, high] = unsafe { weights.load::<S, PANELS, false>(s, k, pair, true) };
                for m in 0..MR {
                    // SAFETY: as above
                    let a = unsafe { src.get_unchecked(start + taps.run - 1 + m * taps.pixel_step) };
                    let (a, _) = s.zip(s.splat(a), s.splat(0.0));
                    for p in 0..PANELS {
                        lows[m][p] = s.mul_add(a, low[p], lows[m][p]);
                        if weights.is_full::<PANELS>(p) {
                            highs[m][p] = s.mul_add(a, high[p], highs[m][p]);
                        }
                    }
                }
                (k, pair) = (k + 1, pair + 1);
            }
        }
    }
    for (low, high) in lows.iter_mut().zip(highs) {
        for (low, high) in low.iter_mut().zip(high) {
            *low = s.add_pairs(*low, high);
        }
    }
    lows
}
