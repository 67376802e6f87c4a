//! Depthwise convolution: every channel by itself.
//!
//! Channels lie along vectors; TX columns are done at once, so that a weight is loaded once for them and neighbours share
//! inputs. A tile at the left or right border leaves out the taps that are outside. Where it stands is a literal in
//! generated code, hence also which taps these are: the border costs no test and no padded copy. Rows clip the vertical
//! taps. All rows are done for one panel of channels, 64 bytes of each pixel, before the next, as long as the map stays in L2; else row by
//! row, all channels of a tile before the next tile, so that what comes from afar is read in order. With a
//! dilation of d first every d-th row, then the others, for those share no input rows.
//! The weights are packed in panels of 16 channels (the last one 8 or 16, as in [`super`]): biases, then tap by tap.

use super::epilogue::Epilogue;
use super::{L1_FLOATS, Map, PANEL, Panels, RowMeans, Shortcut, Window, means, panel_len, times};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src, reach};
use crate::simd::Simd;
use core::hint::black_box;
use core::ops::Range;

/// The sizes of a depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// What comes in.
    pub input: Map,
    /// What goes out; as many channels. Its height and width say how often the window moves.
    pub output: Map,
    /// Kernel, stride, padding, dilation.
    pub window: Window,
}

/// `dst = after(act(bias + weights * src) + residual)`, channel by channel; `part` of it.
///
/// `TX` columns are done at once (one, where the output is narrower). The last tile is moved back to end with the row:
/// neither `src` nor `residual` may share memory with `dst`. `TX` is best a divisor of the width, or just above one. `means` takes what
/// a global average that follows wants of each row.
///
/// # Panics
/// When a view is too small for these sizes, or the numbers of channels differ.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn depthwise<S, A, R, B, M, const TX: usize>(
    s: S,
    part: Part,
    depthwise: Depthwise,
    src: Src,
    weights: Src,
    dst: Dst,
    act: A,
    residual: R,
    after: B,
    means: M,
) where
    S: Simd,
    A: Activation,
    R: Shortcut,
    B: Activation,
    M: RowMeans,
{
    const { assert!(TX > 0, "at least one column at once") };
    let channels = depthwise.output.channels;
    assert!(channels == depthwise.input.channels, "a depthwise convolution keeps the number of channels");
    let mut job = Job {
        d: depthwise,
        src: src.cut(0, depthwise.input.extent()),
        weights,
        dst: dst.cut(0, depthwise.output.extent()),
        epilogue: Epilogue { act, residual, after },
        means,
        tiles: 0..0,
    };
    let (full, rest) = (channels / PANEL, channels % PANEL);
    let (Order { classes, by_rows, by_tiles }, (rows, panels)) = (depthwise.order(), share(part, &depthwise));
    let tiles = depthwise.output.width.div_ceil(TX);
    // what is done for a panel before the next
    let (band, block) = (if by_rows { classes } else { rows.len() }, if by_tiles { 1 } else { tiles });
    // hidden from the optimiser, which would write out the rows for each class
    for class in 0..if classes > 1 { black_box(classes) } else { 1 } {
        let mut y = rows.start + class;
        while y < rows.end {
            let rows = y..rows.end.min(y + band);
            let mut first = 0;
            while first < tiles {
                job.tiles = first..tiles.min(first + block);
                for panel in panels.start..panels.end.min(full) {
                    job.panel::<S, TX>(s, rows.clone(), panel * PANEL, PANEL);
                }
                if panels.end > full {
                    if rest > <S::Half as Simd>::LANES {
                        job.panel::<S, TX>(s, rows.clone(), full * PANEL, rest);
                    } else {
                        job.panel::<S::Half, TX>(s.half(), rows.clone(), full * PANEL, rest);
                    }
                }
                first += block;
            }
            y += band;
        }
    }
}

/// Rows and panels of a part: a run of rows; or of panels, where the input has so few rows that the convolution before was
/// most likely shared by its channels, which then lie in the part's own cache.
#[inline(always)]
fn share(part: Part, d: &Depthwise) -> (Range<usize>, Range<usize>) {
    let (rows, panels) = (d.output.height, d.output.channels.div_ceil(PANEL));
    if part.is_even(d.input.height) || part.imbalance(rows) <= part.imbalance(panels) {
        (part.of(rows), 0..panels)
    } else {
        (0..rows, part.of(panels))
    }
}

