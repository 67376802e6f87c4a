//! Some output rows of a joined kernel.

use super::fill::Stretch;
use super::{Drain, Expand, Fused};
use crate::activation::Activation;
use crate::kernels::conv::is_far;
use crate::kernels::{L1_FLOATS, PANEL, RowMeans, Window, panel_len};
use crate::memory::{Dst, Src, reach};
use crate::simd::{Simd, each};
use core::hint::black_box;
use core::ops::Range;

/// Floats of the rows that a window touches, of a slice, which are made and read at once: half of the smallest L1 met (32 KiB), for they are
/// read by rows, and new ones written, while they are there (measured: `docs/performance.md`).
const BLOCK_FLOATS: usize = 4 * 1024;

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
pub(super) const TAPS: usize = 16;

/// Some output rows at work.
pub(super) struct Band<'a, E, A, const MR: usize, const TR: usize> {
    pub fused: Fused,
    pub src: Src<'a>,
    pub expand: Expand<'a, E, MR, TR>,
    pub ring: Dst<'a>,
    pub weights: Src<'a>,
    pub act: A,
    /// Which rows.
    pub rows: Range<usize>,
    /// The first row that uses the ring; it finds nothing there.
    pub first: usize,
}

impl<E: Activation, A: Activation, const MR: usize, const TR: usize> Band<'_, E, A, MR, TR> {
    /// The rows for the `NV` vectors of channels from `channel` on.
    #[inline(always)]
    pub fn slice<S: Simd, D: Drain, const NV: usize, const TX: usize>(&self, s: S, channel: usize, drain: D) {
        let Fused { input, window, .. } = self.fused;
        let len = NV * S::LANES;
        let (slots, columns) = (self.fused.slots(), self.fused.columns());
        let ring = self.ring.cut(channel * (slots + 1) * columns, (slots + 1) * columns * len);
        if self.rows.start == self.first {
            zero_border(ring, slots, columns * len, window.padding[1] * len, input.width * len);
        }
        for y in self.rows.clone() {
            self.row::<S, D, NV, TX>(s, channel, y, ring, drain);
        }
    }

    /// Row `y` of a slice, whose rows `ring` holds.
    #[inline(always)]
    fn row<S: Simd, D: Drain, const NV: usize, const TX: usize>(
        &self,
        s: S,
        channel: usize,
        y: usize,
        ring: Dst,
        drain: D,
    ) {
        let Fused { input, window, middle, .. } = self.fused;
        let len = NV * S::LANES;
        let (slots, row_len) = (self.fused.slots(), self.fused.columns() * len);
        // rows that the part before needs too are filled by both
        let [touched, end] = self.fused.touched(y);
        let from = if y == self.first { touched } else { self.fused.touched(y - 1)[1] };
        // where the row of each tap stands; those outside the input are the row of zeros
        let mut rows = [0; TAPS];
        for (ky, row) in rows.iter_mut().enumerate().take(window.kernel[0]) {
            let y = (y * window.stride[0] + ky * window.dilation[0]).wrapping_sub(window.padding[0]);
            *row = if y < input.height { y % slots * row_len } else { slots * row_len };
        }
        let width = if len < PANEL { PANEL / 2 } else { PANEL };
        let panel = panel_len(width, window.kernel[0] * window.kernel[1]);
        let weights = self.weights.after(channel / PANEL * panel_len(PANEL, window.kernel[0] * window.kernel[1]));
        // of known length, so that the check of a tile's writes is none; with it the portable backend takes a fifth longer
        let (dst, stride) = drain.row(middle, y, y - self.rows.start);
        let dst = dst.cut(channel, (middle.width - 1) * stride + len);
        let most = BLOCK_FLOATS / (slots * len);
        // beside each new row one from before, if that serves all: more of them take L1's ports from the products (measured: `docs/performance.md`)
        let is_fetched = slots * row_len > L1_FLOATS && from - touched <= end - from;
        let block = self.expand.step().map_or(input.width, |step| (most - most % step).max(step));
        let mut sums = [s.splat(0.0); NV];
        let (mut filled, mut x) = (0, 0);
        while x < middle.width {
            let to = input.width.min(filled + block);
            if D::KEPT && is_far(middle) {
                let pixels = self.fused.ready(to).saturating_sub(x);
                dst.prefetch_pixels(s, x * stride, pixels, stride, len);
            }
            for y in from..end {
                let place = |y: usize| y % slots * row_len + window.padding[1] * len;
                let row = ring.cut(place(y), input.width * len);
                let older = touched + (y - from);
                let older = (is_fetched && older < from).then(|| ring.as_src().as_ptr().wrapping_add(place(older)));
                let stretch = Stretch { map: input, y, columns: filled..to, channel, older };
                self.expand.fill::<S, NV>(s, stretch, self.src, row);
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
                    let values = if Self::is_apart(s) { values } else { self.act.apply_all(s, values) };
                    dst.store_all(s, start * stride + at, stride, S::LANES, values);
                    if D::Means::WANTED && !Self::is_apart(s) {
                        // the last tile overlaps the one before it
                        let fresh = values.iter().skip(x - start);
                        *sum = s.add(*sum, fresh.fold(s.splat(0.0), |sum, &v| s.add(sum, v)));
                    }
                    x += TX;
                }
            }
            if Self::is_apart(s) {
                for at in x.min(middle.width - TX)..ready {
                    let values: [S::V; NV] = dst.as_src().load_all(s, at * stride, S::LANES, S::LANES);
                    let values = self.act.apply_all(s, values);
                    dst.store_all(s, at * stride, S::LANES, S::LANES, values);
                    if D::Means::WANTED && at >= x {
                        sums = each!(s, NV, |v| s.add(sums[v], values[v]));
                    }
                }
            }
            x = ready;
        }
        if D::Means::WANTED {
            for (v, sum) in sums.into_iter().enumerate() {
                drain.means().take(s, middle, y, channel + v * S::LANES, S::LANES, sum);
            }
        }
    }

    /// Whether outputs are activated in a pass of their own, for a tile's sums and the numbers of an exponential do not fit the registers
    /// together.
    #[inline(always)]
    fn is_apart<S: Simd>(_: S) -> bool {
        A::COSTLY && S::REGISTERS < 32
    }

    /// `TX` outputs of one vector of channels from column `x` on, not activated yet.
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
        let weights = weights.cut(0, reach(kernel[0].saturating_mul(kernel[1]).saturating_add(1), width, S::LANES));
        // SAFETY: the view has at least one vector
        let mut acc = [unsafe { weights.load_unchecked(s, 0) }; TX];
        let extent = reach(TX, stride[1] * len, reach(kernel[1], dilation[1] * len, S::LANES));
        // the optimiser does not know that all rows of taps come: it would sum one output after the other, each product waiting for the one before
        let count = black_box(kernel[0]).min(kernel[0]);
        for (ky, row) in rows.iter().enumerate().take(count) {
            let row = ring.cut(row + x * stride[1] * len + at, extent);
            let apart = self.fused.window.apart(1);
            for first in 0..apart.min(kernel[1]) {
                let mut kx = first;
                while kx < kernel[1] {
                    // SAFETY: the tap is one of kernel[0] * kernel[1], a row of weights each, and the view holds them all
                    let w = unsafe { weights.load_unchecked(s, (ky * kernel[1] + kx + 1) * width) };
                    for (i, acc) in acc.iter_mut().enumerate() {
                        // SAFETY: the greatest of these, with a vector, is `extent`
                        let a = unsafe { row.load_unchecked(s, (i * stride[1] + kx * dilation[1]) * len) };
                        *acc = s.mul_add(a, w, *acc);
                    }
                    kx += apart;
                }
            }
        }
        acc
    }
}
