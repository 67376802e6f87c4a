//! Whether what was chosen is the best: nets are built once for each alternative to a choice of the compiler (the next tiles by its
//! model, joined or apart, by Winograd's algorithm or not), and run in turn, their steps timed.
//!
//! `cargo bench --bench alternatives [-- NET] [BACKEND]` prints each step that an alternative does faster, and fails where that is
//! more than [`ALLOWED`] of the step's time. Two nets by default, on the fastest backend of the CPU; minutes, most of them rustc's.

mod workshop;
#[path = "workshop/zoo.rs"]
mod zoo;

use anyhow::{Context, Result, ensure};
use lightconv::Backend;
use lightconv_compiler::fuse;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::options::{self, Options};
use lightconv_compiler::plan::{Plan, Step, Work};
use std::collections::HashMap;
use std::ops::Range;
use std::process::ExitCode;

/// How much faster an alternative may be, of the time of what was chosen.
const ALLOWED: f64 = 0.05;

/// Nanoseconds below which a difference is the clock's, and that of where weights happen to lie: a step less than this faster is no
/// fault. (MobileNetV3-Large's second gate of 32 to 120 channels takes 0.66 us with one variant's tiles and 0.44 with another's, the
/// first one 0.64 and 0.56 with the same: EPYC, Zen 4.)
const CLOCK: f64 = 250.0;

fn main() -> ExitCode {
    match run_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_all() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let backend = words.iter().find_map(|word| word.parse::<Backend>().ok()).unwrap_or_else(Backend::best);
    let mut faults = 0;
    for graph in zoo::named(&words, &["MobileNetV2", "MobileNetV3Large"]) {
        faults += net(&graph, backend).with_context(|| format!("{} on {backend}", graph.name))?;
    }
    ensure!(faults == 0, "{faults} steps for which an alternative is more than {:.0} % faster", 100.0 * ALLOWED);
    Ok(())
}

/// An alternative: its name, and how it is planned.
struct Variant {
    name: String,
    options: Options,
    plan: Plan,
}

/// What is tried; the first is what nets get.
fn variants(graph: &Graph) -> Vec<Variant> {
    let chosen = Options::default();
    let mut all = vec![("chosen".to_owned(), chosen)];
    all.extend((1..8).map(|tile| (format!("tile {tile}"), Options { tile, ..chosen })));
    all.extend((1..4).map(|slice| (format!("slice {slice}"), Options { slice, ..chosen })));
    all.extend((1..4).map(|columns| (format!("columns {columns}"), Options { columns, ..chosen })));
    all.push(("the other tile of Winograd's".to_owned(), Options { winograd_tile: 1, ..chosen }));
    let blocks = [("narrow", chosen.block_floats / 4), ("wide", chosen.block_floats * 4), ("whole", usize::MAX)];
    all.extend(blocks.map(|(name, block_floats)| (format!("{name} blocks"), Options { block_floats, ..chosen })));
    for (name, way) in [("never", options::Way::Never), ("always", options::Way::Always)] {
        all.push((format!("{name} joined"), Options { join: way, ..chosen }));
        all.push((format!("{name} by Winograd"), Options { winograd: way, ..chosen }));
    }
    all.into_iter().map(|(name, options)| Variant { name, options, plan: fuse::fuse_with(graph, options) }).collect()
}

