//! Floats that kernels want: of weights as they are packed, and of scratch memory. Each function here has a counterpart in the runtime, which
//! checks what it is given; `tests/sizes.rs` of the facade holds the two against each other.

use crate::ops::Window;
use crate::shape::Shape;

/// Floats of a cache line, on all CPUs that the backends are for: whatever is placed begins with one.
pub const LINE: usize = 16;

/// Output channels of a panel; the last one is of half as many where they are enough.
pub const PANEL: usize = 16;

/// Output channels that are multiplied before they are transformed back, in Winograd's algorithm.
pub const WINOGRAD_CHANNELS: usize = 32;

/// Floats of padded rows that are made at once.
const PAD_FLOATS: usize = 64 * 1024;

/// Rows of the tile of an attention's product.
const ATTENTION_ROWS: usize = 4;

/// Channels in whole panels.
#[must_use]
pub const fn whole_panels(channels: usize) -> usize {
    channels.next_multiple_of(PANEL / 2)
}

/// The panels of one group of a convolution, of so many products an output: `kernels::packed_len`.
#[must_use]
pub const fn panels(outputs: usize, products: usize) -> usize {
    whole_panels(outputs) * (products + 1)
}

/// The components of a convolution by Winograd's algorithm, for tiles of `side` outputs along an axis: `kernels::winograd_len`.
#[must_use]
pub const fn winograd_panels(outputs: usize, inputs: usize, side: usize) -> usize {
    outputs.next_multiple_of(PANEL) * (1 + components(side) * inputs)
}

/// Components of a tile of `side` outputs along an axis.
#[must_use]
pub const fn components(side: usize) -> usize {
    (side + 2) * (side + 2)
}

/// The components of the largest of the blocks into which so many tiles fall, there and back: `Winograd::scratch_len`.
#[must_use]
pub const fn winograd_scratch(side: usize, tiles: usize, blocks: usize, inputs: usize) -> usize {
    const fn apart(len: usize) -> usize {
        (len.div_ceil(LINE) | 1) * LINE
    }
    let most = tiles.div_ceil(blocks);
    components(side) * (apart(most * inputs) + apart(most * WINOGRAD_CHANNELS))
}

/// Padded rows of the input, for at most `most` of the rows of an output of this height and width, where the window reaches outside: all of them for
/// `Conv::pad_len`, one for `Conv::row_pad_len`.
#[must_use]
pub fn padded(window: &Window, input: Shape, [height, width]: [usize; 2], most: usize) -> Option<usize> {
    let (rows, columns) = (window.span(0, height), window.span(1, width));
    let outside = window.before != [0, 0] || rows > input.height() || columns > input.width();
    let fitting = PAD_FLOATS / (columns * input.channels());
    let rows = match fitting.checked_sub(window.span(0, 1)) {
        _ if rows <= fitting => rows,
        Some(more) => window.span(0, more / window.stride[0] + 1),
        None => window.span(0, 1),
    };
    outside.then(|| rows.min(window.span(0, most)) * columns * input.channels())
}

/// The weights of one group in pairs of products: those of the last panel of half the channels, and of the full one before it if that is the only
/// one, or of the last full one: `Conv::pairs_len`.
#[must_use]
pub const fn pairs(taps: usize, inputs: usize, outputs: usize) -> usize {
    let (full, rest) = (outputs / PANEL, outputs % PANEL);
    let is_half = 0 < rest && rest <= PANEL / 2;
    let vectors = match (is_half, full) {
        (true, 1) => 3,
        (true, _) => 1,
        (false, _) => 2,
    };
    taps * inputs.div_ceil(2) * vectors * PANEL
}

/// The rows that a joined depthwise convolution reads, of the map that `entered` it, for so much of a `middle`: `Fused::ring_len`.
#[must_use]
pub fn ring(window: &Window, entered: Shape, middle: Shape) -> usize {
    let (rows, touched) = (window.span(0, 1) + 1, window.span(1, middle.width()));
    rows * (touched.max(window.before[1] + entered.width()) | 1) * middle.channels()
}

/// An attention's keys of a head and scores: `Attention::scratch_len`.
#[must_use]
pub fn attention(heads: usize, query: Shape, key: Shape) -> usize {
    (query.channels() / heads + ATTENTION_ROWS) * key.pixels()
}

/// The sums of a group norm: `kernels::stats_len`.
#[must_use]
pub const fn group_stats(channels: usize) -> usize {
    3 * channels
}