/// In which order output rows are done.
struct Order {
    /// Output rows that are so many apart read the same input rows, dilated, and no rows between them do: such rows are done one after the other.
    classes: usize,
    /// Whether all channels of a row come before the next row.
    by_rows: bool,
    /// Whether all channels of a tile of a row come before the next tile.
    by_tiles: bool,
}

/// Floats of a map that stay in L2 beside what is written, so that a panel of all rows can be read before the next panel: 1 MiB, half of the
/// larger L2 met (measured: `docs/performance.md`).
const NEAR_FLOATS: usize = 256 * 1024;

impl Depthwise {
    /// Input floats from a vertical tap to the next.
    #[inline(always)]
    const fn row_step(&self) -> usize {
        self.window.dilation[0] * self.input.width * self.input.stride
    }

    /// Lanes that an inner tile loads for `n` that count: without masks one, two, four or all are loaded in less time than other numbers, which
    /// are put together (measured: `docs/performance.md`). Not where pixels do not follow each other: what lies between may be what is written.
    #[inline(always)]
    fn lanes<S: Simd>(&self, _: S, n: usize) -> usize {
        if !S::MASKS && self.input.stride == self.input.channels { n.next_power_of_two() } else { n }
    }

    /// Class by class, so that a window's rows are still in L1 for the next row of its class. Of a class all rows for a panel before the next
    /// panel, where that keeps the input in L2; else, and where an input row serves few output rows, row by row, so that the input is read in
    /// order: panel by panel where a window's rows fit L1, else tile by tile.
    /// (Measured on a Sapphire Rapids, 48 KiB of L1, 2 MiB of L2: a row at a time 11 us for 13 us at 56 x 56 x 64 with a
    /// stride of 2, but 9.7 us for 12 us at 28 x 28 x 72 with a stride of 1. On a Zen 4, 32 KiB of L1, class by class 3.2 us for 3.5 us at
    /// 28 x 28 x 50 with a stride of 2 and a dilation of 3. What else was measured: `docs/performance.md`.)
    #[inline(always)]
    const fn order(self) -> Order {
        let Window { kernel, stride, dilation, .. } = self.window;
        // input rows of a class, and so taps, from an output row of the class to the next
        let apart = self.window.apart(0);
        let classes = dilation[0] * apart / stride[0];
        let row = self.input.width * self.input.stride;
        // panels that begin within a cache line read two for one: not when all of a row are done while it is near
        let is_ragged = !self.input.stride.is_multiple_of(PANEL);
        let is_near = kernel[0] * row <= L1_FLOATS;
        let rows = self.output.height.div_ceil(classes);
        let is_far = rows == 1 || apart * row * rows > NEAR_FLOATS;
        let few =
            kernel[0] < 2 * apart || kernel[0] < 3 * apart && is_ragged && is_near && self.input.channels > 2 * PANEL;
        Order { classes, by_rows: is_far || few, by_tiles: is_far && !is_near }
    }
}

/// The tiles of a row: those that touch the left border, those that are all inside, those that touch the right border.
#[derive(Clone, Copy)]
struct Tiles {
    left: usize,
    inner: usize,
    right: usize,
}

impl Tiles {
    /// Of `n` channels. Where those inside load lanes of the pixel after, they do not touch the last one.
    #[inline(always)]
    fn of<S: Simd>(s: S, d: &Depthwise, tx: usize, n: usize) -> Self {
        let tiles = d.output.width.div_ceil(tx);
        let Range { start: first, end } = d.window.inner(d.input.width.saturating_sub(usize::from(d.lanes(s, n) > n)));
        let end = end.min(d.output.width);
        let left = first.div_ceil(tx).min(tiles);
        let inner = (end / tx).clamp(left, tiles) - left;
        Tiles { left, inner, right: tiles - left - inner }
    }
}

/// A convolution at work.
struct Job<'a, A, R, B, M> {
    d: Depthwise,
    src: Src<'a>,
    weights: Src<'a>,
    dst: Dst<'a>,
    epilogue: Epilogue<A, R, B>,
    means: M,
    /// The tiles of a row that are done for all channels before the next ones.
    tiles: Range<usize>,
}

