//! Whether the cost of a depthwise convolution changes smoothly with its sizes: kernels 1 to 9, strides and dilations 1 to 3, and
//! numbers of channels that do not fill vectors, each as a net of its own with 14 x 14 outputs: small enough that what a window's
//! rows read stays in L1 whatever the stride, for it is the kernel that is looked at, not the cache.
//!
//! `cargo bench --bench cliffs [-- BACKEND]` prints picoseconds a multiply-accumulate, of those that fall inside the map, and fails
//! where they rise too much from a net to a neighbour with a larger kernel, stride, dilation or more channels. What it takes to
//! move the numbers alone is no rise: as long as a kernel of 1 takes for as many, or L2 to give them. Nor is it one from a net whose
//! stride and dilation have a common divisor: that reads every second or third row and column alone, and is a smaller map's cheap
//! case. Minutes, most of them rustc's.

mod workshop;

use anyhow::Result;
use lightconv::Backend;
use lightconv_compiler::fuse;
use std::collections::HashSet;
use std::process::ExitCode;

/// How much a multiply-accumulate may cost more at the neighbour's.
const ALLOWED: f64 = 1.6;

const KERNELS: [usize; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const STRIDES: [usize; 3] = [1, 2, 3];
const DILATIONS: [usize; 3] = [1, 2, 3];
const CHANNELS: [usize; 4] = [10, 20, 33, 50];

/// Outputs along an axis; one less with an even kernel.
const SIZE: usize = 14;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(n) => {
            eprintln!("error: {n} neighbours cost more than {ALLOWED} times as much");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints; gives how many neighbours are too far apart.
fn run() -> Result<usize> {
    let mut words = std::env::args().skip(1);
    let backend = words.find_map(|word| word.parse::<Backend>().ok()).unwrap_or_else(Backend::best);
    let sizes = [CHANNELS.len(), STRIDES.len(), DILATIONS.len(), KERNELS.len()];
    let grid: Vec<[usize; 4]> = (0..sizes.iter().product())
        .map(|i: usize| {
            let mut rest = i;
            let mut at = [0; 4];
            for axis in (0..4).rev() {
                at[axis] = rest % sizes[axis];
                rest /= sizes[axis];
            }
            at
        })
        .collect();
    let graphs: Vec<_> = grid.iter().map(|&at| workshop::support::graph(&program(at))).collect();
    let plans: Vec<_> = graphs.iter().map(fuse::fuse).collect();
    let nets: Vec<_> = graphs.iter().zip(&plans).collect();
    let measured = workshop::measure("cliffs", &nets, backend, &[1])?;
    println!("{backend}: {}", measured.limits());
    let times = measured.times;
    let works: Vec<Work> = grid.iter().map(|&at| Work::of(at)).collect();
    let costs: Vec<f64> = works.iter().zip(&times).map(|(work, times)| times.whole * 1e3 / work.macs).collect();
    let index = |at: [usize; 4]| at.iter().zip(sizes).fold(0, |i, (at, size)| i * size + at);
    // picoseconds a multiply-accumulate for which its numbers are read and written: as a kernel of 1 does, or from L2, for maps of larger
    // strides do not fit L1
    let moving = |i: usize| {
        let copy = index([grid[i][0], 0, 0, 0]);
        let number = (times[copy].whole / works[copy].moved).max(size_of::<f32>() as f64 / measured.l2);
        number * 1e3 * works[i].moved / works[i].macs
    };

    println!("picoseconds a multiply-accumulate");
    print!("channels stride dilation   kernel");
    KERNELS.iter().for_each(|k| print!("{k:>8}"));
    for (at, cost) in grid.iter().zip(&costs) {
        let [c, s, d, k] = *at;
        if k == 0 {
            print!("\n{:8}{:7}{:9}         ", CHANNELS[c], STRIDES[s], DILATIONS[d]);
        }
        print!("{cost:8.1}");
    }
    println!();
    let mut jumps = Vec::new();
    for (i, at) in grid.iter().enumerate() {
        for axis in 0..4 {
            let mut next = *at;
            next[axis] += 1;
            if next[axis] < sizes[axis] && (STRIDES[at[1]] == 1 || STRIDES[at[1]] != DILATIONS[at[2]]) {
                let next_cost = costs[index(next)];
                jumps.push((next_cost / costs[i].max(moving(index(next))), *at, next));
            }
        }
    }
    jumps.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("the worst rises");
    for (ratio, from, to) in jumps.iter().take(10) {
        println!("{ratio:6.2}  {} to {}", name(*from), name(*to));
    }
    Ok(jumps.iter().filter(|jump| jump.0 > ALLOWED).count())
}

fn name([c, s, d, k]: [usize; 4]) -> String {
    format!("{} channels, kernel {}, stride {}, dilation {}", CHANNELS[c], KERNELS[k], STRIDES[s], DILATIONS[d])
}

/// What a net has to do.
struct Work {
    /// Multiply-accumulates with numbers of the map, not of its padding.
    macs: f64,
    /// Numbers read and written.
    moved: f64,
}

impl Work {
    fn of(at: [usize; 4]) -> Work {
        let Sizes { channels, kernel, stride, dilation, input, padding, output } = Sizes::of(at);
        // of one axis: taps inside, and inputs that any tap touches
        let taps = (0..output).flat_map(|x| (0..kernel).map(move |k| x * stride + k * dilation));
        let taps: Vec<usize> = taps.filter(|at| (padding..padding + input).contains(at)).collect();
        let touched = taps.iter().collect::<HashSet<_>>().len();
        let square = |n: usize| (n * n * channels) as f64;
        Work { macs: square(taps.len()), moved: square(touched) + square(output) }
    }
}

struct Sizes {
    channels: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    input: usize,
    padding: usize,
    output: usize,
}

impl Sizes {
    fn of([c, s, d, k]: [usize; 4]) -> Sizes {
        let (channels, stride, dilation, kernel) = (CHANNELS[c], STRIDES[s], DILATIONS[d], KERNELS[k]);
        let (input, padding) = (SIZE * stride, dilation * (kernel - 1) / 2);
        let output = (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
        Sizes { channels, kernel, stride, dilation, input, padding, output }
    }
}

fn program(at: [usize; 4]) -> String {
    let Sizes { channels, kernel, stride, dilation, input, padding, output } = Sizes::of(at);
    format!(
        "pub net Net(x: [{channels}, {input}, {input}]) -> [{channels}, {output}, {output}] {{
            x -> Conv2d({channels}, {kernel}, stride = {stride}, dilation = {dilation}, padding = {padding}, groups = {channels})
        }}"
    )
}
