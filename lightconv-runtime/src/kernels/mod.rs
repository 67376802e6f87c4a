//! The kernels, a file a family, generic over the backend ([`Simd`]) and the tile.
//!
//! Every kernel is an `#[inline(always)]` function that takes its sizes as a plain value. Generated code calls it with
//! literals from a small function of its own that carries the backend's `#[target_feature]`, so that the compiler sees
//! constants: loops unroll, tails that do not occur vanish.
//!
//! Maps are channels-last. The *panel* is the unit of packed weights, the same for every backend: 16 output channels
//! (the last one 8 where 8 or fewer are left; missing channels are zeros), stored as the 16 (8) biases and then, for each
//! tap and input channel, 16 (8) weights.

mod attention;
mod border;
mod channel_conv;
mod conv;
mod depthwise;
mod elementwise;
mod epilogue;
mod fused;
mod matmul;
mod means;
mod norm;
mod pairs;
mod pool;
mod rearrange;
mod scale;
mod shape;
mod taps;
mod tile;
mod upcoming;
mod winograd;

pub use attention::{Attention, attention};
pub use channel_conv::channel_conv;
pub use conv::{Conv, conv};
pub use depthwise::{Depthwise, depthwise};
pub use elementwise::{Add, BinaryOp, Broadcast, Div, Max, Min, Mul, Strides, Sub, affine, binary, prelu, unary};
pub use epilogue::{NoResidual, Residual, Shortcut};
pub use fused::{Drain, Expand, Fused, Keep, Project, fused, separable};
pub use matmul::{MatMul, matmul};
pub use means::{Means, NoMeans, RowMeans};
pub use norm::{group_norm, layer_norm, stats_len};
pub use pool::{Pool, adaptive_avg_pool, adaptive_max_pool, avg_pool, channel_avg_pool, channel_max_pool, max_pool};
pub use rearrange::{rearrange, resize_bilinear, resize_nearest, zero};
pub use scale::{WeightPanels, scale_panels};
pub use shape::{Axis, channel_shuffle, copy, flatten, softmax};
pub use upcoming::{Span, Upcoming};
pub use winograd::{WINOGRAD_CHANNELS, Winograd, WinogradKernel, winograd, winograd_len};

use crate::memory::{Dst, Src, reach};
use crate::simd::Simd;
use core::ops::Range;

/// A feature map in memory, channels-last: channel `c` of pixel `(y, x)` stands at `(y * width + x) * stride + c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    /// Rows.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Channels of this map.
    pub channels: usize,
    /// Floats from a pixel to the next, at least `channels`: more where the map is a run of channels of a wider one.
    pub stride: usize,
}

impl Map {
    /// Height times width.
    #[inline(always)]
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Floats from the first to the last one of the map, the gaps between its pixels included; more than any view has where that overflows.
    #[inline(always)]
    #[must_use]
    pub const fn extent(self) -> usize {
        if self.height == 0 || self.width == 0 || self.channels == 0 {
            0
        } else {
            reach(self.height.saturating_mul(self.width), self.stride, self.channels)
        }
    }
}

/// Refuses maps of different sizes; their strides may differ.
#[inline(always)]
fn check_sizes(input: Map, output: Map) {
    let size = |m: Map| (m.height, m.width, m.channels);
    assert!(size(input) == size(output), "the maps must be of one size");
}

/// A sliding window, `[vertical, horizontal]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Taps.
    pub kernel: [usize; 2],
    /// Input pixels from an output pixel to the next.
    pub stride: [usize; 2],
    /// Imagined zero rows above and columns to the left; those below and to the right follow from the output's size.
    pub padding: [usize; 2],
    /// Input pixels from a tap to the next.
    pub dilation: [usize; 2],
}

impl Window {
    /// The outputs of a row all of whose columns are inside an input of this width.
    #[inline(always)]
    fn inner(&self, width: usize) -> Range<usize> {
        let reach = (self.kernel[1] - 1) * self.dilation[1];
        // the last column of output x stands at x * stride + reach - padding, which must be less than the width
        let end = (width + self.padding[1]).saturating_sub(reach).div_ceil(self.stride[1]);
        self.padding[1].div_ceil(self.stride[1])..end
    }

