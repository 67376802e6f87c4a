//! The steps of a net: what share of its time each takes, and how far it is from what limits it.
//!
//! `cargo bench --bench steps [-- NET… BACKEND THREADS]`; MobileNetV2 and EfficientNet-Lite0 by default, on the fastest backend of the
//! CPU. With a number of threads it says how many times as long one thread takes for each step, the threads' wait for each other included. The
//! limit is the largest of: its products at the peak of multiply-accumulates, the activations that it reads and writes at L2's speed,
//! the weights that it reads at L3's (those of a net do not stay in L2), all measured in the same run.

mod workshop;
#[path = "workshop/zoo.rs"]
mod zoo;

use anyhow::{Context, Result};
use lightconv::Backend;
use lightconv_compiler::fuse;
use lightconv_compiler::plan::{View, Work};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let backend = words.iter().find_map(|word| word.parse::<Backend>().ok()).unwrap_or_else(Backend::best);
    let graphs = zoo::named(&words, &["MobileNetV2", "EfficientNetLite0"]);
    let plans: Vec<_> = graphs.iter().map(fuse::fuse).collect();
    let nets: Vec<_> = graphs.iter().zip(&plans).collect();
    let threads = words.iter().find_map(|word| word.parse::<usize>().ok());
    let counts: Vec<usize> = [1].into_iter().chain(threads).collect();
    let measured = workshop::measure("steps", &nets, backend, &counts)?;
    println!("{backend}: {}", measured.limits());
    for ((graph, plan), times) in nets.into_iter().zip(measured.times.chunks(counts.len())) {
        let (times, shared) = (&times[0], times.get(1));
        let all: f64 = times.steps.iter().sum();
        let products: usize = plan.steps.iter().map(|step| step.work.macs()).sum();
        let peak = 100.0 * products as f64 / measured.macs / times.whole;
        let limits = plan.steps.iter().map(|step| limit(&step.work, [measured.macs, measured.l2, measured.l3]));
        let limits = limits.collect::<Option<Vec<_>>>().context("there are three limits")?;
        let least: f64 = limits.iter().map(|(limit, _)| limit).sum();
        println!("\n{}: {:.3} ms, {peak:.0} % of the peak", graph.name, times.whole * 1e-6);
        println!(
            "all steps at their limits: {:.3} ms, {:.0} % of the peak",
            least * 1e-6,
            100.0 * products as f64 / measured.macs / least
        );
        if let (Some(shared), Some(threads)) = (shared, threads) {
            let gain = times.whole / shared.whole;
            println!("{threads} threads: {:.3} ms, one thread takes {gain:.2} times as long", shared.whole * 1e-6);
        }
        println!("       us  share  % of peak  % of limit{}", if shared.is_some() { "  one / threads" } else { "" });
        let mut lost: Vec<(f64, String)> = Vec::new();
        for (i, ((step, &time), &(limit, by))) in plan.steps.iter().zip(&times.steps).zip(&limits).enumerate() {
            let peak = 100.0 * step.work.macs() as f64 / measured.macs / time;
            let gain = shared.map_or(String::new(), |shared| format!("{:14.2} ", time / shared.steps[i]));
            let line = format!(
                "{:9.1} {:5.1} % {peak:8.0} % {:8.0} % {gain}{by:8} {} {}",
                time * 1e-3,
                100.0 * time / all,
                100.0 * limit / time,
                plan.line(step),
                step.work.tiling(zoo::machine(backend), plan.options).map(|t| t.to_string()).unwrap_or_default(),
            );
            println!("{line}");
            lost.push((time - limit, line));
        }
        lost.sort_by(|a, b| b.0.total_cmp(&a.0));
        println!("furthest from their limits, in us:");
        for (lost, line) in lost.iter().take(8) {
            println!("{:9.1}  {line}", lost * 1e-3);
        }
    }
    Ok(())
}

/// The least nanoseconds that a step can take, and what says so.
fn limit(work: &Work, [macs, l2, l3]: [f64; 3]) -> Option<(f64, &'static str)> {
    let floats = |view: &View| view.pixels() * view.channels;
    let moved = work.reads().iter().map(floats).sum::<usize>() + floats(&work.output());
    let products = match work {
        // a product for each component of a tile, in place of nine for each of its outputs
        Work::Winograd { side, .. } => work.macs() * (side + 2).pow(2) / (9 * side.pow(2)),
        _ => work.macs(),
    };
    let bytes = |floats: usize| (floats * size_of::<f32>()) as f64;
    let limits =
        [(products as f64 / macs, "products"), (bytes(moved) / l2, "L2"), (bytes(work.packed()) / l3, "weights")];
    limits.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))
}
