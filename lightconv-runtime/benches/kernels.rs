//! Speed of the kernels, in percent of the FMA peak that the same run measures, by backend and tile.
//!
//! `cargo bench -p lightconv-runtime --bench kernels [-- WORD]` prints the tables, or the one whose name has WORD in it.
//! Kernels are called as generated code calls them: through functions of their own with literal sizes and the target
//! features of the backend.

use lightconv_runtime::Backend;
use lightconv_runtime::activation::{Hardswish, Identity, Relu6, Silu};
use lightconv_runtime::crew::Part;
use lightconv_runtime::kernels::{
    Conv, Depthwise, Map, NoMeans, NoResidual, Upcoming, Window, conv, depthwise, packed_len,
};
use lightconv_runtime::memory::{Dst, Src};
use lightconv_runtime::simd::Simd;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let word = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let mut tables: Vec<(&str, fn())> = vec![];
    #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
    if Backend::Avx2.is_available() {
        tables.push(("avx2 pointwise", avx2::pointwise_table));
        tables.push(("avx2 dense", avx2::dense_table));
        tables.push(("avx2 depthwise", avx2::depthwise_table));
    }
    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
    if Backend::Avx512.is_available() {
        tables.push(("avx512 pointwise", avx512::pointwise_table));
        tables.push(("avx512 dense", avx512::dense_table));
        tables.push(("avx512 depthwise", avx512::depthwise_table));
    }
    tables.push(("portable pointwise", portable::pointwise_table));
    tables.push(("portable dense", portable::dense_table));
    tables.push(("portable depthwise", portable::depthwise_table));
    for (name, table) in tables {
        if name.contains(&word) {
            println!("\n{name}");
            table();
        }
    }
}

/// The least time of a call, from as many as fit a tenth of a second.
fn least(mut f: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(100) {
        // enough calls in a row that the clock does not count
        let (begin, mut calls) = (Instant::now(), 0);
        while calls == 0 || begin.elapsed() < Duration::from_micros(200) {
            f();
            calls += 1;
        }
        best = best.min(begin.elapsed() / calls);
    }
    best
}

/// Multiply-accumulates by which many independent sums are lengthened; gives how many there were.
#[inline(always)]
fn chain<S: Simd>(s: S) -> usize {
    const SUMS: usize = 14;
    const STEPS: usize = 4096;
    let (a, b) = (s.splat(black_box(0.9999)), s.splat(black_box(1e-4)));
    let mut sums = [s.splat(black_box(0.1)); SUMS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = s.mul_add(*sum, a, b);
        }
    }
    let mut total = s.splat(0.0);
    for sum in sums {
        total = s.add(total, sum);
    }
    black_box(s.reduce_add(total));
    SUMS * STEPS * S::LANES
}

/// Prints a row: the sizes, the peak just then (clocks vary), and each candidate's time and percent of it.
fn row(peak: fn() -> f64, macs: usize, name: &str, candidates: &mut [(&str, &mut dyn FnMut())]) {
    let peak = peak();
    print!("{name:29} {:5.1} GFLOP/s", 2e-9 * peak);
    for (tile, f) in candidates {
        let time = least(f).as_secs_f64();
        print!("  {tile:>9} {:7.1} us {:3.0} %", time * 1e6, macs as f64 / time / peak * 100.0);
    }
    println!();
}

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i * 7919 % 1009) as f32 / 1009.0 - 0.5).collect()
}

/// Memory aligned as arenas are.
struct Floats(Vec<f32>, usize);

impl Floats {
    fn new(n: usize) -> Self {
        let mut all = numbers(n + 16);
        let skip = all.as_ptr().align_offset(64).min(16);
        all.truncate(skip + n);
        Floats(all, skip)
    }

    fn src(&self) -> Src<'_> {
        self.0[self.1..].into()
    }

    fn dst(&mut self) -> Dst<'_> {
        (&mut self.0[self.1..]).into()
    }
}

const fn dense(height: usize, width: usize, channels: usize) -> Map {
    Map { height, width, channels, stride: channels }
}

const fn same(kernel: usize, stride: usize) -> Window {
    Window { kernel: [kernel; 2], stride: [stride; 2], padding: [kernel / 2; 2], dilation: [1, 1] }
}

/// The module of a backend: `$new` makes its token, `$meta` are the attributes of its functions.
macro_rules! backend {
    ($name:ident, $new:expr, $meta:tt, tiles $tiles:tt, columns $columns:tt) => {
        mod $name {
            use super::*;

            featured! { $meta fn chains() -> usize { chain($new) } }

            /// Multiply-accumulates a second.
            fn peak() -> f64 {
                let mut macs = 0;
                let time = least(|| macs = chains());
                macs as f64 / time.as_secs_f64()
            }

            pub fn pointwise_table() {
                pointwise! { peak, $new, $meta, $tiles }
            }

            pub fn dense_table() {
                dense! { peak, $new, $meta, $tiles }
            }

            pub fn depthwise_table() {
                depthwise! { peak, $new, $meta, $columns }
            }
        }
    };
}

