//! Where the depthwise rows go.

use crate::activation::Activation;
use crate::crew::Part;
use crate::kernels::conv::{Conv, conv_to, in_pairs, is_far};
use crate::kernels::{Map, NoMeans, RowMeans, Shortcut, Upcoming, Window};
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use core::ops::Range;

/// Where the depthwise rows go.
pub trait Drain: Copy {
    /// Where row `y` of the depthwise output, the `nth` since rows were done, is to be written, and the floats from a pixel to the next.
    fn row(&self, middle: Map, y: usize, nth: usize) -> (Dst<'_>, usize);

    /// Whether rows are written to a map of the middle's size, not to room that each uses again.
    const KEPT: bool = false;

    /// What takes the sums of rows.
    type Means: RowMeans;

    /// Where it takes them to.
    fn means(&self) -> Self::Means;

    /// Called before the first row.
    #[inline(always)]
    fn begin<S: Simd>(self, _: S, _: Map) {}

    /// Called when `rows` are complete. `upcoming` may be fetched meanwhile.
    #[inline(always)]
    fn done<S: Simd>(self, _: S, _: Map, _rows: Range<usize>, _upcoming: Upcoming) {}
}

/// They are the result.
#[derive(Clone, Copy, Debug)]
pub struct Keep<'a, M> {
    /// The map; its stride is that of the middle.
    pub dst: Dst<'a>,
    /// What becomes of the sums of its rows.
    pub means: M,
}

impl<M: RowMeans> Drain for Keep<'_, M> {
    type Means = M;
    const KEPT: bool = true;

    #[inline(always)]
    fn row(&self, middle: Map, y: usize, _: usize) -> (Dst<'_>, usize) {
        (self.dst.after(y * middle.width * middle.stride), middle.stride)
    }

    #[inline(always)]
    fn means(&self) -> M {
        self.means
    }
}

/// A window of one pixel.
const POINTWISE: Window = Window { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };

/// They are projected by a pointwise convolution, as many at once as are there: `after(act(weights * row + bias) + residual)`.
/// The tile is as in [`conv`](fn@crate::kernels::conv).
#[derive(Clone, Copy, Debug)]
pub struct Project<'a, A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize> {
    /// Room for as many rows of the middle as are there at once.
    pub rows: Dst<'a>,
    /// The weights, in panels.
    pub weights: Src<'a>,
    /// Room for them in pairs, as for [`conv`](fn@crate::kernels::conv).
    pub pairs: Dst<'a>,
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

impl<A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize> Project<'_, A, R, B, MR, NV, RV, HV> {
    /// The convolution that projects so many rows.
    #[inline(always)]
    fn conv(&self, middle: Map, rows: usize) -> Conv {
        Conv {
            input: Map { height: rows, stride: middle.channels, ..middle },
            output: Map { height: rows, ..self.output },
            window: POINTWISE,
            groups: 1,
            block: self.block,
        }
    }
}

impl<A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize> Drain
    for Project<'_, A, R, B, MR, NV, RV, HV>
where
    A: Activation,
    R: Shortcut,
    B: Activation,
{
    type Means = NoMeans;

    #[inline(always)]
    fn means(&self) -> NoMeans {
        NoMeans
    }

    #[inline(always)]
    fn row(&self, middle: Map, _: usize, nth: usize) -> (Dst<'_>, usize) {
        let len = middle.width * middle.channels;
        (self.rows.cut(nth * len, len), middle.channels)
    }

    #[inline(always)]
    fn begin<S: Simd>(self, s: S, middle: Map) {
        in_pairs::<S, MR, NV, HV>(s, &self.conv(middle, 1), self.weights, self.pairs);
    }

    #[inline(always)]
    fn done<S: Simd>(self, s: S, middle: Map, rows: Range<usize>, upcoming: Upcoming) {
        let first = rows.start * self.output.width;
        let dst = self.dst.after(first * self.output.stride);
        let residual = self.residual.starting_at(first);
        conv_to::<S, A, R, B, MR, NV, RV, HV, 0>(
            s,
            Part::ALL,
            self.conv(middle, rows.len()),
            self.rows.as_src(),
            Dst::empty(),
            self.weights,
            self.pairs.as_src(),
            upcoming,
            dst,
            is_far(self.output),
            self.act,
            residual,
            self.after,
        );
    }
}
