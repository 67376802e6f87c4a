//! Which tile a convolution uses: by the lanes and registers of the backend and the sizes of the step, nothing else.
//!
//! A tile is `rows` output pixels by some vectors of output channels, all kept in registers while the products of one
//! output run by. The largest that fits has the fewest loads; fewer rows do where that leaves less work at the end of a line, or where an output
//! has so few products that what a tile writes is in the way of the next.

use crate::ops::Window;
use crate::options::Options;
use crate::sizes::PANEL;

/// A backend as the choice of tiles sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// f32 in a vector.
    pub lanes: usize,
    /// Vector registers.
    pub registers: usize,
}

/// SSE2 and other 128-bit sets.
pub const PORTABLE: Machine = Machine { lanes: 4, registers: 16 };
/// AVX2 + FMA.
pub const AVX2: Machine = Machine { lanes: 8, registers: 16 };
/// AVX-512.
pub const AVX512: Machine = Machine { lanes: 16, registers: 32 };

/// The tile of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Output pixels.
    pub rows: usize,
    /// Vectors in the main column groups: whole panels, at least one even where there is no full panel.
    pub vectors: usize,
    /// Vectors in the group of full panels left over; 0: none.
    pub rest: usize,
    /// Vectors in the last panel of 8; 0: none. With vectors of 16 the panels that are done in pairs of products: that of 8, perhaps with the
    /// only full one, or that alone.
    pub half: usize,
    /// Whether the full panel is among those.
    pub takes_full: bool,
    /// Output pixels of the last tile of a line, those that are left; 0: it has as many as the others and is moved back.
    pub tail: usize,
    /// Tiles that go through one column group before the next group's turn.
    pub block: usize,
}

/// Output pixels that lie one behind the other, from which tiles are cut.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// How many.
    pub pixels: usize,
    /// How many there are at least, where some lines are shorter.
    pub least: usize,
    /// Whether there is but one, the whole map, which may have a last tile of its own.
    pub is_map: bool,
}

/// What a tile is chosen for.
#[derive(Clone, Copy)]
struct Job {
    /// Output pixels of a line.
    line: usize,
    /// The most rows that a tile may have.
    fits: usize,
    /// Whether the last tile of a line may have fewer.
    tails: bool,
    /// Products of an output.
    products: usize,
    /// Output channels.
    outputs: usize,
    /// Panels that a column group may have.
    most_panels: usize,
    /// Whether full panels may be done in pairs of products.
    joins: bool,
}

/// The tile for lines of output pixels, `products` an output, `outputs` channels.
#[must_use]
pub fn conv(machine: Machine, options: Options, line: Line, products: usize, outputs: usize) -> Tile {
    let Line { pixels: line, least: fits, is_map: tails } = line;
    let job = Job { line, fits, tails, products, outputs, most_panels: usize::MAX, joins: true };
    let tile = ranked(machine, options.tile, job);
    let block = (options.block_floats / (tile.rows * products).max(1)).clamp(1, line.div_ceil(tile.rows));
    Tile { block, ..tile }
}

/// The tile of the products of a Winograd convolution of so many input and output channels, whose `tiles` of the map fall into `blocks`,
/// evenly: at most two panels, all of them full.
#[must_use]
pub fn winograd(machine: Machine, options: Options, tiles: usize, blocks: usize, channels: [usize; 2]) -> Tile {
    let (least, most) = (tiles / blocks, tiles.div_ceil(blocks));
    let [products, outputs] = [channels[0], channels[1].next_multiple_of(PANEL)];
    ranked(
        machine,
        options.tile,
        Job { line: most, fits: least, tails: false, products, outputs, most_panels: 2, joins: false },
    )
}

/// The tile of an expansion that makes rows of `line` pixels, `products` an output, for a joined depthwise convolution of so many `channels`,
/// a slice of them at a time: the vectors of a tile are those of a slice.
#[must_use]
pub fn slice(machine: Machine, options: Options, line: usize, products: usize, channels: usize) -> Tile {
    let job = Job { line, fits: line, tails: true, products, outputs: channels, most_panels: usize::MAX, joins: false };
    ranked(machine, options.slice, job)
}

