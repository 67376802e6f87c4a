//! Winograd's convolution F(4x4, 3x3) and F(5x5, 3x3): a 3x3 convolution of stride 1 with a quarter, or 22 %, of the multiplications
//! (A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016).
//!
//! The output is cut into *tiles* of 4x4 or 5x5 pixels. The 6x6 or 7x7 input pixels under a tile are transformed to as many components, each is
//! multiplied by the matrix of the components of the kernels, and the products are transformed back (`transform.rs`). With dilation the
//! map is that many maps, interleaved, each with tiles of its own. An input that is no number spoils its whole tile.

mod transform;

pub use transform::WinogradKernel;

use super::epilogue::Epilogue;
use super::taps::Taps;
use super::tile::{self, Ahead};
use super::{Map, PANEL, Shortcut};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};
use transform::{backward, forward};

/// Components of a tile of `side` outputs along an axis.
const fn components(side: usize) -> usize {
    (side + 2) * (side + 2)
}

/// Floats of an output, 512 KiB, up to which it stays in the smallest L2 met: to fetch its lines while products are computed takes longer than
/// to wait for them (measured: `docs/performance.md`).
const NEAR_FLOATS: usize = 128 * 1024;

/// Output channels that are multiplied before they are transformed back, at most.
pub const WINOGRAD_CHANNELS: usize = 32;

/// The sizes of a convolution with a kernel of 3x3, a stride of 1 and one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winograd {
    /// What comes in.
    pub input: Map,
    /// What goes out. Its height and width also say how far the window reaches beyond the bottom and the right border.
    pub output: Map,
    /// Imagined zero rows above and columns to the left.
    pub padding: [usize; 2],
    /// Input pixels from a tap to the next.
    pub dilation: [usize; 2],
    /// Output pixels of a tile along an axis: 4 or 5.
    pub side: usize,
    /// Into how many blocks the tiles fall, each of which is transformed before it is multiplied; at most as many as
    /// [`tiles`](Winograd::tiles).
    pub blocks: usize,
}

impl Winograd {
    /// Tiles of the output.
    #[inline(always)]
    #[must_use]
    pub const fn tiles(&self) -> usize {
        tiles(self.output.height, self.dilation[0], self.side) * tiles(self.output.width, self.dilation[1], self.side)
    }

    /// Floats of the scratch memory that [`winograd`] wants.
    #[inline(always)]
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        let each = apart(self.block() * self.input.channels) + apart(self.block() * WINOGRAD_CHANNELS);
        components(self.side) * each
    }

    /// Tiles of the largest block; the others have one less or as many.
    #[inline(always)]
    const fn block(&self) -> usize {
        self.tiles().div_ceil(self.blocks)
    }

    /// Tiles of the smallest block.
    #[inline(always)]
    const fn least(&self) -> usize {
        self.tiles() / self.blocks
    }
}

/// Floats of the packed weights: a bias for each output, rounded up to whole panels of 16; for each panel the components, for each
/// component and input channel 16 weights. Of tiles of `side` outputs along an axis.
#[must_use]
pub const fn winograd_len(outputs: usize, inputs: usize, side: usize) -> usize {
    outputs.next_multiple_of(PANEL) * (1 + components(side) * inputs)
}

