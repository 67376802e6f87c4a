//! Convolution: pointwise and dense, strided, dilated, padded, grouped; and fully connected layers, as one of one pixel.
//!
//! A *tile* is MR output pixels of a line by some vectors of output channels, all of whose sums stay in registers. It
//! reads each input number once for each tile of its line, as a broadcast, and each weight once for MR pixels. The nest
//! around it: blocks of tiles; in a block, groups of columns; for a group of columns, the tiles of the block. With one
//! tile a block the input is read once, and the weights, which must come from L2 or better, once a tile; with all
//! tiles in a block it is the other way round.

use super::border::{copy_rows, patch};
use super::epilogue::Epilogue;
use super::pairs::{Paired, pair, paired_tile};
use super::taps::Taps;
use super::tile::{Ahead, Output, SLOW_PRODUCT, tile};
use super::upcoming::{Upcoming, Walk};
use super::{Map, PANEL, Panels, Shortcut, Window, packed_len, panel_len};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::Simd;
use core::cell::Cell;
use core::ops::Range;

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// What comes in.
    pub input: Map,
    /// What goes out. Its height and width say how often the window moves, so they also say how far it reaches beyond
    /// the bottom and the right border.
    pub output: Map,
    /// Kernel, stride, padding, dilation.
    pub window: Window,
    /// Into how many parts, independent of each other, the channels fall; divides both numbers of channels.
    pub groups: usize,
    /// Tiles in a block, at least 1.
    pub block: usize,
}

/// Floats of an output, 8 MiB, from which its lines are fetched before they are written: more than stays in most L3. Where they come from memory
/// the stores of a tile would else hold up the products of the next (measured: `docs/performance.md`).
const FAR_FLOATS: usize = 2 * 1024 * 1024;

/// `dst = after(act(bias + weights * src) + residual)`, `part` of it.
///
/// `weights` are packed in panels ([`super`] says how); `upcoming` is fetched meanwhile; `pad` has [`Conv::pad_len`] floats and, with
/// vectors of 16 and tiles of more than one pixel, `pairs` [`Conv::pairs_len`], which no other part may use. A tile has
/// `MR` pixels, at most those of an output row (of the whole map where the convolution is pointwise). It has `NV` vectors
/// of channels, whole panels of 16; `RV` (whole panels too) for full panels that are left; and `HV` vectors of
/// `S::Half`, 8 channels, for the panel of 8 at the end. With vectors of 16 `HV` are the panels at the end that are done with two products
/// a lane: the panel of 8, perhaps with the only full one before it, or where there is none of 8 perhaps the last full one. `RV` and `HV` are 0 where
/// nothing is left for them. `TR` are the pixels of the last tile of a pointwise convolution, those that are left, or 0: the last tile of a
/// line is moved back to end with it. Neither `src` nor `residual` may share memory with `dst`.
///
/// # Panics
/// When a view is too small for these sizes, or the tile does not fit them.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn conv<S, A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize, const TR: usize>(
    s: S,
    part: Part,
    conv: Conv,
    src: Src,
    pad: Dst,
    pairs: Dst,
    weights: Src,
    upcoming: Upcoming,
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
    let is_far = is_far(conv.output);
    let pairs = in_pairs::<S, MR, NV, HV>(s, &conv, weights, pairs);
    conv_to::<S, A, R, B, MR, NV, RV, HV, TR>(
        s, part, conv, src, pad, weights, pairs, upcoming, dst, is_far, act, residual, after,
    );
}

/// Whether only the tiles that reach outside read a copy.
#[inline(always)]
fn is_patched<S: Simd, const MR: usize, const NV: usize>(_: S, conv: &Conv) -> bool {
    let panels = Panels::of(conv.output.channels / conv.groups);
    let columns = (panels.full * PANEL).div_ceil(NV * S::LANES) + usize::from(panels.half);
    conv.is_patched(MR, columns, conv.padded_pixels()[0])
}

/// The weights that [`conv_to`] reads in pairs, which are written to `pairs`; none where it reads none so.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn in_pairs<'a, S: Simd, const MR: usize, const NV: usize, const HV: usize>(
    s: S,
    conv: &Conv,
    weights: Src,
    pairs: Dst<'a>,
) -> Src<'a> {
    let outputs = conv.output.channels / conv.groups;
    let panels = Panels::of(outputs);
    if const { S::LANES < PANEL || MR == 1 || HV == 0 } {
        return Src::empty();
    }
    let taps = Taps::of(conv, if is_patched::<S, MR, NV>(s, conv) { conv.input } else { conv.padded_input() });
    let before = (panels.full - panels.full_of_last(HV)) * panel_len(PANEL, taps.products());
    for group in 0..conv.groups {
        let weights = weights.after(group * packed_len(outputs, taps.products()) + before);
        pair::<S, HV>(s, &taps, weights, panels.half, pairs.after(group * conv.group_pairs_len()));
    }
    pairs.as_src()
}

