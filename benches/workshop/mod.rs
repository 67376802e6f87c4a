//! Nets that a bench makes up: planned as it says, written into a crate of their own, built, run in turn, and timed.

#[path = "../../tests/support/mod.rs"]
pub mod support;

use anyhow::{Context, Result, bail, ensure};
use lightconv::Backend;
use lightconv_compiler::graph::{Graph, TensorId};
use lightconv_compiler::plan::Plan;
use lightconv_compiler::{Backends, arena, cost, emit};
use quote::quote;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// How often the nets are timed, each time in a process of its own: a small step takes more or less by where memory happens to lie, half as much
/// again where it reads a few KiB of weights.
const RUNS: usize = 2;

/// What the CPU can do in a nanosecond on a backend, and the times of some nets in the same run.
pub struct Measured {
    /// Multiply-accumulates.
    pub macs: f64,
    /// Bytes read from L2, and from L3.
    pub l2: f64,
    pub l3: f64,
    /// Of each net, with each number of threads.
    pub times: Vec<Times>,
}

impl Measured {
    /// The best of two runs.
    fn best(self, other: Self) -> Self {
        let times = self.times.into_iter().zip(other.times).map(|(a, b)| {
            let steps = a.steps.iter().zip(&b.steps).map(|(a, b)| a.min(*b)).collect();
            Times { whole: a.whole.min(b.whole), steps }
        });
        Measured {
            macs: self.macs.max(other.macs),
            l2: self.l2.max(other.l2),
            l3: self.l3.max(other.l3),
            times: times.collect(),
        }
    }

    /// What the CPU can do, in words.
    pub fn limits(&self) -> String {
        let Measured { macs, l2, l3, .. } = self;
        format!("{:.0} GFLOP/s, {l2:.0} GB/s from L2, {l3:.0} GB/s from L3", 2.0 * macs)
    }
}

/// The least nanoseconds of a net.
pub struct Times {
    /// Of a forward.
    pub whole: f64,
    /// Of each of its steps, by a clock whose reading counts for something.
    pub steps: Vec<f64>,
}

/// Times nets of one input and one output on a backend, each with these numbers of threads, all in turn, in a crate named `bench`.
pub fn measure(bench: &str, nets: &[(&Graph, &Plan)], backend: Backend, threads: &[usize]) -> Result<Measured> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(bench);
    write(&root, nets, backend, threads)?;
    eprintln!("building {} nets", nets.len());
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--quiet"]).current_dir(&root).env("CARGO_TARGET_DIR", "target");
    ensure!(cargo.status()?.success(), "the nets do not compile");
    let runs = (0..RUNS).map(|_| run(&root.join("target/release/workshop"), backend)).collect::<Result<Vec<_>>>()?;
    let measured = runs.into_iter().reduce(Measured::best).context("no run")?;
    let steps = nets.iter().flat_map(|(_, plan)| threads.iter().map(|_| plan.steps.len()));
    ensure!(measured.times.iter().map(|t| t.steps.len()).eq(steps), "not a time for each step");
    Ok(measured)
}

/// Runs the program that times the nets.
fn run(program: &Path, backend: Backend) -> Result<Measured> {
    let mut program = Command::new(program);
    let output = program.env("LIGHTCONV_BACKEND", backend.to_string()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the nets do not run: {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines();
    let limits = lines.next().context("no limits")?.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    let [macs, l2, l3] = limits[..] else { bail!("not three limits") };
    let times = lines.map(|line| {
        let mut numbers = line.split(' ').map(str::parse);
        let whole = numbers.next().context("no time")??;
        Ok(Times { whole, steps: numbers.collect::<Result<_, _>>()? })
    });
    Ok(Measured { macs, l2, l3, times: times.collect::<Result<_>>()? })
}

/// Writes the crate: a module for each net, and a program that runs them.
fn write(root: &Path, nets: &[(&Graph, &Plan)], backend: Backend, threads: &[usize]) -> Result<()> {
    let _ = fs::remove_dir_all(root.join("src"));
    fs::create_dir_all(root.join("src"))?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runtime = here.join("lightconv-runtime");
    let manifest = format!(
        "[package]\nname = \"workshop\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nlightconv = {{ package = \"lightconv-runtime\", path = {runtime:?} }}\n\n\
         [workspace]\n"
    );
    fs::write(root.join("Cargo.toml"), manifest)?;
    // the versions that the workspace has, which are on this machine
    fs::copy(here.join("Cargo.lock"), root.join("Cargo.lock"))?;
    let backends = Backends { avx2: backend == Backend::Avx2, avx512: backend == Backend::Avx512 };
    let mut main = include_str!("runner.rs").to_owned();
    let mut turns = Vec::new();
    for (i, &(graph, plan)) in nets.iter().enumerate() {
        let (&[(_, input)], &[output]) = (&graph.inputs[..], &graph.outputs[..]) else {
            bail!("{} has not one input and one output", graph.name);
        };
        let layout = arena::place(plan);
        let net = emit::Net { graph, cost: &cost::cost(graph), plan, layout: &layout };
        let code = emit::emit(net, backends, &quote!(::lightconv)).to_string();
        fs::write(root.join(format!("src/net_{i}.rs")), code)?;
        main += &format!("mod net_{i};\n");
        let tensor = |t: TensorId| {
            let dims = graph.shape(t).dims().into_iter().map(|n| n.to_string());
            format!("Tensor<{}>", dims.collect::<Vec<_>>().join(", "))
        };
        for count in threads {
            turns.push(format!("turn!(net_{i}::{}, {}, {}, {count})", graph.name, tensor(input), tensor(output)));
        }
    }
    main += &format!("fn main() {{ run(&mut [{}]); }}\n", turns.join(", "));
    fs::write(root.join("src/main.rs"), main)?;
    Ok(())
}
