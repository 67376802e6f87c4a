//! What `plan()` of a net says: the steps, the tiles on each backend, what was fused and why, the places of the buffers.

use lightconv_compiler::ops::Window;
use lightconv_compiler::options::Options;
use lightconv_compiler::tiles::{self, Line};
use lightconv_compiler::{Backends, expand};

/// The text that `plan` gives in the code generated for a program.
fn plan(program: &str, backends: Backends) -> String {
    let tokens = expand(program.parse().expect("a program"), backends).to_string();
    let (_, rest) = tokens.split_once("pub fn plan ()").expect("the function");
    let literal = &rest[rest.find('"').expect("its text")..];
    let end = literal[1..].find('"').expect("the end of the text") + 2;
    syn::parse_str::<syn::LitStr>(&literal[..end]).expect("a literal").value()
}

const PROGRAM: &str = "net Test(x: [3, 32, 32]) {
    x -> stem: [Conv2d(24, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish]
      -> dw: Conv2d(24, 3, padding = 1, groups = 24)
      -> MaxPool2d(2)
      -> head: Conv2d(40, 1)
}";

#[test]
fn a_plan_says_tiles_reasons_and_places() {
    insta::assert_snapshot!(plan(PROGRAM, Backends { avx2: true, avx512: true }), @r"
    stem.0: conv 3x3 stride 2 pad 1 x0 [3, 32, 32] -> t4 [24, 16, 16], hardswish(x)
      tiles: avx512 8x3 in pairs, avx2 6x2+1, portable 2x4+2
      scratch: t5, t6
      folded into the weights: BatchNorm2d stem.1
      fused: Hardswish stem.2
    dw: depthwise 3x3 pad 1 t4 [24, 16, 16] -> t3 [24, 16, 16]
      tiles: avx512 8, avx2 4, portable 4
      not joined: 24 KiB before it stay in the cache
    -: max pool 2x2 stride 2 t3 [24, 16, 16] -> t2 [24, 8, 8]
    head: conv 1x1 t2 [24, 8, 8] -> y0 [40, 8, 8]
      tiles: avx512 8x2+1, avx2 6x2+1 last 4, portable 2x4+2
      scratch: t7
    t2: floats 6144..7680 of the arena
    t3: floats 0..6144 of the arena
    t4: floats 6144..12288 of the arena
    t5: floats 0..3267 of the arena
    t6: floats 3280..4144 of the arena
    t7: floats 0..192 of the arena
    ");
}

#[test]
fn a_plan_names_the_backends_that_there_are() {
    let text = plan(PROGRAM, Backends { avx2: false, avx512: false });
    assert!(text.contains("tiles: portable "), "{text}");
    assert!(!text.contains("avx"), "{text}");
}

/// Output columns at once of a kernel, stride and dilation, in rows of a width, with 32 registers and with 16.
fn columns(kernel: usize, stride: usize, dilation: usize, width: usize) -> [usize; 2] {
    let both = |n: usize| [n; 2];
    let window = Window {
        kernel: both(kernel),
        stride: both(stride),
        before: both(0),
        after: both(0),
        dilation: both(dilation),
    };
    [tiles::AVX512, tiles::AVX2].map(|machine| tiles::depthwise(machine, Options::default(), window, width))
}

#[test]
fn depthwise_columns_fit_the_registers_and_waste_little() {
    assert_eq!(columns(3, 1, 1, 14), [7, 7]);
    assert_eq!(columns(3, 1, 1, 112), [8, 7], "no more than hide the latency, where a window covers few columns");
    assert_eq!(columns(5, 1, 1, 14), [14, 7], "as many as fit, where a window covers more columns");
    assert_eq!(columns(3, 1, 2, 14), [14, 7], "by its dilation too");
    assert_eq!(columns(5, 2, 1, 14), [14, 7], "with a stride taps of the same inputs follow each other");
    assert_eq!(columns(3, 2, 1, 14), [7, 7]);
    assert_eq!(columns(1, 1, 1, 5), [5, 5]);
    assert_eq!(columns(3, 1, 1, 1), [1, 1]);
}

fn map(pixels: usize) -> Line {
    Line { pixels, least: pixels, is_map: true }
}

#[test]
fn small_maps_end_with_a_tile_of_their_own() {
    let tile = |line, outputs| {
        [tiles::AVX512, tiles::AVX2].map(|machine| {
            let tile = tiles::conv(machine, Options::default(), line, 960, outputs);
            (tile.rows, tile.vectors, tile.tail)
        })
    };
    assert_eq!(tile(map(7 * 7), 160), [(13, 2, 10), (6, 2, 1)]);
    assert_eq!(tile(map(7 * 7), 192), [(7, 3, 0), (6, 2, 1)], "a tile that divides map and channels needs none");
    assert_eq!(tile(map(14 * 14), 160), [(14, 2, 0), (6, 2, 0)], "where it spares too little there is none");
    let row = Line { pixels: 7 * 7, least: 7 * 7, is_map: false };
    assert_eq!(tile(row, 160), [(7, 3, 0), (5, 2, 0)], "lines of which there are more have none");
}

#[test]
fn rows_of_an_expansion_end_with_a_tile_of_their_own() {
    let tile = |width| {
        [tiles::AVX512, tiles::AVX2].map(|machine| {
            let tile = tiles::slice(machine, Options::default(), width, 24, 144);
            (tile.rows, tile.vectors, tile.tail)
        })
    };
    assert_eq!(tile(56), [(8, 3, 0), (6, 2, 2)]);
    assert_eq!(tile(112), [(8, 3, 0), (6, 2, 0)], "where it spares too little there is none");
}

#[test]
fn tiles_fit_the_shortest_line() {
    let tile = |pixels, least| {
        let line = Line { pixels, least, is_map: false };
        [tiles::AVX512, tiles::AVX2].map(|machine| tiles::conv(machine, Options::default(), line, 144, 32).rows)
    };
    assert_eq!(tile(8 * 28, 28), [14, 6]);
    assert_eq!(tile(8 * 7, 7), [7, 6], "as if there were a band of one row");
    assert_eq!(tile(8 * 3, 3), [3, 3]);
    let pairs = |pixels, least| {
        let tile = tiles::conv(tiles::AVX512, Options::default(), Line { pixels, least, is_map: false }, 144, 24);
        (tile.rows, tile.takes_full)
    };
    assert_eq!(pairs(8 * 56, 56), (9, true));
    assert_eq!(pairs(8 * 7, 7), (7, true), "in pairs too");
}

#[test]
fn the_tiles_of_short_sums_are_small() {
    let rows = |products| {
        [tiles::AVX512, tiles::AVX2]
            .map(|machine| tiles::conv(machine, Options::default(), map(112 * 112), products, 16).rows)
    };
    assert_eq!(rows(16), [16, 6], "no more vectors of 64 bytes than can be written at once");
    assert_eq!(rows(191), [28, 6], "the loads of long sums count more");
    assert_eq!(rows(192), [14, 6], "in pairs a number is loaded for two products");
}
