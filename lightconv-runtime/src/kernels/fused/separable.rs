//! A depthwise convolution with the pointwise one after it, some rows at a time: the depthwise-separable convolution as one kernel.

use super::Drain;
use crate::activation::{Activation, Identity};
use crate::crew::Part;
use crate::kernels::conv::is_far;
use crate::kernels::{Depthwise, Map, NoMeans, NoResidual, Span, Upcoming, Window, depthwise};
use crate::memory::Src;
use crate::simd::Simd;

/// A depthwise convolution, its output drained by `band` rows: as a [`Project`](super::Project) does it, while they lie in L1 or L2. Its input is
/// read where it lies; `act` is its activation. `part` of its rows; `TX` is as for [`depthwise`](fn@crate::kernels::depthwise).
///
/// Reference: MobileNets (Howard et al., 2017) for the block.
///
/// # Panics
/// When a view is too small for these sizes, the numbers of channels differ, or a tile does not fit.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn separable<S, A, D, const TX: usize>(
    s: S,
    part: Part,
    whole: Depthwise,
    band: usize,
    src: Src,
    weights: Src,
    act: A,
    drain: D,
) where
    S: Simd,
    A: Activation,
    D: Drain,
{
    let middle = whole.output;
    let row_len = whole.input.width * whole.input.stride;
    drain.begin(s, middle);
    let all = part.of(middle.height);
    // floats of the input up to the last that row `y` reads
    let read = |y: usize| {
        let (line, first) = whole.line(y);
        ((first + line.input.height) * row_len).min(src.len())
    };
    let mut top = all.start;
    while top < all.end {
        let rows = top..all.end.min(top + band);
        for y in rows.clone() {
            let (line, first) = whole.line(y);
            let (row, stride) = drain.row(middle, y, y - top);
            let line = Depthwise { output: Map { stride, ..line.output }, ..line };
            depthwise::<S, A, NoResidual, Identity, NoMeans, TX>(
                s,
                Part::ALL,
                line,
                src.after(first * row_len),
                weights,
                row,
                act,
                NoResidual,
                Identity,
                NoMeans,
            );
        }
        let [fresh, end] = [rows.end - 1, rows.end - 1 + band].map(read);
        let fresh = [Span { at: fresh, len: end.saturating_sub(fresh), is_shared: true }];
        // what the next rows read besides, where it comes from memory
        let upcoming = match is_far(whole.input) {
            true => Upcoming::new(src, &fresh, Part::ALL, usize::MAX),
            false => Upcoming::NOTHING,
        };
        top = rows.end;
        drain.done(s, middle, rows, upcoming);
    }
}

impl Depthwise {
    /// The convolution that makes row `y` of the output alone, and the first row of the input that it reads.
    #[inline(always)]
    const fn line(self, y: usize) -> (Depthwise, usize) {
        let Window { kernel, stride, padding, dilation } = self.window;
        let start = y * stride[0];
        let (end, above) = (start + (kernel[0] - 1) * dilation[0] + 1, padding[0].saturating_sub(start));
        let [first, end] = [start.saturating_sub(padding[0]), end.saturating_sub(padding[0])];
        let end = if end < self.input.height { end } else { self.input.height };
        let first = if first < end { first } else { end };
        let line = Depthwise {
            input: Map { height: end - first, ..self.input },
            output: Map { height: 1, ..self.output },
            window: Window { padding: [above, padding[1]], ..self.window },
        };
        (line, first)
    }
}
