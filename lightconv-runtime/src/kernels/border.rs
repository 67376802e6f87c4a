//! Windows that reach outside the input: copies with zeros around them, of whole rows, or only of what tiles at the border read.
//!
//! The copies are made by functions that are compiled once, here, not in every convolution of a net.

use super::{Conv, Map, Window};
use crate::memory::{Dst, Src};
use core::ops::Range;

/// Floats of padded rows that are made at once: half of the smallest L2 met (512 KiB). The copy of a large map as a whole would
/// go to L3 and back.
const PAD_FLOATS: usize = 64 * 1024;

impl Conv {
    /// Floats of the padded copy of some rows of the input that [`super::conv`] wants to be given room for; 0 where the window stays inside.
    #[must_use]
    #[inline(always)]
    pub const fn pad_len(&self) -> usize {
        if self.is_padded() { self.padded_len(self.band()) } else { 0 }
    }

    /// Floats of the padded copy of the rows that one row of the output is made of; 0 where the window stays inside.
    #[must_use]
    #[inline(always)]
    pub const fn row_pad_len(&self) -> usize {
        if self.is_padded() { self.padded_len(1) } else { 0 }
    }

    /// Floats of the padded rows that `outputs` rows are made of.
    #[inline(always)]
    const fn padded_len(&self, outputs: usize) -> usize {
        self.padded_rows(outputs) * self.reach()[1] * self.input.channels
    }

    /// Whether the window reaches outside.
    #[inline(always)]
    pub(super) const fn is_padded(&self) -> bool {
        let reach = self.reach();
        let [top, left] = self.window.padding;
        top != 0 || left != 0 || reach[0] > self.input.height || reach[1] > self.input.width
    }

    /// Output rows whose padded input is made at once.
    #[inline(always)]
    pub(super) const fn band(&self) -> usize {
        let most = PAD_FLOATS / (self.reach()[1] * self.input.channels);
        if self.padded_rows(self.output.height) <= most {
            return self.output.height;
        }
        let window = self.padded_rows(1);
        if most <= window { 1 } else { (most - window) / self.window.stride[0] + 1 }
    }