/// A row of outputs for some channels.
#[derive(Clone, Copy)]
struct Row<'a> {
    /// The first channel, and how many there are.
    channel: usize,
    n: usize,
    /// The biases, then the taps, `width` floats apart; those of the first vertical tap that is inside come first.
    bias: Src<'a>,
    taps: Src<'a>,
    width: usize,
    /// The input row of that tap, and all further ones.
    src: Src<'a>,
    /// How many vertical taps are inside.
    count: usize,
    /// Which row of outputs.
    y: usize,
}

impl<'a> Row<'a> {
    /// The row of a panel narrowed to the vector of `n` channels from channel `at` of the panel on. Input row `top` is that
    /// of vertical tap `first`.
    #[inline(always)]
    fn narrowed<S: Simd>(self, _: S, d: &Depthwise, top: usize, first: usize, at: usize, n: usize) -> Row<'a> {
        let (input, [_, kernel]) = (d.input, d.window.kernel);
        let (channel, bias) = (self.channel + at, self.bias.after(at));
        if self.count == 0 {
            return Row { channel, n, bias, ..self };
        }
        // these two checks stand for all reads of the row
        let taps =
            bias.cut((1 + first * kernel) * self.width, reach(self.count.saturating_mul(kernel), self.width, S::LANES));
        let extent = reach(self.count, d.row_step(), reach(input.width, input.stride, n));
        let src = self.src.cut(top * input.width * input.stride + channel, extent);
        Row { channel, n, bias, taps, src, ..self }
    }
}