    /// Taps along an axis from one to the next that reads the same inputs, for other outputs.
    #[inline(always)]
    const fn apart(&self, axis: usize) -> usize {
        // by a common divisor, mostly the greatest: one that the optimiser finds too
        match (self.stride[axis], self.dilation[axis]) {
            (stride, dilation) if dilation.is_multiple_of(stride) => 1,
            (stride, dilation) if stride.is_multiple_of(dilation) => stride / dilation,
            (stride, _) => stride,
        }
    }
}

/// Output channels of a full panel.
pub const PANEL: usize = 16;

/// Floats that L1 holds: the smallest one met (32 KiB).
const L1_FLOATS: usize = 8 * 1024;

/// Floats of the packed weights of one group: `outputs` channels with `k` products (taps x input channels) and a bias each.
#[must_use]
pub const fn packed_len(outputs: usize, k: usize) -> usize {
    outputs.next_multiple_of(8) * (k + 1)
}

/// Floats of a panel of `width` outputs with `k` products each.
#[inline(always)]
const fn panel_len(width: usize, k: usize) -> usize {
    k.saturating_add(1).saturating_mul(width)
}

/// How a number of channels is cut into panels: `full` ones of 16, and perhaps a `half` one of 8 at the end.
#[derive(Clone, Copy, Debug)]
struct Panels {
    full: usize,
    half: bool,
}

impl Panels {
    #[inline(always)]
    const fn of(channels: usize) -> Self {
        let rest = channels % PANEL;
        Panels { full: channels / PANEL + (rest > PANEL / 2) as usize, half: rest > 0 && rest <= PANEL / 2 }
    }

    /// The full ones among as many at the end.
    #[inline(always)]
    const fn full_of_last(self, panels: usize) -> usize {
        panels.saturating_sub(self.half as usize)
    }
}

/// Something done to the vectors of a run of floats, one after the other.
trait Run: Copy {
    /// Does it to `N` vectors from float `at` on. In each `n` lanes count: fewer than all only where `N` is 1.
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize);
}

/// Goes through `len` floats: four vectors at a time, then one, then the lanes that are left. No float is met twice.
#[inline(always)]
fn run<S: Simd, F: Run>(s: S, len: usize, f: F) {
    let vectors = len / S::LANES;
    let (fours, ones, lanes) = (vectors / 4, vectors % 4, len % S::LANES);
    for i in times(fours) {
        f.step::<S, 4>(s, i * 4 * S::LANES, S::LANES);
    }
    for i in 0..ones {
        f.step::<S, 1>(s, (fours * 4 + i) * S::LANES, S::LANES);
    }
    if lanes > 0 {
        f.step::<S, 1>(s, vectors * S::LANES, lanes);
    }
}

/// `0..n`, where `n` is hidden from the optimiser if it is more than two: it would write the body out so many times, which takes
/// a user's compiler long where the body is a row of a kernel.
#[inline(always)]
fn times(n: usize) -> Range<usize> {
    0..if n > 2 { core::hint::black_box(n) } else { n }
}

/// Copies `n` floats; the two runs do not overlap.
#[inline(always)]
fn copy_run<S: Simd>(s: S, src: Src, dst: Dst, n: usize) {
    #[derive(Clone, Copy)]
    struct Copy<'a>(Src<'a>, Dst<'a>);
    impl Run for Copy<'_> {
        #[inline(always)]
        fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
            let x: [S::V; N] = self.0.load_all(s, at, S::LANES, n);
            self.1.store_all(s, at, S::LANES, n, x);
        }
    }
    run(s, n, Copy(src, dst));
}

/// Sets `n` floats from the first on to zero.
#[inline(always)]
fn zero_run<S: Simd>(s: S, dst: Dst, n: usize) {
    #[derive(Clone, Copy)]
    struct Zero<'a>(Dst<'a>);
    impl Run for Zero<'_> {
        #[inline(always)]
        fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
            self.0.store_all(s, at, S::LANES, n, [s.splat(0.0); N]);
        }
    }
    run(s, n, Zero(dst));
}