/// `dst = after(act(bias + weights * src) + residual)`, `part` of the blocks.
///
/// `weights` are packed as [`winograd_len`] says, `scratch` has [`Winograd::scratch_len`] floats, which no other part may use. `MR`
/// tiles, at most the smallest block, are multiplied at once by `NV` vectors of channels, whole panels of 16 and at most
/// [`WINOGRAD_CHANNELS`]; the panels left over by `RV` vectors. `OUT` is the [`side`](Winograd::side) of a tile, `IN` that of the
/// inputs under it. `src` may not share memory with `dst`.
///
/// # Panics
/// When a view is too small for these sizes, or the tile does not fit them.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn winograd<S, A, R, B, const IN: usize, const OUT: usize, const MR: usize, const NV: usize, const RV: usize>(
    s: S,
    part: Part,
    sizes: Winograd,
    src: Src,
    scratch: Dst,
    weights: Src,
    dst: Dst,
    act: A,
    residual: R,
    after: B,
) where
    S: Simd,
    A: Activation,
    R: Shortcut,
    B: Activation,
{
    const {
        assert!(MR > 0 && NV > 0 && (NV * S::LANES).is_multiple_of(PANEL), "the main tile must be whole panels of 16");
        assert!((RV * S::LANES).is_multiple_of(PANEL), "the tile of left-over panels must be whole panels of 16");
        assert!(NV * S::LANES <= WINOGRAD_CHANNELS && RV <= NV, "the products have no room");
        assert!(IN == OUT + 2, "a window of 3 reaches two pixels beyond a tile");
    }
    assert!(sizes.side == OUT, "the tiles of the map are those of the kernel");
    let Winograd { input, output, blocks, .. } = sizes;
    assert!(MR <= sizes.least(), "a tile must not be larger than a block");
    let panels = output.channels.div_ceil(PANEL);
    let (main, rest) = (panels / (NV * S::LANES / PANEL), panels % (NV * S::LANES / PANEL));
    assert!(rest == 0 || RV > 0 && (rest * PANEL).is_multiple_of(RV.max(1) * S::LANES), "no tile for panels left over");

    let (weights, scratch) =
        (weights.cut(0, winograd_len(output.channels, input.channels, OUT)), scratch.cut(0, sizes.scratch_len()));
    let (input_step, product_step) = (apart(sizes.block() * input.channels), apart(sizes.block() * WINOGRAD_CHANNELS));
    let mut call = Call::<_, _, _, IN, OUT> {
        sizes,
        taps: Taps::component(input.channels),
        first: 0,
        block: 0,
        input_step,
        product_step,
        src,
        input: scratch.cut(0, IN * IN * input_step),
        products: scratch.after(IN * IN * input_step),
        biases: weights.cut(0, panels * PANEL),
        weights: weights.after(panels * PANEL),
        dst,
        epilogue: Epilogue { act, residual, after },
    };
    for block in part.of(blocks) {
        call.first = sizes.tiles() * block / blocks;
        call.block = sizes.tiles() * (block + 1) / blocks - call.first;
        call.transform_input(s);
        for group in 0..main {
            call.multiply::<S, MR, NV>(s, group * NV * S::LANES);
            call.transform_output::<S, NV>(s, group * NV * S::LANES);
        }
        if const { RV > 0 } {
            for group in 0..rest * PANEL / (RV.max(1) * S::LANES) {
                let channel = main * NV * S::LANES + group * RV * S::LANES;
                call.multiply::<S, MR, RV>(s, channel);
                call.transform_output::<S, RV>(s, channel);
            }
        }
    }
}

/// A convolution under way.
struct Call<'a, A, R, B, const IN: usize, const OUT: usize> {
    sizes: Winograd,
    taps: Taps,
    /// First tile of the block, and how many there are.
    first: usize,
    block: usize,
    /// Floats of the scratch memory from a component to the next.
    input_step: usize,
    product_step: usize,
    src: Src<'a>,
    /// `[component][tile of the block][input channel]`
    input: Dst<'a>,
    /// `[component][tile of the block][one of WINOGRAD_CHANNELS]`
    products: Dst<'a>,
    biases: Src<'a>,
    weights: Src<'a>,
    dst: Dst<'a>,
    epilogue: Epilogue<A, R, B>,
}