impl<A: Activation, R: Shortcut, B: Activation, M: RowMeans> Job<'_, A, R, B, M> {
    /// The output rows of the class of the first of `rows` for `n` channels, a panel of them, from `channel` on.
    #[inline(always)]
    fn panel<S: Simd, const TX: usize>(&self, s: S, rows: Range<usize>, channel: usize, n: usize) {
        let Depthwise { input, output, window } = self.d;
        let Window { kernel, stride, padding, dilation } = window;
        let panel = channel / PANEL;
        let width = if panel < Panels::of(output.channels).full { PANEL } else { PANEL / 2 };
        let weights = self.weights.after(panel * panel_len(PANEL, kernel[0] * kernel[1]));
        let classes = self.d.order().classes;
        // the row before is summed beside the next one's products, which are in no hurry: after the last row there is a turn for that alone
        let turns = if M::WANTED { rows.end + classes } else { rows.end };
        let mut y = rows.start;
        while y < turns {
            let [first, end] = clip(y, stride[0], padding[0], dilation[0], kernel[0], input.height);
            let top = (y * stride[0] + first * dilation[0]).saturating_sub(padding[0]);
            let row = Row { channel, n, bias: weights, taps: weights, width, src: self.src, count: end - first, y };
            let (vectors, lanes) = (n / S::LANES, n % S::LANES);
            for v in times(vectors) {
                self.turn::<S, TX>(s, &rows, row, top, first, v * S::LANES, S::LANES);
            }
            if lanes > 0 {
                self.turn::<S, TX>(s, &rows, row, top, first, vectors * S::LANES, lanes);
            }
            y += classes;
        }
    }

    /// A row of outputs, if it is one of `rows`, for the `n` channels from channel `at` of its panel on; and the mean of the one before.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn turn<S: Simd, const TX: usize>(
        &self,
        s: S,
        rows: &Range<usize>,
        row: Row,
        top: usize,
        first: usize,
        at: usize,
        n: usize,
    ) {
        if row.y < rows.end {
            self.row::<S, TX>(s, row.narrowed(s, &self.d, top, first, at, n));
        }
        let output = self.d.output;
        let before = row.y.wrapping_sub(self.d.order().classes);
        let is_last = self.tiles.end == output.width.div_ceil(TX);
        if const { M::WANTED } && is_last && rows.contains(&before) {
            let (pixel, channel) = (before * output.width, row.channel + at);
            let row = self.dst.as_src().after(pixel * output.stride + channel);
            let sum = means::sum(s, row, output.width, output.stride, n);
            self.means.take(s, output, before, channel, n, sum);
        }
    }

    /// A row of outputs.
    #[inline(always)]
    fn row<S: Simd, const TX: usize>(&self, s: S, row: Row) {
        let width = self.d.output.width;
        if width < TX {
            for x in 0..width {
                self.tile::<S, 1, true>(s, &row, x);
            }
            return;
        }
        let Tiles { left, inner, right } = Tiles::of(s, &self.d, TX, row.n);
        let Range { start, end } = self.tiles;
        if start == 0 {
            self.border::<S, TX>(s, &row, 0..left);
        }
        for t in start.max(left)..end.min(left + inner) {
            self.tile::<S, TX, false>(s, &row, t * TX);
        }
        if end == left + inner + right {
            self.border::<S, TX>(s, &row, left + inner..end);
        }
    }

    /// Tiles that may reach outside. The first two apart from the others, which are rare: in a loop the optimiser does not always see
    /// where a tile stands.
    #[inline(always)]
    fn border<S: Simd, const TX: usize>(&self, s: S, row: &Row, mut tiles: Range<usize>) {
        let last = self.d.output.width - TX;
        if let Some(t) = tiles.next() {
            self.tile::<S, TX, true>(s, row, (t * TX).min(last));
        }
        if let Some(t) = tiles.next() {
            self.tile::<S, TX, true>(s, row, (t * TX).min(last));
        }
        for t in tiles {
            self.tile::<S, TX, true>(s, row, (t * TX).min(last));
        }
    }

    /// `N` outputs from column `x` on; `BORDER` says that some of their taps may be outside.
    #[inline(always)]
    fn tile<S: Simd, const N: usize, const BORDER: bool>(&self, s: S, row: &Row, x: usize) {
        let Depthwise { input, output, window } = self.d;
        let Window { kernel, stride, padding, dilation } = window;
        // columns are counted from the left padding on
        let inside = padding[1]..padding[1].saturating_add(input.width);
        let start = x * stride[1];
        let columns = reach(N, stride[1], reach(kernel[1], dilation[1], 1));
        let lanes = if BORDER { row.n } else { self.d.lanes(s, row.n) };
        let end = start.saturating_add(columns).saturating_add(usize::from(lanes > row.n));
        assert!(BORDER || inside.start <= start && end <= inside.end, "an inner tile lies inside");

        let mut acc = [row.bias.load(s, 0); N];
        for ky in 0..row.count {
            // one after the other the taps that read the same inputs, so that those wait in registers for one tap only
            let apart = window.apart(1);
            for first in 0..apart.min(kernel[1]) {
                let mut kx = first;
                while kx < kernel[1] {
                    // SAFETY: the view begins with the first tap and holds `count` rows of kernel[1] taps
                    let w = unsafe { row.taps.load_unchecked(s, (ky * kernel[1] + kx) * row.width) };
                    for (i, acc) in acc.iter_mut().enumerate() {
                        let column = start + i * stride[1] + kx * dilation[1];
                        if BORDER && !inside.contains(&column) {
                            continue;
                        }
                        let at = ky * self.d.row_step() + (column - padding[1]) * input.stride;
                        // SAFETY: the column is less than the input's width, as just seen or as asserted for the least and
                        // the greatest; the view holds `count` such rows, of the last one `n` floats of the last pixel. Lanes beyond
                        // `n`, which are fewer than `n`, are of a pixel after, where an inner tile has one, as asserted
                        let a = unsafe { row.src.load_n_unchecked(s, at, lanes) };
                        *acc = s.mul_add(a, w, *acc);
                    }
                    kx += apart;
                }
            }
        }
        let pixel = row.y * output.width + x;
        let values = self.epilogue.apply_pixels(s, acc, pixel, 1, row.channel, row.n);
        self.dst.store_all(s, pixel * output.stride + row.channel, output.stride, row.n, values);
    }
}

/// The taps of output `at` that are inside an input of `len`, from the first to before the second.
#[inline(always)]
fn clip(at: usize, stride: usize, padding: usize, dilation: usize, kernel: usize, len: usize) -> [usize; 2] {
    // tap k stands at start + k * dilation - padding
    let start = at * stride;
    let end = (len + padding).saturating_sub(start).div_ceil(dilation).min(kernel);
    [padding.saturating_sub(start).div_ceil(dilation).min(end), end]
}