/// A function as generated code has them. Its wrapper is safe to call: the tables are run only where the CPU has the
/// features.
macro_rules! featured {
    ([$($meta:meta),*] fn $name:ident($($arg:ident: $ty:ty),*) $(-> $result:ty)? $body:block) => {
        fn $name($($arg: $ty),*) $(-> $result)? {
            $(#[$meta])*
            #[inline(never)]
            fn featured($($arg: $ty),*) $(-> $result)? $body
            #[allow(unused_unsafe)]
            // SAFETY: `main` has asked the CPU
            unsafe { featured($($arg),*) }
        }
    };
}

/// The vectors of a tile for a last panel of 8 of so many channels: a single vector of 16 takes a full panel along only where it is the
/// only one.
const fn half(nv: usize, hv: usize, channels: usize) -> usize {
    if nv == 1 && hv == 2 && channels / 16 != 1 { 1 } else { hv }
}

/// Pixels x input channels x output channels of the layers that make up most of lightweight nets.
macro_rules! pointwise {
    ($peak:expr, $new:expr, $meta:tt, $tiles:tt) => {
        pointwise! { @row $peak, $new, $meta, $tiles, 12544, 16, 64, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 3136, 24, 72, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 3136, 72, 24, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 784, 40, 120, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 784, 120, 40, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 196, 80, 240, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 196, 672, 112, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 49, 160, 960, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 49, 960, 160, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 12544, 32, 16, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 49, 320, 1280, Identity }
        pointwise! { @row $peak, $new, $meta, $tiles, 784, 40, 120, Relu6 }
        pointwise! { @row $peak, $new, $meta, $tiles, 784, 40, 120, Hardswish }
        pointwise! { @row $peak, $new, $meta, $tiles, 784, 40, 120, Silu }
    };
    (@row $peak:expr, $new:expr, $meta:tt, [$(($mr:literal, $nv:literal, $rv:literal, $hv:literal, $block:literal)),+], $p:literal, $k:literal, $n:literal, $act:expr) => {{
        const SIZES: Conv =
            Conv { input: dense(1, $p, $k), output: dense(1, $p, $n), window: same(1, 1), groups: 1, block: 1 };
        let (src, weights) = (Floats::new($p * $k), Floats::new(packed_len($n, $k)));
        let (mut out, mut pairs) = (Floats::new($p * $n), Floats::new(SIZES.pairs_len()));
        let (dst, pairs) = (out.dst(), pairs.dst());
        row($peak, $p * $k * $n, &format!("{}x{}x{} {}", $p, $k, $n, stringify!($act)), &mut [$(
            (concat!($mr, "x", $nv, "/", $block), &mut || {
                featured! { $meta fn step(src: Src, weights: Src, pairs: Dst, dst: Dst) {
                    conv::<_, _, _, _, $mr, $nv, $rv, { half($nv, $hv, $n) }, 0>(
                        $new, Part::ALL, Conv { block: $block, ..SIZES }, src, Dst::empty(), pairs, weights, Upcoming::NOTHING, dst,
                        $act, NoResidual, Identity,
                    );
                } }
                step(src.src(), weights.src(), pairs, dst);
            }),
        )+]);
    }};
}

/// Convolutions that look at neighbours: a stem, a plain one, a dilated one.
macro_rules! dense {
    ($peak:expr, $new:expr, $meta:tt, $tiles:tt) => {
        dense! { @row $peak, $new, $meta, $tiles, dense(224, 224, 3), dense(112, 112, 32), same(3, 2) }
        dense! { @row $peak, $new, $meta, $tiles, dense(56, 56, 64), dense(56, 56, 64), same(3, 1) }
        dense! { @row $peak, $new, $meta, $tiles, dense(32, 32, 64), dense(30, 30, 128), DILATED }
    };
    (@row $peak:expr, $new:expr, $meta:tt, [$(($mr:literal, $nv:literal, $rv:literal, $hv:literal, $block:literal)),+], $input:expr, $output:expr, $window:expr) => {{
        const SIZES: Conv = Conv { input: $input, output: $output, window: $window, groups: 1, block: 1 };
        let k = SIZES.window.kernel[0] * SIZES.window.kernel[1] * SIZES.input.channels;
        let (src, weights) = (Floats::new(SIZES.input.extent()), Floats::new(packed_len(SIZES.output.channels, k)));
        let (mut out, mut pad) = (Floats::new(SIZES.output.extent()), Floats::new(SIZES.pad_len()));
        let (dst, pad) = (out.dst(), pad.dst());
        row($peak, SIZES.output.extent() * k, &name(SIZES.input, SIZES.output, SIZES.window), &mut [$(
            (concat!($mr, "x", $nv, "/", $block), &mut || {
                featured! { $meta fn step(src: Src, weights: Src, pad: Dst, dst: Dst) {
                    conv::<_, _, _, _, $mr, $nv, $rv, $hv, 0>(
                        $new, Part::ALL, Conv { block: $block, ..SIZES }, src, pad, Dst::empty(), weights, Upcoming::NOTHING, dst, Relu6, NoResidual,
                        Identity,
                    );
                } }
                step(src.src(), weights.src(), pad, dst);
            }),
        )+]);
    }};
}

const DILATED: Window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [2, 2] };