impl<A: Activation, R: Shortcut, B: Activation, const IN: usize, const OUT: usize> Call<'_, A, R, B, IN, OUT> {
    /// The components of the block's input.
    #[inline(always)]
    fn transform_input<S: Simd>(&self, s: S) {
        let Winograd { input, padding, dilation, .. } = self.sizes;
        for tile in 0..self.block {
            let [y, x] = self.origin(self.first + tile);
            // where rows and columns begin; none where they are padding
            let mut rows = [None; IN];
            let mut columns = [None; IN];
            for i in 0..IN {
                let (y, x) = (y + i * dilation[0], x + i * dilation[1]);
                if y >= padding[0] && y - padding[0] < input.height {
                    rows[i] = Some((y - padding[0]) * input.width * input.stride);
                }
                if x >= padding[1] && x - padding[1] < input.width {
                    columns[i] = Some((x - padding[1]) * input.stride);
                }
            }
            let row_step = dilation[0] * input.width * input.stride;
            let top = if rows.iter().all(Option::is_some) { rows[0] } else { None };
            let mut channel = 0;
            while channel < input.channels {
                let n = S::LANES.min(input.channels - channel);
                let mut half = [[s.splat(0.0); IN]; IN];
                for (half, column) in half.iter_mut().zip(columns) {
                    let pixels = match (top, column) {
                        // most tiles have all rows: one check for six loads
                        (Some(row), Some(column)) => self.src.load_all(s, row + column + channel, row_step, n),
                        (None, Some(column)) => each!(s, IN, |y| match rows[y] {
                            Some(row) => self.src.load_n(s, row + column + channel, n),
                            None => s.splat(0.0),
                        }),
                        _ => [s.splat(0.0); IN],
                    };
                    *half = forward(s, pixels);
                }
                for (y, row) in transpose(half).into_iter().enumerate() {
                    let at = y * IN * self.input_step + tile * input.channels + channel;
                    self.input.store_all(s, at, self.input_step, n, forward(s, row));
                }
                channel += S::LANES;
            }
        }
    }

    /// The products of `NV` vectors of output channels from `channel` on.
    #[inline(always)]
    fn multiply<S: Simd, const MR: usize, const NV: usize>(&self, s: S, channel: usize) {
        let (input, block) = (self.sizes.input, self.block);
        let component_len = PANEL * input.channels;
        let panel_len = IN * IN * component_len;
        let weights = self.weights.cut(channel / PANEL * panel_len, NV * S::LANES / PANEL * panel_len);
        for component in 0..IN * IN {
            // while there is time, what the outputs will be written to
            let last = if self.sizes.output.extent() > NEAR_FLOATS { block } else { 0 };
            for tile in (component..last).step_by(IN * IN) {
                self.prefetch_output(s, tile, channel, NV * S::LANES);
            }
            let weights = weights.after(component * component_len);
            // and the weights of the next component
            let next = weights.as_ptr().wrapping_add(component_len);
            let lines = (NV * S::LANES).div_ceil(PANEL);
            let ahead = Ahead { at: next, step: PANEL, lines, apart: panel_len, is_late: false };
            let input = self.input.as_src().after(component * self.input_step);
            let products = self.products.after(component * self.product_step);
            for tile in (0..block).step_by(MR) {
                let tile = tile.min(block - MR);
                let sums = [[s.splat(0.0); NV]; MR];
                let input = input.after(tile * self.sizes.input.channels);
                let sums = tile::products::<S, MR, NV>(s, sums, &self.taps, input, weights, panel_len, ahead);
                for (m, sums) in sums.into_iter().enumerate() {
                    products.store_all(s, (tile + m) * WINOGRAD_CHANNELS, S::LANES, S::LANES, sums);
                }
            }
        }
    }

    /// Brings the output pixels of a tile near.
    #[inline(always)]
    fn prefetch_output<S: Simd>(&self, s: S, tile: usize, channel: usize, channels: usize) {
        let Winograd { output, dilation, .. } = self.sizes;
        let [y, x] = self.origin(self.first + tile);
        for y in (0..OUT).map(|i| y + i * dilation[0]) {
            let at = (y * output.width + x) * output.stride + channel;
            self.dst.prefetch_pixels(s, at, OUT, dilation[1] * output.stride, channels);
        }
    }

    /// The pixels of `NV` vectors of output channels from `channel` on.
    #[inline(always)]
    fn transform_output<S: Simd, const NV: usize>(&self, s: S, channel: usize) {
        let Winograd { output, dilation, .. } = self.sizes;
        let products = self.products.as_src();
        for tile in 0..self.block {
            let [y, x] = self.origin(self.first + tile);
            // pixels of the tile that are on the map
            let height = (output.height - y).div_ceil(dilation[0]).min(OUT);
            let width = (output.width - x).div_ceil(dilation[1]).min(OUT);
            for v in 0..NV {
                let channel = channel + v * S::LANES;
                let n = output.channels.saturating_sub(channel).min(S::LANES);
                if n == 0 {
                    continue;
                }
                let mut half = [[s.splat(0.0); OUT]; IN];
                for (x, half) in half.iter_mut().enumerate() {
                    let at = x * self.product_step + tile * WINOGRAD_CHANNELS + v * S::LANES;
                    *half = backward::<S, IN, OUT>(s, products.load_all(s, at, IN * self.product_step, S::LANES));
                }
                let bias = self.biases.load(s, channel);
                for (i, row) in transpose(half).into_iter().enumerate().take(height) {
                    let row: [S::V; OUT] = backward::<S, IN, OUT>(s, row);
                    let row = each!(s, OUT, |x| s.add(row[x], bias));
                    let pixel = (y + i * dilation[0]) * output.width + x;
                    self.store(s, row, pixel, width, channel, n);
                }
            }
        }
    }

    /// Writes a row of a tile, the first `width` pixels of it, through the epilogue.
    #[inline(always)]
    fn store<S: Simd>(&self, s: S, row: [S::V; OUT], pixel: usize, width: usize, channel: usize, n: usize) {
        let step = self.sizes.dilation[1];
        let stride = self.sizes.output.stride;
        if width == OUT {
            let row = self.epilogue.apply_pixels(s, row, pixel, step, channel, n);
            return self.dst.store_all(s, pixel * stride + channel, step * stride, n, row);
        }
        for (i, value) in row.into_iter().enumerate().take(width) {
            let pixel = pixel + i * step;
            let [value] = self.epilogue.apply(s, [value], pixel, channel, n);
            self.dst.store_n(s, pixel * stride + channel, n, value);
        }
    }

    /// The first output pixel of a tile, row and column.
    #[inline(always)]
    fn origin(&self, tile: usize) -> [usize; 2] {
        let Winograd { output, dilation, .. } = self.sizes;
        let columns = tiles(output.width, dilation[1], OUT);
        [first(tile / columns, output.height, dilation[0], OUT), first(tile % columns, output.width, dilation[1], OUT)]
    }
}