/// The best tile but `rank`.
fn ranked(machine: Machine, rank: usize, job: Job) -> Tile {
    let Job { line, fits, tails, products, outputs, most_panels, joins } = job;
    let panel_vectors = PANEL / machine.lanes;
    let (full, left) = (outputs / PANEL, outputs % PANEL);
    let (full, half_panel) = if left > PANEL / 2 { (full + 1, false) } else { (full, left > 0) };
    let half = if half_panel { PANEL / 2 / machine.lanes.min(PANEL / 2) } else { 0 };
    let apart = main_panels(machine, line).filter(|&panels| panels <= full.max(1).min(most_panels));
    let apart = apart.flat_map(|panels| {
        let vectors = panels * panel_vectors;
        let rest = if full == 0 { 0 } else { full % panels * panel_vectors };
        let most = match full {
            0 => most_rows(machine, line, half),
            _ => most_rows(machine, line, vectors),
        };
        (1..=most.min(fits)).map(move |rows| Tile { rows, vectors, rest, half, takes_full: false, tail: 0, block: 1 })
    });
    // of a dense kernel on an odd number of channels many a product would have a vector to itself
    let pairs = joins && (half_panel || products.is_multiple_of(2));
    let paired = pairs.then(|| paired(machine, fits, full, half_panel)).into_iter().flatten();
    // of a line, in eighths of a cycle: floats, for these products of sizes may be any
    let cost = |tile: &Tile| {
        let products = products as f64;
        let of_rows = |rows: usize| {
            let column = |vectors: usize| match vectors {
                0 => 0.0,
                _ => products * cost(rows, vectors) as f64 + burst(machine, rows * vectors) as f64,
            };
            let (mains, last) = if machine.lanes < PANEL || tile.half == 0 {
                (full * panel_vectors / tile.vectors, column(tile.half))
            } else {
                let taken = usize::from(tile.takes_full);
                // two products a lane
                let last = products * cost(rows, 2 * taken + usize::from(half_panel)) as f64 / 2.0;
                let sums = rows * tile.half;
                ((full - taken) / tile.vectors, last + (burst(machine, sums) + JOIN * sums) as f64)
            };
            mains as f64 * column(tile.vectors) + column(tile.rest) + last
        };
        match tile.tail {
            0 => line.div_ceil(tile.rows) as f64 * of_rows(tile.rows),
            tail => TAIL_COST * ((line / tile.rows) as f64 * of_rows(tile.rows) + of_rows(tail)),
        }
    };
    let mut tiles: Vec<Tile> = paired.chain(apart).collect();
    if tails {
        let tail = |tile: &Tile| Tile { tail: line % tile.rows, ..*tile };
        tiles.extend(tiles.clone().iter().map(tail).filter(|tile| tile.tail > 0));
    }
    tiles.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(b.rows.cmp(&a.rows)));
    let tile = tiles.get(rank).or(tiles.last()).copied();
    tile.unwrap_or(Tile { rows: 1, vectors: panel_vectors, rest: 0, half, takes_full: false, tail: 0, block: 1 })
}

/// The most pixels of a tile of so many vectors: one register holds the broadcast number where it is no memory operand, one
/// vector of weights each is loaded.
fn most_rows(machine: Machine, line: usize, vectors: usize) -> usize {
    ((machine.registers - 1 - vectors) / vectors).clamp(1, line.max(1))
}

/// The tiles of vectors of 16 that do the only full panel in pairs of products, with the panel of 8 after it if there is one. (Of more full panels
/// it does not pay, Emerald Rapids, us: two with one of 8, 784 pixels, 5 x 5 and 14 x 2: 72 to 40 channels 28.8 and 27.6, 120: 46.3 and 46.3,
/// 240: 90.7 and 88.7; the last of an odd number: EfficientNet-B0 1 % more, others within as much.)
fn paired(machine: Machine, fits: usize, full: usize, half_panel: bool) -> impl Iterator<Item = Tile> {
    let goes = machine.lanes == PANEL && full == 1 && fits > 1;
    let half = 1 + usize::from(half_panel);
    let most = if goes { most_rows(machine, fits, 1 + half) } else { 0 };
    (1..=most).map(move |rows| Tile { rows, vectors: 1, rest: 0, half, takes_full: true, tail: 0, block: 1 })
}

/// How many panels a main column group may have.
fn main_panels(machine: Machine, line: usize) -> std::ops::RangeInclusive<usize> {
    let panel_vectors = PANEL / machine.lanes;
    if line == 1 {
        // a single pixel: eight chains of sums hide the latency of the additions
        return 1..=(8 / panel_vectors).max(1);
    }
    // as many vectors as leave registers for four rows
    1..=((machine.registers - 1) / 5 / panel_vectors).clamp(1, 4)
}

/// A measure of the time of a product of all outputs of a tile, in eighths of a cycle: two multiplications go with two loads, which come a
/// quarter late, and the loop itself costs as much as three multiplications where these are what is waited for.
fn cost(rows: usize, vectors: usize) -> usize {
    let (multiplications, loads) = (rows * vectors, rows + vectors);
    (4 * multiplications + 12).max(5 * loads)
}

/// Vectors of 64 bytes that a tile may write at its end without holding up the next one, and the eighths of a cycle by which each more
/// holds it up (measured: `docs/performance.md`).
const BURST: usize = 16;
const HOLD_UP: usize = 18;

/// What a last tile of its own has to spare to be worth its code.
const TAIL_COST: f64 = 1.02;

/// The eighths of a cycle in which the even and the odd products of a vector of sums are added: two shuffles.
const JOIN: usize = 16;

/// The eighths of a cycle by which a tile of so many sums holds up the next.
fn burst(machine: Machine, sums: usize) -> usize {
    if machine.lanes < PANEL { 0 } else { HOLD_UP * sums.saturating_sub(BURST) }
}

/// Columns whose sums hide the latency of a multiplication: two units, four cycles.
const CHAINS: usize = 8;

/// Columns from a window's first tap to its last from which a depthwise convolution gains by more sums than hide the latency (measured:
/// `docs/performance.md`).
const WIDE_WINDOW: usize = 4;

/// Output columns that a depthwise kernel computes at once, of rows of `width`: those that cost a row least, a tile as much as a column
/// beside its own, within the registers. These hold the sums, a tap's weights, and as many inputs until the next tap that reads them.
#[must_use]
pub fn depthwise(machine: Machine, options: Options, window: Window, width: usize) -> usize {
    let fit = (machine.registers - 1) / 2;
    let most = if window.span(1, 1) < WIDE_WINDOW { fit.min(CHAINS) } else { fit };
    let cost = |columns: usize| (width.div_ceil(columns) * (columns + 1), std::cmp::Reverse(columns));
    let mut ways: Vec<usize> = (1..=most.min(width)).collect();
    ways.sort_by_key(|&columns| cost(columns));
    ways.get(options.columns).or(ways.last()).copied().unwrap_or(1)
}