/// Whether a map is so large that its lines are fetched before they are written.
#[inline(always)]
pub(super) const fn is_far(map: Map) -> bool {
    map.extent() > FAR_FLOATS
}

/// As [`conv`]; `pairs` are the weights [`in_pairs`], `is_far` says whether `dst` is part of a map that is.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) fn conv_to<S, A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize, const TR: usize>(
    s: S,
    part: Part,
    conv: Conv,
    src: Src,
    pad: Dst,
    weights: Src,
    pairs: Src,
    upcoming: Upcoming,
    dst: Dst,
    is_far: bool,
    act: A,
    residual: R,
    after: B,
) where
    S: Simd,
    A: Activation,
    R: Shortcut,
    B: Activation,
{
    const { assert!(MR > 0, "a tile has at least one pixel") };
    let outputs = conv.output.channels / conv.groups;
    let panels = Panels::of(outputs);
    let is_patched = is_patched::<S, MR, NV>(s, &conv);
    let is_padded = conv.is_padded() && !is_patched;
    let input = if is_patched { conv.input } else { conv.padded_input() };
    let taps = Taps::of(&conv, input);
    let lines = Lines::of(&conv, input, MR, TR);
    let inputs = input.channels / conv.groups;
    let columns = Columns::of::<S, NV, RV, HV>(s, panels);
    assert!(MR <= lines.width, "a tile must not have more pixels than a line");
    assert!(
        TR == 0 || conv.is_pointwise() && !conv.is_padded(),
        "only a line of the whole map has a last tile of its own"
    );

    let share = Share::of(part, &lines, &conv, is_padded);
    let all = share.all();
    if all.is_empty() {
        return;
    }
    // tiles whose padded input is made at once
    let band = if is_padded { conv.band() * lines.tiles } else { all.end };
    let epilogue = Epilogue { act, residual, after };
    let group_len = packed_len(outputs, taps.products());
    let block = if share.by_columns { lines.tiles() } else { conv.block.max(1) };
    let (mut first, mut from) = (all.start, 0);
    let upcoming = &Cell::new(upcoming.walk());
    let unpadded = src;
    let mut src = src;
    while first < all.end {
        let band_end = all.end.min((first / band + 1) * band);
        if is_padded && (first == all.start || first % band == 0) {
            from = first / band * conv.band();
            copy_rows(conv, unpadded, pad, from, lines.at(first).0..lines.at(band_end - 1).0 + 1);
            src = pad.as_src();
        }
        let last = band_end.min(first + block);
        for group in 0..conv.groups {
            let out = Output {
                dst,
                stride: conv.output.stride,
                channel: group * outputs,
                valid: outputs,
                ragged: !outputs.is_multiple_of(PANEL / 2),
            };
            let (src, weights) = (src.after(group * inputs), weights.after(group * group_len));
            let pairs = pairs.after(if pairs.is_empty() { 0 } else { group * conv.group_pairs_len() });
            let tiles = first..last;
            let (conv, lines, taps, share) = (&conv, &lines, &taps, &share);
            let pad = is_patched.then_some(pad);
            let block = Block {
                conv,
                lines,
                taps,
                share,
                tiles,
                column: 0,
                src,
                from,
                pad,
                weights,
                pairs,
                upcoming,
                out,
                is_far,
                epilogue,
            };
            let block = block.panels::<S, MR, NV, TR>(s, columns.main);
            let block = if const { RV > 0 } { block.panels::<S, MR, RV, TR>(s, columns.rest) } else { block };
            if const { HV > 0 } && columns.last > 0 {
                block.last::<S, MR, HV, TR>(s, panels.half);
            }
        }
        if Epilogue::<A, R, B>::COSTLY {
            // the columns of the block as they were shared: all together, or each with tiles of its own
            for column in 0..if share.by_columns { columns.count() } else { 1 } {
                let (tiles, channels) = if share.by_columns {
                    let (channel, width) = columns.at(column);
                    (share.tiles(channel, width, &(first..last)), channel..conv.output.channels.min(channel + width))
                } else {
                    (first..last, 0..conv.output.channels)
                };
                if !tiles.is_empty() {
                    let pixels = lines.pixel(tiles.start)..lines.end(tiles.end - 1);
                    epilogue.pass(s, dst, conv.output.stride, channels, pixels);
                }
            }
        }
        first = last;
    }
}