/// Tiles along an axis of `len` pixels, `dilation` interleaved lines of them.
#[inline(always)]
const fn tiles(len: usize, dilation: usize, side: usize) -> usize {
    let mut sum = 0;
    let mut phase = 0;
    while phase < dilation && phase < len {
        sum += (len - phase).div_ceil(dilation).div_ceil(side);
        phase += 1;
    }
    sum
}

/// The first pixel of a tile along an axis.
#[inline(always)]
fn first(mut tile: usize, len: usize, dilation: usize, side: usize) -> usize {
    let mut phase = 0;
    loop {
        let tiles = (len - phase).div_ceil(dilation).div_ceil(side);
        if tile < tiles {
            return phase + tile * side * dilation;
        }
        tile -= tiles;
        phase += 1;
    }
}

/// Floats from a component to the next, for `len` of each: an odd number of cache lines, for the components are written and
/// read together and would meet in the same few places of the cache if they lay a power of two apart.
#[inline(always)]
const fn apart(len: usize) -> usize {
    (len.div_ceil(16) | 1) * 16
}

/// Rows for columns.
#[inline(always)]
fn transpose<V: Copy, const N: usize, const M: usize>(rows: [[V; M]; N]) -> [[V; N]; M] {
    let mut columns = [[rows[0][0]; N]; M];
    for (y, row) in rows.into_iter().enumerate() {
        for (x, value) in row.into_iter().enumerate() {
            columns[x][y] = value;
        }
    }
    columns
}
