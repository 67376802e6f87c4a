//! Where Winograd's F(4x4, 3x3) or F(5x5, 3x3) is the faster way to a convolution, and the sizes that it wants.
//!
//! The choice is one for all backends, for the weights are packed for one way or the other.

use crate::options::Options;
use crate::sizes::{PANEL, WINOGRAD_CHANNELS, components, whole_panels};

/// Outputs of a tile along an axis, and multiplications for which there is time while a vector of such a tile is transformed, there and back;
/// with what passes through L2 on the way (measured: `docs/performance.md`).
const TILES: [(usize, f64); 2] = [(4, 600.0), (5, 1000.0)];

/// A larger dilation makes so many interleaved maps that they are plain convolution's.
const MOST_DILATION: usize = 64;

/// Floats of components that a block may have: what the smallest L2 met (512 KiB) holds, with the products left out
/// (`docs/performance.md` has the measurements).
const BLOCK_FLOATS: usize = 104 * 1024;

/// Tiles that a block needs so that the weights, which it reads once, come from L3 as fast as they are multiplied, and tiles beyond
/// which nothing is gained.
const BLOCK_TILES: std::ops::RangeInclusive<usize> = 16..=48;

/// Multiplications for which there is time while a weight is read from L3, which each block does.
const READ: f64 = 10.0;

/// Tiles of the output, and the blocks into which they fall, evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// Outputs of a tile along an axis.
    pub side: usize,
    /// How many tiles.
    pub tiles: usize,
    /// How many blocks.
    pub count: usize,
}

impl Blocks {
    /// For so many tiles of a convolution of `inputs` channels.
    fn of(side: usize, tiles: usize, inputs: usize) -> Self {
        let most = BLOCK_FLOATS / components(side) / (inputs + WINOGRAD_CHANNELS);
        let most = most.clamp(*BLOCK_TILES.start(), *BLOCK_TILES.end());
        Blocks { side, tiles, count: tiles.div_ceil(most) }
    }
}

/// Whether it is done so, and why or why not.
pub(super) struct Choice {
    /// The blocks, where it is.
    pub blocks: Option<Blocks>,
    /// In words.
    pub why: String,
}

/// The choice for an output of `size` with these dilations and channels.
pub(super) fn choose(
    size: [usize; 2],
    dilation: [usize; 2],
    inputs: usize,
    outputs: usize,
    options: Options,
) -> Choice {
    if dilation.iter().any(|&d| d > MOST_DILATION) {
        return Choice {
            blocks: None,
            why: format!("not by Winograd's algorithm: a dilation of more than {MOST_DILATION}"),
        };
    }
    let along = |axis: usize, side: usize| -> usize {
        let phases = 0..dilation[axis].min(size[axis]);
        phases.map(|phase| (size[axis] - phase).div_ceil(dilation[axis]).div_ceil(side)).sum()
    };
    // as floats: the products of sizes that a net may have would overflow
    let float = |n: usize| n as f64;
    let weights = |outputs: usize| float(inputs) * float(outputs);
    let plain = 9.0 * (float(size[0] * size[1]) + READ) * weights(whole_panels(outputs));
    let channels = outputs.next_multiple_of(PANEL);
    let mut ways = TILES.map(|(side, transform)| {
        let blocks = Blocks::of(side, along(0, side) * along(1, side), inputs);
        let products = float(components(side)) * (float(blocks.tiles) + READ * float(blocks.count)) * weights(channels);
        let transforms = transform * float(blocks.tiles) * (float(inputs) + float(channels));
        (products + transforms, blocks)
    });
    ways.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cost, blocks) = ways[options.winograd_tile.min(ways.len() - 1)];
    let than = format!("about {:.0} % of the time of plain convolution", 100.0 * cost / plain);
    if !options.winograd.or(cost < plain) {
        return Choice { blocks: None, why: format!("not by Winograd's algorithm: {than}") };
    }
    let side = blocks.side;
    Choice { blocks: Some(blocks), why: format!("by Winograd's algorithm, tiles of {side}x{side}: {than}") }
}