/// How the panels of a group fall into columns of tiles.
#[derive(Clone, Copy)]
struct Columns {
    /// Those of the main tile, and the channels of one.
    main: usize,
    main_width: usize,
    /// Those of the tile for full panels that are left, and the channels of one.
    rest: usize,
    rest_width: usize,
    /// The channels of the panels that go last, in a column of their own; 0 where none do.
    last: usize,
}

impl Columns {
    /// Of tiles of `NV`, `RV` and `HV` vectors, as [`conv`] has them.
    ///
    /// # Panics
    /// When they do not fit the panels.
    #[inline(always)]
    fn of<S: Simd, const NV: usize, const RV: usize, const HV: usize>(_: S, panels: Panels) -> Self {
        const {
            assert!(NV > 0 && (NV * S::LANES).is_multiple_of(PANEL), "the main tile must be whole panels of 16");
            assert!((RV * S::LANES).is_multiple_of(PANEL), "the tile of left-over panels must be whole panels of 16");
            assert!(
                HV == 0 || S::LANES == PANEL || HV * <S::Half as Simd>::LANES == PANEL / 2,
                "the tile of the last panel must be 8 wide"
            );
        }
        let taken = if S::LANES == PANEL { panels.full_of_last(HV) } else { 0 };
        assert!(
            taken == 0 || taken == 1 && panels.full > 0 && (panels.full == 1 || !panels.half),
            "of full panels only the last goes in pairs, with one of 8 only where there is no other"
        );
        assert!(!panels.half || HV > 0, "no tile for the last panel of 8");
        let (main_width, rest_width) = (NV * S::LANES, RV * S::LANES);
        let full = (panels.full - taken) * PANEL;
        let (main, left) = (full / main_width, full % main_width);
        assert!(left == 0 || RV > 0 && left.is_multiple_of(rest_width.max(1)), "no tile for panels left over");
        let rest = if RV > 0 { left / rest_width.max(1) } else { 0 };
        let last = taken * PANEL + if panels.half { PANEL / 2 } else { 0 };
        Columns { main, main_width, rest, rest_width, last }
    }

    #[inline(always)]
    fn count(&self) -> usize {
        self.main + self.rest + usize::from(self.last > 0)
    }

    /// The first channel of a column, and how many it has.
    #[inline(always)]
    fn at(&self, column: usize) -> (usize, usize) {
        let mains = column.min(self.main);
        let rests = (column - mains).min(self.rest);
        let channel = mains * self.main_width + rests * self.rest_width;
        let width = match column {
            _ if column < self.main => self.main_width,
            _ if column < self.main + self.rest => self.rest_width,
            _ => self.last,
        };
        (channel, width)
    }
}

/// Which tiles a part of the convolution does. Neighbouring tiles at the end of a line overlap, so they belong to the same part.
#[derive(Clone, Copy)]
struct Share {
    /// Whether it is a run of tiles within the columns of channels, one column after the other: even where there are few tiles,
    /// and each part reads its own weights. Else it is a run of tiles for all channels.
    by_columns: bool,
    /// Tiles; by columns, tiles times channels.
    from: usize,
    end: usize,
    /// All tiles.
    tiles: usize,
    /// Those of a line, where the last two may overlap; else 1.
    ragged: usize,
}

impl Share {
    #[inline(always)]
    fn of(part: Part, lines: &Lines, conv: &Conv, is_padded: bool) -> Self {
        let tiles = lines.tiles();
        let ragged = if lines.width.is_multiple_of(lines.mr) || lines.tail > 0 { 1 } else { lines.tiles };
        if part.is_all() {
            return Share { by_columns: false, from: 0, end: tiles, tiles, ragged };
        }
        // By tiles each part reads what it wrote in the step before, and that lies in its own cache: a tenth more than an equal
        // share costs less than to read it from another's.
        let is_whole = !is_padded || conv.band() == conv.output.height;
        if conv.groups == 1 && is_whole && !part.is_even(tiles) {
            let channels = conv.output.channels.next_multiple_of(PANEL / 2);
            let run = part.of(tiles * channels);
            return Share { by_columns: true, from: run.start, end: run.end, tiles, ragged };
        }
        let run = part.of(tiles);
        let share = Share { by_columns: false, from: 0, end: 0, tiles, ragged };
        Share { from: share.whole(run.start), end: share.whole(run.end), ..share }
    }

    /// From the first to behind the last tile that it does in any column.
    #[inline(always)]
    fn all(&self) -> Range<usize> {
        if self.by_columns { 0..self.tiles } else { self.from..self.end }
    }