fn name(input: Map, output: Map, window: Window) -> String {
    let Window { kernel: [k, _], stride: [s, _], dilation: [d, _], .. } = window;
    format!("{}x{}x{} to {} k{k} s{s} d{d}", input.height, input.width, input.channels, output.channels)
}

/// Depthwise layers of MobileNets and EfficientNets.
macro_rules! depthwise {
    ($peak:expr, $new:expr, $meta:tt, $columns:tt) => {
        depthwise! { @row $peak, $new, $meta, $columns, dense(112, 112, 32), dense(112, 112, 32), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(112, 112, 96), dense(56, 56, 96), same(3, 2) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(56, 56, 144), dense(56, 56, 144), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(56, 56, 144), dense(28, 28, 144), same(5, 2) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(28, 28, 240), dense(28, 28, 240), same(5, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(14, 14, 480), dense(14, 14, 480), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(14, 14, 672), dense(14, 14, 672), same(5, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(7, 7, 1152), dense(7, 7, 1152), same(5, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(7, 7, 1152), dense(7, 7, 1152), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(28, 28, 72), dense(28, 28, 72), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(28, 28, 120), dense(28, 28, 120), same(5, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(14, 14, 200), dense(14, 14, 200), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(28, 28, 50), dense(28, 28, 50), same(1, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(28, 28, 50), dense(28, 28, 50), same(3, 1) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(84, 84, 50), dense(28, 28, 50), same(3, 3) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(84, 84, 50), dense(28, 28, 50), same(5, 3) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(84, 84, 50), dense(28, 28, 50), same(7, 3) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(56, 56, 64), dense(28, 28, 64), same(3, 2) }
        depthwise! { @row $peak, $new, $meta, $columns, dense(32, 32, 64), dense(30, 30, 64), DILATED }
        depthwise! { @row $peak, $new, $meta, $columns, dense(256, 256, 64), dense(254, 254, 64), DILATED }
    };
    (@row $peak:expr, $new:expr, $meta:tt, [$($tx:literal),+], $input:expr, $output:expr, $window:expr) => {{
        const SIZES: Depthwise = Depthwise { input: $input, output: $output, window: $window };
        let taps = SIZES.window.kernel[0] * SIZES.window.kernel[1];
        let weights = Floats::new(packed_len(SIZES.output.channels, taps));
        let (src, mut out) = (Floats::new(SIZES.input.extent()), Floats::new(SIZES.output.extent()));
        let dst = out.dst();
        row($peak, SIZES.output.extent() * taps, &name(SIZES.input, SIZES.output, SIZES.window), &mut [$(
            (concat!("x", $tx), &mut || {
                featured! { $meta fn step(src: Src, weights: Src, dst: Dst) {
                    depthwise::<_, _, _, _, _, $tx>(
                        $new, Part::ALL, SIZES, src, weights, dst, Relu6, NoResidual, Identity, NoMeans,
                    );
                } }
                step(src.src(), weights.src(), dst);
            }),
        )+]);
    }};
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
backend! {
    avx2, lightconv_runtime::simd::Avx2::new(), [target_feature(enable = "avx2,fma")],
    tiles [(6, 2, 0, 1, 1), (6, 2, 0, 1, 1000), (5, 2, 0, 1, 1), (4, 2, 0, 1, 1)],
    columns [2, 3, 4, 5, 6]
}

#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
backend! {
    avx512, lightconv_runtime::simd::Avx512::new(),
    [target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")],
    tiles [(14, 2, 1, 1, 1), (14, 2, 1, 1, 1000), (12, 2, 1, 1, 1), (8, 3, 1, 1, 1), (7, 3, 1, 1, 1), (14, 1, 0, 1, 1), (7, 4, 1, 1, 1), (8, 1, 0, 2, 1)],
    columns [2, 4, 5, 6, 7, 8]
}

backend! {
    portable, lightconv_runtime::simd::Portable::new(), [],
    tiles [(3, 4, 0, 2, 1), (2, 4, 0, 2, 1)],
    columns [2, 4]
}
