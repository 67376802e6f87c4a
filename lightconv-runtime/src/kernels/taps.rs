//! Where the products of an output lie in the input of a convolution, and in which chains they are summed.

use super::{Conv, L1_FLOATS, Map, PANEL};
use crate::memory::reach;
use crate::simd::Simd;

/// The most products that are summed one after the other; the sums of such chains are summed in turn. The error of a sum grows with
/// the length of its chain: with chains as long as they come some nets err two and a half times as much.
const CHAIN: usize = 256;

/// The same of a component of Winograd's algorithm, whose error the way back to outputs makes some times as large (measured:
/// `docs/performance.md`).
const COMPONENT_CHAIN: usize = 64;

/// Products of which the weights of a panel, 16 KiB, fill half of the smallest L1 met.
const LARGE: usize = 256;

/// Where the products of an output lie in the input, relative to the first of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taps {
    pub rows: usize,
    pub row_step: usize,
    pub columns: usize,
    pub column_step: usize,
    /// Floats in a row that are all multiplied.
    pub run: usize,
    /// The most products of a chain.
    chain: usize,
    /// Whether there are more products than one chain has; kept, for the optimiser does not know `run`.
    pub is_long: bool,
    /// Whether there are so many that a panel of weights fills half of L1; kept likewise.
    pub is_large: bool,
    /// Input floats from an output pixel to the next.
    pub pixel_step: usize,
    /// The first row that is fetched before a tile: those that no output row before has read, if they may not be in L1. What a pointwise
    /// convolution reads is fetched while products are computed.
    fresh: usize,
}

impl Taps {
    #[inline(always)]
    pub fn of(conv: &Conv, input: Map) -> Self {
        let window = conv.window;
        let inputs = input.channels / conv.groups;
        let apart = window.stride[0].div_ceil(window.dilation[0]);
        let is_there = conv.is_pointwise() || input.extent() <= L1_FLOATS;
        // taps that touch each other are one run
        let joined = window.dilation[1] == 1 && inputs == input.stride;
        let (columns, run) = if joined { (1, window.kernel[1] * inputs) } else { (window.kernel[1], inputs) };
        let products = window.kernel[0] * window.kernel[1] * inputs;
        Taps {
            rows: window.kernel[0],
            row_step: window.dilation[0] * input.width * input.stride,
            columns,
            column_step: window.dilation[1] * input.stride,
            // hidden from the optimiser: a known short run would be unrolled whole, its weights kept across tiles, and spilled
            run: core::hint::black_box(run),
            chain: CHAIN,
            is_long: products > CHAIN,
            is_large: products > LARGE,
            pixel_step: window.stride[1] * input.stride,
            fresh: if is_there { window.kernel[0] } else { window.kernel[0].saturating_sub(apart) },
        }
    }

    /// Those of a component of Winograd's algorithm: pixels that follow each other without gaps, each made of one alone.
    #[inline(always)]
    pub fn component(channels: usize) -> Self {
        let run = core::hint::black_box(channels);
        Taps {
            rows: 1,
            row_step: 0,
            columns: 1,
            column_step: 0,
            run,
            chain: COMPONENT_CHAIN,
            is_long: channels > COMPONENT_CHAIN,
            is_large: channels > LARGE,
            pixel_step: channels,
            fresh: 1,
        }
    }

    /// Products of an output; more than any view has floats where that overflows.
    #[inline(always)]
    pub fn products(&self) -> usize {
        self.rows.saturating_mul(self.columns).saturating_mul(self.run)
    }

    /// Pairs of products, of which a run with an odd number of them has one that is a product alone.
    #[inline(always)]
    pub fn pairs(&self) -> usize {
        self.rows.saturating_mul(self.columns).saturating_mul(self.run.div_ceil(2))
    }

    /// The products in chains: whole rows of taps where they are short, else parts of a run, as equal as can be.
    #[inline(always)]
    pub fn chains(&self) -> Chains {
        let row = self.columns * self.run;
        let most = if row <= self.chain {
            Taps { rows: self.chain / row, ..*self }
        } else {
            // an even number, so that none parts a pair of products
            let run = self.run.div_ceil(self.run.div_ceil(self.chain)).next_multiple_of(2);
            Taps { rows: 1, columns: 1, run, ..*self }
        };
        Chains { all: *self, most, row: 0, column: 0, at: 0 }
    }

    /// Fetches what `pixels` outputs read, from `start` on, of the rows that are not there yet. Nothing is read: the address may be any.
    #[inline(always)]
    pub fn fetch<S: Simd>(&self, s: S, start: *const f32, pixels: usize) {
        if self.fresh < self.rows {
            let first = start.wrapping_add(self.fresh * self.row_step);
            // they may begin within a line
            let lines = (self.row_extent(pixels) - 1).div_ceil(PANEL) + 1;
            fetch_rows(s, first, self.rows - self.fresh, self.row_step, lines);
        }
    }

    /// Floats from the first to the last that `pixels` outputs read.
    #[inline(always)]
    pub fn extent(&self, pixels: usize) -> usize {
        reach(self.rows, self.row_step, self.row_extent(pixels))
    }

    /// The same of one row.
    #[inline(always)]
    fn row_extent(&self, pixels: usize) -> usize {
        reach(self.columns, self.column_step, reach(pixels, self.pixel_step, self.run))
    }
}

/// Fetches the `lines` cache lines with which some rows begin, `apart` floats from one to the next. Compiled once a backend, not in each tile.
#[inline(never)]
fn fetch_rows<S: Simd>(s: S, first: *const f32, rows: usize, apart: usize, lines: usize) {
    for row in 0..rows {
        for line in 0..lines {
            s.prefetch_read(first.wrapping_add(row * apart + line * PANEL));
        }
    }
}

/// Some of the products of an output.
pub(super) struct Chain {
    pub taps: Taps,
    /// Input floats before them.
    pub from: usize,
    /// Products before them.
    pub k: usize,
    /// Pairs of products before them.
    pub pair: usize,
}

/// All products of an output, some at a time.
pub(super) struct Chains {
    all: Taps,
    /// Rows, columns and floats of a run that go together.
    most: Taps,
    row: usize,
    column: usize,
    at: usize,
}

impl Iterator for Chains {
    type Item = Chain;

    #[inline(always)]
    fn next(&mut self) -> Option<Chain> {
        let Chains { all, most, row, column, at } = *self;
        if row >= all.rows {
            return None;
        }
        let [rows, columns] = [most.rows.min(all.rows - row), most.columns.min(all.columns - column)];
        let run = most.run.min(all.run - at);
        self.at += run;
        if self.at == all.run {
            (self.at, self.column) = (0, column + columns);
        }
        if self.column == all.columns {
            (self.column, self.row) = (0, row + rows);
        }
        let from = row * all.row_step + column * all.column_step + at;
        let before = row * all.columns + column;
        let (k, pair) = (before * all.run + at, before * all.run.div_ceil(2) + at / 2);
        Some(Chain { taps: Taps { rows, columns, run, ..all }, from, k, pair })
    }
}