    /// Those of the column of `width` channels from `channel` on, of the tiles `block`.
    #[inline(always)]
    fn tiles(&self, channel: usize, width: usize, block: &Range<usize>) -> Range<usize> {
        if !self.by_columns {
            return block.clone();
        }
        let bound = |at: usize| {
            let tile = (at.saturating_sub(channel * self.tiles) + width / 2) / width;
            self.whole(tile.min(self.tiles))
        };
        bound(self.from)..bound(self.end)
    }

    /// The bound `tile`, or the next where it would part tiles that overlap.
    #[inline(always)]
    fn whole(&self, tile: usize) -> usize {
        tile + usize::from(self.ragged > 1 && tile % self.ragged == self.ragged - 1)
    }
}

/// A block of tiles in one group, from some panel on.
#[derive(Clone)]
struct Block<'a, A, R, B> {
    conv: &'a Conv,
    lines: &'a Lines,
    taps: &'a Taps,
    share: &'a Share,
    tiles: Range<usize>,
    /// The channel that comes next.
    column: usize,
    /// The input, from what the output row `from` is made of on.
    src: Src<'a>,
    from: usize,
    /// Room for what a tile reads that reaches outside, where those do not read padded rows.
    pad: Option<Dst<'a>>,
    weights: Src<'a>,
    /// Those of the last panels in pairs.
    pairs: Src<'a>,
    /// What is fetched besides.
    upcoming: &'a Cell<Walk<'a>>,
    out: Output<'a>,
    /// Whether the lines of the output are fetched while their sums are made.
    is_far: bool,
    epilogue: Epilogue<A, R, B>,
}

impl<A: Activation, R: Shortcut, B: Activation> Block<'_, A, R, B> {
    /// Does the next panels, as many at once as `NV` vectors are, `times` times; gives what is left to do.
    #[inline(always)]
    fn panels<S: Simd, const MR: usize, const NV: usize, const TR: usize>(mut self, s: S, times: usize) -> Self {
        for _ in 0..times {
            self.tiles::<S, MR, NV, TR>(s);
            self.column += NV * S::LANES;
            self.weights = self.weights.after(panel_len(NV * S::LANES, self.taps.products()));
            self.out.channel += NV * S::LANES;
            self.out.valid = self.out.valid.saturating_sub(NV * S::LANES);
        }
        self
    }

    /// The tiles of the block for the next `NV` vectors of channels.
    #[inline(always)]
    fn tiles<S: Simd, const MR: usize, const NV: usize, const TR: usize>(&self, s: S) {
        let tiles = self.share.tiles(self.column, NV * S::LANES, &self.tiles);
        for t in tiles.clone() {
            let (src, pixel, ahead) = self.begin::<S, MR>(s, NV * S::LANES, NV, t, &tiles);
            if const { TR > 0 } && self.lines.is_tail(t) {
                tile::<S, A, R, B, TR, NV>(s, self.taps, src, self.weights, ahead, self.out, pixel, self.epilogue);
            } else {
                tile::<S, A, R, B, MR, NV>(s, self.taps, src, self.weights, ahead, self.out, pixel, self.epilogue);
            }
        }
    }

    /// Of the tile `t` of the `tiles` of a column of `width` channels, with so many vectors of sums a pixel, what it reads, its first pixel and
    /// what is fetched meanwhile: of the next column a panel in one tile or some, which behind the last is the next layer's, as layers are
    /// packed. From then on what later steps read, and when that is there what the next tile of a pointwise convolution reads.
    #[inline(always)]
    fn begin<S: Simd, const MR: usize>(
        &self,
        s: S,
        width: usize,
        vectors: usize,
        t: usize,
        tiles: &Range<usize>,
    ) -> (Src<'_>, usize, Ahead) {
        let (src, pixel) = self.at(t);
        let next = self.address((tiles.end - 1).min(t + 1));
        self.taps.fetch(s, next, MR);
        if self.is_far {
            let out = &self.out;
            out.dst.prefetch_pixels(s, pixel * out.stride + out.channel, MR, out.stride, width);
        }
        let panels = width / PANEL;
        let is_slow = MR * vectors >= SLOW_PRODUCT;
        // tiles that share a panel of what is fetched
        let each = match tiles.len() / panels.max(1) {
            _ if is_slow => 1,
            8.. => 4,
            4.. => 2,
            _ => 1,
        };
        let (products, i) = (self.taps.products(), t - tiles.start);
        let ahead = if i < panels * each {
            let step = PANEL / each;
            let from = panel_len(width, products) + i * panel_len(step, products);
            Ahead::of_weights(self.weights.as_ptr().wrapping_add(from), step)
        } else {
            let step = if is_slow { PANEL } else { PANEL / 4 };
            let mut walk = self.upcoming.get();
            let late = walk.next(products * step);
            self.upcoming.set(walk);
            late.map_or(Ahead::of_input(self.conv, MR, next), |at| Ahead::of_upcoming(at, step))
        };
        (src, pixel, ahead)
    }

    /// The tiles of the block for the panel of 8, and for the full one that goes in pairs; `is_half` says whether there is one of 8.
    #[inline(always)]
    fn last<S: Simd, const MR: usize, const HV: usize, const TR: usize>(&self, s: S, is_half: bool) {
        if const { S::LANES < PANEL } {
            return self.tiles::<S::Half, MR, HV, TR>(s.half());
        }
        let weights = Paired::of::<MR, HV>(self.taps, self.weights, self.pairs, is_half);
        let width = HV * PANEL - if is_half { PANEL / 2 } else { 0 };
        let tiles = self.share.tiles(self.column, width, &self.tiles);
        for t in tiles.clone() {
            let (src, pixel, ahead) = self.begin::<S, MR>(s, width, width * 2 / PANEL, t, &tiles);
            if const { TR > 0 } && self.lines.is_tail(t) {
                paired_tile::<S, A, R, B, TR, HV>(s, self.taps, src, weights, ahead, self.out, pixel, self.epilogue);
            } else {
                paired_tile::<S, A, R, B, MR, HV>(s, self.taps, src, weights, ahead, self.out, pixel, self.epilogue);
            }
        }
    }

    /// What a tile reads, and its first output pixel.
    #[inline(always)]
    fn at(&self, tile: usize) -> (Src<'_>, usize) {
        let mr = self.lines.mr;
        let (y, x) = self.lines.at(tile);
        let src = match self.pad {
            Some(pad) => patch(self.conv, mr, self.src, pad, y, x),
            None => self.src.after((y - self.from) * self.lines.row_step + x * self.taps.pixel_step),
        };
        (src, y * self.lines.width + x)
    }

    /// Where that begins, if it is no copy.
    #[inline(always)]
    fn address(&self, tile: usize) -> *const f32 {
        let (y, x) = self.lines.at(tile);
        if self.pad.is_some() {
            return self.conv.address(self.src, y, x);
        }
        self.src.as_ptr().wrapping_add((y - self.from) * self.lines.row_step + x * self.taps.pixel_step)
    }
}

