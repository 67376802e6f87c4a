//! Whether the cost of a depthwise convolution changes smoothly with its sizes: kernels 1 to 9, strides and dilations 1 to 3, and
//! numbers of channels that do not fill vectors, each as a net of its own with 28 x 28 outputs.
//!
//! `cargo bench --bench cliffs [-- BACKEND]` prints picoseconds a multiply-accumulate, and fails where they rise too much from a net
//! to a neighbour with a larger kernel, stride, dilation or more channels. Minutes, most of them rustc's.

mod workshop;

use anyhow::Result;
use lightconv::Backend;
use lightconv_compiler::{cost, fuse};
use std::process::ExitCode;

/// How much a multiply-accumulate may cost more at the neighbour's.
const ALLOWED: f64 = 1.6;

const KERNELS: [usize; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const STRIDES: [usize; 3] = [1, 2, 3];
const DILATIONS: [usize; 3] = [1, 2, 3];
const CHANNELS: [usize; 4] = [10, 20, 33, 50];

/// Outputs along an axis; one less with an even kernel.
const SIZE: usize = 28;

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
    let graphs = grid.iter().map(|&at| workshop::graph("Net", program(at).parse().expect("tokens")));
    let graphs = graphs.collect::<Result<Vec<_>>>()?;
    let plans: Vec<_> = graphs.iter().map(fuse::fuse).collect();
    let nets: Vec<_> = graphs.iter().zip(&plans).collect();
    let times = workshop::times("cliffs", &nets, backend)?;
    let costs: Vec<f64> = graphs
        .iter()
        .zip(times)
        .map(|(graph, times)| times.whole * 1e3 / cost::cost(graph).total.macs as f64)
        .collect();

    println!("picoseconds a multiply-accumulate on {backend}");
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
    let index = |at: [usize; 4]| at.iter().zip(sizes).fold(0, |i, (at, size)| i * size + at);
    let mut jumps = Vec::new();
    for (i, at) in grid.iter().enumerate() {
        for axis in 0..4 {
            let mut next = *at;
            next[axis] += 1;
            if next[axis] < sizes[axis] {
                jumps.push((costs[index(next)] / costs[i], *at, next));
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

fn program([c, s, d, k]: [usize; 4]) -> String {
    let (channels, stride, dilation, kernel) = (CHANNELS[c], STRIDES[s], DILATIONS[d], KERNELS[k]);
    let (input, padding) = (SIZE * stride, dilation * (kernel - 1) / 2);
    let output = (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
    format!(
        "pub net Net(x: [{channels}, {input}, {input}]) -> [{channels}, {output}, {output}] {{
            x -> Conv2d({channels}, {kernel}, stride = {stride}, dilation = {dilation}, padding = {padding}, groups = {channels})
        }}"
    )
}