    /// Rows that `outputs` rows are made of.
    #[inline(always)]
    const fn padded_rows(&self, outputs: usize) -> usize {
        let Window { kernel, stride, dilation, .. } = self.window;
        (outputs - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1
    }

    /// The input as the tiles see it: padded, where there is padding.
    #[inline(always)]
    pub(super) fn padded_input(&self) -> Map {
        if !self.is_padded() {
            return self.input;
        }
        let ([height, width], channels) = (self.reach(), self.input.channels);
        Map { height, width, channels, stride: channels }
    }

    /// Rows and columns of the padded input that some window touches.
    #[inline(always)]
    const fn reach(&self) -> [usize; 2] {
        let Window { kernel, stride, dilation, .. } = self.window;
        [self.padded_rows(self.output.height), (self.output.width - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1]
    }

    /// Whether tiles of `mr` pixels read the input where it lies, and only those that reach outside a copy of what they read, which is made for
    /// each of `times` columns of channels: where that is fewer pixels than `copied`, of the padded rows of a line of outputs.
    #[inline(always)]
    pub(super) const fn is_patched(&self, mr: usize, times: usize, copied: usize) -> bool {
        let columns = self.patch_columns(mr);
        let outside = (self.window.padding[1] > 0) as usize
            + (self.reach()[1] > self.window.padding[1] + self.input.width) as usize;
        self.is_padded()
            && columns <= self.input.width
            && self.patch_len(mr) <= self.row_pad_len()
            && times * outside * self.window.kernel[0] * columns < copied
    }

    /// Input columns that a tile of `mr` pixels reads.
    #[inline(always)]
    const fn patch_columns(&self, mr: usize) -> usize {
        let Window { kernel, stride, dilation, .. } = self.window;
        (mr - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1
    }

    /// Floats of a copy of what a tile reads, whose rows lie as far apart as those of the input.
    #[inline(always)]
    const fn patch_len(&self, mr: usize) -> usize {
        let Window { kernel, dilation, .. } = self.window;
        ((kernel[0] - 1) * dilation[0] * self.input.width + self.patch_columns(mr)) * self.input.stride
    }

    /// Floats from what an output would read first to what it reads in the input, which lies so many floats before it.
    #[inline(always)]
    const fn corner(&self) -> usize {
        let [top, left] = self.window.padding;
        (top * self.input.width + left) * self.input.stride
    }

    /// Where in the input, `src`, begins what output `x` of row `y` reads: before it, where that reaches outside.
    #[inline(always)]
    pub(super) fn address(&self, src: Src, y: usize, x: usize) -> *const f32 {
        src.as_ptr().wrapping_add(self.start(y, x)).wrapping_sub(self.corner())
    }

    /// Floats from the corner of the padding, as if it lay in memory, to what output `x` of row `y` reads.
    #[inline(always)]
    const fn start(&self, y: usize, x: usize) -> usize {
        let [vertical, horizontal] = self.window.stride;
        (y * vertical * self.input.width + x * horizontal) * self.input.stride
    }

    /// Pixels of the padded rows that each output row needs anew, and that it needs.
    #[inline(always)]
    pub(super) const fn padded_pixels(&self) -> [usize; 2] {
        let columns = self.reach()[1];
        [self.window.stride[0] * columns, self.padded_rows(1) * columns]
    }

    /// Whether output pixel `i` is made of input pixel `i` alone, so that all pixels are one line.
    #[inline(always)]
    pub(super) const fn is_pointwise(&self) -> bool {
        let Window { kernel, stride, padding, .. } = self.window;
        matches!((kernel, stride, padding), ([1, 1], [1, 1], [0, 0]))
            && self.input.height == self.output.height
            && self.input.width == self.output.width
    }
}

/// What the tile of `mr` outputs from `x` on in row `y` reads: the input itself, or in `pad`, where it reaches outside, a copy with zeros
/// around it, whose rows lie as far apart.
#[inline(always)]
pub(super) fn patch<'a>(conv: &Conv, mr: usize, src: Src<'a>, pad: Dst<'a>, y: usize, x: usize) -> Src<'a> {
    let Map { height, width, .. } = conv.input;
    let Window { kernel, dilation, padding: [top, left], .. } = conv.window;
    let (row, column) = (y * conv.window.stride[0], x * conv.window.stride[1]);
    let (rows, columns) = ((kernel[0] - 1) * dilation[0] + 1, conv.patch_columns(mr));
    if row >= top && row - top + rows <= height && column >= left && column - left + columns <= width {
        return src.after(conv.start(y, x) - conv.corner());
    }
    copy_patch(*conv, mr, src, pad, row, column);
    pad.as_src()
}

/// Copies what a tile of `mr` outputs reads, from `y` and `x` on, counted from the corner of the padding.
#[inline(never)]
fn copy_patch(conv: Conv, mr: usize, src: Src, pad: Dst, y: usize, x: usize) {
    let Map { height, width, channels, stride } = conv.input;
    let Window { kernel, dilation, padding: [top, left], .. } = conv.window;
    let columns = conv.patch_columns(mr);
    // columns of the copy that the input has
    let (from, to) = (left.saturating_sub(x).min(columns), (left + width).saturating_sub(x).min(columns));
    for ky in 0..kernel[0] {
        let row = pad.cut(ky * dilation[0] * width * stride, columns * stride);
        let y = y + ky * dilation[0];
        if y < top || y - top >= height || from >= to {
            row.zero();
            continue;
        }
        row.cut(0, from * stride).zero();
        let len = (to - from - 1) * stride + channels / conv.groups;
        row.after(from * stride).copy_from(src.cut(((y - top) * width + x + from - left) * stride, len));
        row.after(to * stride).zero();
    }
}

/// What output row `y` is made of, as [`Conv::padded_input`] has it: in `pad`, of [`Conv::row_pad_len`] floats, where there is padding.
#[inline(always)]
pub(super) fn padded_row<'a>(conv: &Conv, src: Src<'a>, pad: Dst<'a>, y: usize) -> Src<'a> {
    if conv.is_padded() {
        copy_rows(*conv, src, pad, y, y..y + 1);
        return pad.as_src();
    }
    src.after(y * conv.window.stride[0] * conv.input.width * conv.input.stride)
}

/// Copies the input to `pad`, with zeros around it: of the rows that the output rows `lines` are made of; the first in `pad`
/// is that of output row `from`.
#[inline(never)]
pub(super) fn copy_rows(conv: Conv, src: Src, pad: Dst, from: usize, lines: Range<usize>) {
    let input = conv.input;
    let ([_, width], [top, left]) = (conv.reach(), conv.window.padding);
    let c = input.channels;
    // columns of the input that are copied, and where zeros begin again
    let columns = input.width.min(width.saturating_sub(left));
    let left = left.min(width);
    let stride = conv.window.stride[0];
    let first = lines.start * stride;
    for y in first..first + conv.padded_rows(lines.len()) {
        let row = pad.cut((y - from * stride) * width * c, width * c);
        if y < top || y - top >= input.height {
            row.zero();
            continue;
        }
        row.cut(0, left * c).zero();
        let from = (y - top) * input.width * input.stride;
        if input.stride == c {
            row.after(left * c).copy_from(src.cut(from, columns * c));
        } else {
            for x in 0..columns {
                row.after((left + x) * c).copy_from(src.cut(from + x * input.stride, c));
            }
        }
        row.after((left + columns) * c).zero();
    }
}