/// The lines of output pixels that are cut into tiles.
struct Lines {
    /// How many.
    count: usize,
    /// Pixels of one.
    width: usize,
    /// Tiles of one.
    tiles: usize,
    /// Pixels of a tile.
    mr: usize,
    /// Pixels of the last one, where it has fewer; else 0.
    tail: usize,
    /// Input floats from a line to the next.
    row_step: usize,
}

impl Lines {
    #[inline(always)]
    fn of(conv: &Conv, input: Map, mr: usize, tail: usize) -> Self {
        let (count, width) =
            if conv.is_pointwise() { (1, conv.output.pixels()) } else { (conv.output.height, conv.output.width) };
        let row_step = conv.window.stride[0] * input.width * input.stride;
        assert!(tail == 0 || tail == width % mr, "the last tile has the pixels that are left");
        Lines { count, width, tiles: width.div_ceil(mr), mr, tail, row_step }
    }

    #[inline(always)]
    fn tiles(&self) -> usize {
        self.count * self.tiles
    }

    /// Line and first pixel of a tile.
    #[inline(always)]
    fn at(&self, tile: usize) -> (usize, usize) {
        let (y, i) = if self.count == 1 { (0, tile) } else { (tile / self.tiles, tile % self.tiles) };
        (y, if self.tail > 0 { i * self.mr } else { (i * self.mr).min(self.width - self.mr) })
    }

    /// Whether a tile is the last one, where that has fewer pixels.
    #[inline(always)]
    fn is_tail(&self, tile: usize) -> bool {
        self.tail > 0 && tile + 1 == self.tiles
    }

    /// The pixel behind the last of a tile, counted through all lines.
    #[inline(always)]
    fn end(&self, tile: usize) -> usize {
        self.pixel(tile) + if self.is_tail(tile) { self.tail } else { self.mr }
    }

    /// First pixel of a tile, counted through all lines.
    #[inline(always)]
    fn pixel(&self, tile: usize) -> usize {
        let (y, x) = self.at(tile);
        y * self.width + x
    }
}
