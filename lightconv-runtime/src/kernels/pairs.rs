//! The tile of a last panel of 8 with vectors of 16: two products a lane, so that no half of the vector idles.
//!
//! Lanes 2c and 2c + 1 sum the even and the odd products of a channel c. A full panel before, if there is but one, goes along: so a number is
//! loaded for two products of all channels. Weights are put in pairs once, before the tiles read them; by tiles of one pixel, which read
//! them once anyway, as they are read.

use super::epilogue::Epilogue;
use super::taps::{Chain, Taps};
use super::tile::{Output, add, store};
use super::{Conv, PANEL, Panels, Shortcut};
use crate::activation::Activation;
use crate::memory::{Dst, Src};
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
        if panels.half { pairs * vectors(if panels.full == 1 { 2 } else { 1 }) * PANEL } else { 0 }
    }
}

/// Vectors of 16 for the pairs of as many panels, the last of 8.
#[inline(always)]
const fn vectors(panels: usize) -> usize {
    2 * panels - 1
}

/// The channels of a panel that is done together with others: of a panel of 16 a vector for each half, of the panel of 8, the last, one.
#[inline(always)]
const fn width<const PANELS: usize>(p: usize) -> usize {
    if p + 1 < PANELS { PANEL } else { PANEL / 2 }
}

/// The weights of the panel of 8 and of those that go along.
#[derive(Clone, Copy)]
pub(super) struct Paired<'a> {
    /// In panels.
    panels: Src<'a>,
    /// Floats of a full one.
    panel: usize,
    /// In pairs, as [`pair`] writes them; not there for tiles of one pixel.
    pairs: Src<'a>,
}

impl<'a> Paired<'a> {
    /// # Panics
    /// When a view is too small.
    #[inline(always)]
    pub fn of<const MR: usize, const PANELS: usize>(taps: &Taps, panels: Src<'a>, pairs: Src<'a>) -> Self {
        let panel = PANEL * (taps.products() + 1);
        // the checks stand for all reads of weights
        let panels = panels.cut(0, (PANELS - 1) * panel + panel / 2);
        let pairs = if MR > 1 { pairs.cut(0, taps.pairs() * vectors(PANELS) * PANEL) } else { pairs };
        Paired { panels, panel, pairs }
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
                let at = (pair * vectors(PANELS) + 2 * p) * PANEL;
                // SAFETY: `pairs` hold all pairs, of which this is one
                low[p] = unsafe { self.pairs.load_unchecked(s, at) };
                if p + 1 < PANELS {
                    // SAFETY: as above
                    high[p] = unsafe { self.pairs.load_unchecked(s, at + PANEL) };
                }
                continue;
            }
            let (n, at) = (width::<PANELS>(p), p * self.panel + (k + 1) * width::<PANELS>(p));
            // SAFETY: in the panel the rows of these products begin there, behind the biases
            (low[p], high[p]) = unsafe {
                let even = self.panels.load_n_unchecked(s, at, n);
                s.zip(even, if is_alone { zero } else { self.panels.load_n_unchecked(s, at + n, n) })
            };
        }
        [low, high]
    }
}

/// Writes to `dst` the weights of the panel of 8 and of the `PANELS - 1` panels before it, with which `weights` begin, in pairs.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn pair<S: Simd, const PANELS: usize>(s: S, taps: &Taps, weights: Src, dst: Dst) {
    let weights = Paired::of::<1, PANELS>(taps, weights, Src::empty());
    let dst = dst.cut(0, taps.pairs() * vectors(PANELS) * PANEL);
    let mut at = 0;
    for run in 0..taps.rows * taps.columns {
        for i in (0..taps.run).step_by(2) {
            // SAFETY: the products are those of the taps
            let [low, high] = unsafe { weights.load::<S, PANELS, false>(s, run * taps.run + i, 0, i + 1 == taps.run) };
            for p in 0..PANELS {
                dst.store(s, at, low[p]);
                at += PANEL;
                if p + 1 < PANELS {
                    dst.store(s, at, high[p]);
                    at += PANEL;
                }
            }
        }
    }
}

/// One tile, as [`tile`](super::tile::tile), of the panel of 8 and the `PANELS - 1` panels of 16 before it, by vectors of 16.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn paired_tile<S: Simd, A: Activation, R: Shortcut, B: Activation, const MR: usize, const PANELS: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Paired,
    out: Output,
    pixel: usize,
    epilogue: Epilogue<A, R, B>,
) {
    let sums = sums::<S, MR, PANELS>(s, taps, src, weights);
    let out = Output { valid: out.valid.min(PANELS * PANEL - PANEL / 2), ragged: true, ..out };
    store(s, sums, out, pixel, epilogue);
}

/// Bias and products summed.
#[inline(always)]
fn sums<S: Simd, const MR: usize, const PANELS: usize>(
    s: S,
    taps: &Taps,
    src: Src,
    weights: Paired,
) -> [[S::V; PANELS]; MR] {
    let zero = s.splat(0.0);
    let bias: [S::V; PANELS] = each!(s, PANELS, |p| {
        // SAFETY: a panel begins with its biases
        unsafe { weights.panels.load_n_unchecked(s, p * weights.panel, width::<PANELS>(p)) }
    });
    if !taps.is_long {
        let (mut low, mut high) = ([zero; PANELS], [zero; PANELS]);
        for p in 0..PANELS {
            (low[p], high[p]) = s.zip(bias[p], zero);
        }
        let all = Chain { taps: *taps, from: 0, k: 0, pair: 0 };
        // SAFETY: `weights` are those of all products
        return unsafe { products::<S, MR, PANELS>(s, [low, high], &all, src, weights) };
    }
    let mut total = [bias; MR];
    for chain in taps.chains() {
        // SAFETY: `weights` are those of all products, of which these are some
        let sums = unsafe { products::<S, MR, PANELS>(s, [[zero; PANELS]; 2], &chain, src, weights) };
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
) -> [[S::V; PANELS]; MR] {
    // the check stands for all reads below
    let src = src.cut(from, taps.extent(MR));
    let (mut lows, mut highs) = ([low; MR], [high; MR]);
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
                for m in 0..MR {
                    // SAFETY: the greatest index is extent(MR) - 1, by the definition of `extent`
                    let a = unsafe { src.load_pair_unchecked(s, start + 2 * i + m * taps.pixel_step) };
                    for p in 0..PANELS {
                        lows[m][p] = s.mul_add(a, low[p], lows[m][p]);
                        if p + 1 < PANELS {
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
                        if p + 1 < PANELS {
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
