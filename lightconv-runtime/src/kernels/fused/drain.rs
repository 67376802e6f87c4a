//! Where the depthwise rows go.

use crate::activation::Activation;
use crate::crew::Part;
use crate::kernels::conv::{Conv, conv_to, is_far};
use crate::kernels::{Map, Shortcut, Window};
use crate::memory::{Dst, Src};
use crate::simd::Simd;

/// Where the depthwise rows go.
pub trait Drain: Copy {
    /// Where row `y` of the depthwise output is to be written, and the floats from a pixel to the next.
    fn row(&self, middle: Map, y: usize) -> (Dst<'_>, usize);

    /// Whether rows are written to a map of the middle's size, not to room that each uses again.
    const KEPT: bool = false;

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
    const KEPT: bool = true;

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
    const KEPT: bool = true;
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

/// A window of one pixel.
const POINTWISE: Window = Window { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };

/// Each is projected by a pointwise convolution as soon as it is there: `after(act(weights * row + bias) + residual)`.
/// The tile is as in [`conv`](fn@crate::kernels::conv).
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
        conv_to::<S, A, R, B, MR, NV, RV, HV>(
            s,
            Part::ALL,
            line,
            self.row.as_src(),
            Dst::empty(),
            self.weights,
            dst,
            is_far(self.output),
            self.act,
            residual,
            self.after,
        );
    }
}
