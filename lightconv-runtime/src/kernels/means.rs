//! The means of the rows of a map, made where the rows are: a global average that follows reads those instead of the whole map.

use super::Map;
use crate::memory::{Dst, Src, reach};
use crate::simd::Simd;

/// What becomes of the sums of the rows of a map.
pub trait RowMeans: Copy {
    /// Whether they are wanted.
    const WANTED: bool;

    /// Takes the sum of row `y` of `map` for the `n` channels from `channel` on.
    fn take<S: Simd>(self, s: S, map: Map, y: usize, channel: usize, n: usize, sum: S::V);
}

/// Nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoMeans;

impl RowMeans for NoMeans {
    const WANTED: bool = false;

    #[inline(always)]
    fn take<S: Simd>(self, _: S, _: Map, _y: usize, _channel: usize, _n: usize, _sum: S::V) {}
}

/// Their means are written: all channels of a row, then those of the next.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// Room for them, a float a row and channel.
    pub dst: Dst<'a>,
}

impl RowMeans for Means<'_> {
    const WANTED: bool = true;

    #[inline(always)]
    fn take<S: Simd>(self, s: S, map: Map, y: usize, channel: usize, n: usize, sum: S::V) {
        // a division takes as long as the additions of a short row
        let mean = s.mul(sum, s.splat(1.0 / map.width as f32));
        self.dst.store_n(s, y * map.channels + channel, n, mean);
    }
}

/// The sum of `pixels`, `stride` floats apart, for `n` channels: four by four, so that additions do not wait for each other. They are
/// read from where they were just written: to keep their sum in a register beside those of a tile takes longer.
#[inline(always)]
pub(super) fn sum<S: Simd>(s: S, src: Src, pixels: usize, stride: usize, n: usize) -> S::V {
    let src = src.cut(0, reach(pixels, stride, n));
    let mut sums = [s.splat(0.0); 4];
    for four in 0..pixels / 4 {
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the view has `n` floats of each pixel
            *sum = s.add(*sum, unsafe { src.load_n_unchecked(s, (four * 4 + i) * stride, n) });
        }
    }
    for pixel in pixels / 4 * 4..pixels {
        // SAFETY: as above
        sums[0] = s.add(sums[0], unsafe { src.load_n_unchecked(s, pixel * stride, n) });
    }
    s.add(s.add(sums[0], sums[1]), s.add(sums[2], sums[3]))
}