/// Compares the alternatives of a net; gives how many of its steps are at fault.
fn net(graph: &Graph, backend: Backend) -> Result<usize> {
    let variants = variants(graph);
    let nets: Vec<_> = variants.iter().map(|variant| (graph, &variant.plan)).collect();
    let measured = workshop::measure("alternatives", &nets, backend, &[1])?;
    println!("\n{backend}: {}", measured.limits());
    let times = measured.times;
    println!("{}, {:.3} ms in {} steps", graph.name, times[0].whole * 1e-6, times[0].steps.len());
    let times: Vec<Vec<f64>> = times.into_iter().map(|times| times.steps).collect();
    let segments = segments(&variants);
    let (mut faults, mut faster, mut sums) = (0, 0, [0.0; 2]);
    for segment in &segments {
        let (chosen, best) = compare(segment, &variants, &times, backend);
        sums[0] += chosen.nanoseconds;
        sums[1] += best.nanoseconds;
        if best.variant == chosen.variant {
            continue;
        }
        faster += 1;
        let less = chosen.nanoseconds - best.nanoseconds;
        let is_fault = less > chosen.nanoseconds * ALLOWED && less > CLOCK;
        faults += usize::from(is_fault);
        let mark = if is_fault { '!' } else { ' ' };
        let (us, percent) = (chosen.nanoseconds * 1e-3, 100.0 * less / chosen.nanoseconds);
        println!("{mark} {us:9.2} us, {percent:4.1} % less with {}", variants[best.variant].name);
        for which in [chosen.variant, best.variant] {
            let Variant { plan, options, .. } = &variants[which];
            for step in &plan.steps[segment[which].clone()] {
                let tiling = step.work.tiling(zoo::machine(backend), *options).map(|t| t.to_string());
                println!("      {}  {}", plan.line(step), tiling.unwrap_or_default());
            }
        }
    }
    let percent = 100.0 * (1.0 - sums[1] / sums[0]);
    println!(
        "  {faster} of {} have a faster way; the fastest of each together take {percent:.1} % less",
        segments.len()
    );
    Ok(faults)
}

/// A way to do a segment.
#[derive(Clone, Copy)]
struct Way {
    variant: usize,
    nanoseconds: f64,
}

/// The chosen way to do a segment, and the fastest. Where variants do it the same way they differ by where their weights and their
/// code happen to lie, so that the least of them is taken.
fn compare(segment: &[Range<usize>], variants: &[Variant], times: &[Vec<f64>], backend: Backend) -> (Way, Way) {
    let mut ways: HashMap<String, Way> = HashMap::new();
    let way = |variant: usize| {
        let Variant { plan, options, .. } = &variants[variant];
        let steps = plan.steps[segment[variant].clone()].iter();
        let steps =
            steps.map(|step| format!("{} {:?}", step.work.verb(), step.work.tiling(zoo::machine(backend), *options)));
        steps.collect::<Vec<_>>().join("\n")
    };
    for variant in 0..variants.len() {
        let nanoseconds = times[variant][segment[variant].clone()].iter().sum();
        let known = ways.entry(way(variant)).or_insert(Way { variant, nanoseconds });
        known.nanoseconds = known.nanoseconds.min(nanoseconds);
    }
    let chosen = ways.remove(&way(0)).expect("the first variant has a way");
    let best = ways.into_values().min_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds));
    let best = best.filter(|best| best.nanoseconds < chosen.nanoseconds);
    let best = best.unwrap_or(chosen);
    (chosen, best)
}

/// Stretches of the net that all variants do in whole steps, each as a range of steps of each variant.
fn segments(variants: &[Variant]) -> Vec<Vec<Range<usize>>> {
    // after which of the steps that the net has when nothing is joined a variant's steps end
    let atoms = |step: &Step| match &step.work {
        Work::Joined { project, .. } => 2 + usize::from(project.is_some()),
        Work::Separable { .. } => 2,
        _ => 1,
    };
    let ends: Vec<Vec<usize>> = variants
        .iter()
        .map(|variant| {
            let sums = variant.plan.steps.iter().scan(0, |sum, step| {
                *sum += atoms(step);
                Some(*sum)
            });
            sums.collect()
        })
        .collect();
    let mut from = vec![0; variants.len()];
    let mut segments = Vec::new();
    for end in &ends[0] {
        let positions: Option<Vec<usize>> = ends.iter().map(|ends| ends.binary_search(end).ok()).collect();
        if let Some(positions) = positions {
            segments.push(from.iter().zip(&positions).map(|(&from, &at)| from..at + 1).collect());
            from = positions.iter().map(|at| at + 1).collect();
        }
    }
    segments
}
