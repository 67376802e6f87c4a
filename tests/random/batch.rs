//! Batches of programs: compiled by the library, written as crates of their own, built by cargo, run, and held against the
//! reference.
//!
//! The programs do not go through the macro: what the compiler gives is written into a source file, so that nothing but the
//! runtime has to be built for them. The macro only hands tokens on, and all other tests go through it.

use crate::support::{self, TOLERANCE, channels_first, channels_last, close};
use lightconv_compiler::graph::Graph;
use lightconv_compiler::ops::Array;
use lightconv_compiler::{Backends, expand, reference};
use quote::quote;
use safetensors::{Dtype, serialize_to_file, tensor::TensorView};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs in a crate: few enough that cargo keeps all cores busy, enough that linking does not count.
const PROGRAMS: usize = 20;

/// A program with what the reference makes of it.
struct Case {
    graph: Graph,
    expected: Vec<Array>,
    /// The error allowed beside the usual one, of each output: how far the result of f64 moves when weights and inputs do by a bit of
    /// an f32, several times over. A random net may enlarge every error, as a norm of numbers that hardly differ does.
    slack: Vec<f64>,
}

/// How many times.
const MOVES: f64 = 16.0;

/// Where the crates are written and built.
fn root() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("random-programs")
}

/// What is wrong with each of these programs.
pub fn check(programs: &[String]) -> Vec<Result<(), String>> {
    let root = root();
    let cases: Vec<Result<Case, String>> = programs.iter().map(|text| case(text)).collect();
    let _ = fs::remove_dir_all(root.join("data"));
    let _ = fs::remove_dir_all(root.join("src"));
    for folder in ["data", "src/bin"] {
        fs::create_dir_all(root.join(folder)).expect("a folder to write into");
    }
    write_manifest(&root);
    for (i, case) in cases.iter().enumerate() {
        if let Ok(case) = case {
            write_data(&root, i, &case.graph);
        }
    }
    let all: Vec<usize> = (0..programs.len()).filter(|&i| cases[i].is_ok()).collect();
    let mut broken = HashMap::new();
    let mut todo: Vec<Vec<usize>> = all.chunks(PROGRAMS).map(<[usize]>::to_vec).collect();
    while !todo.is_empty() {
        let faults = build_and_run(&root, programs, &todo);
        let mut alone = Vec::new();
        for (batch, fault) in todo.into_iter().zip(faults) {
            match (fault, &batch[..]) {
                (None, _) => {}
                (Some(fault), [one]) => drop(broken.insert(*one, fault)),
                (Some(_), several) => alone.extend(several.iter().map(|i| vec![*i])),
            }
        }
        todo = alone;
    }
    let check = |(i, case): (usize, Result<Case, String>)| {
        let case = case?;
        match broken.remove(&i) {
            Some(fault) => Err(fault),
            None => compare(&root, i, &case),
        }
    };
    cases.into_iter().enumerate().map(check).collect()
}

/// The program on the way that needs no build.
fn case(text: &str) -> Result<Case, String> {
    let graph = std::panic::catch_unwind(|| support::graph(text)).map_err(|_| "the compiler refuses it".to_owned())?;
    let (_, arrays) = support::draw_weights(&graph);
    let inputs = support::draw_inputs(&graph);
    let expected = reference::evaluate(&graph, &|name| arrays.get(name).cloned(), &inputs)?;
    let moved_inputs: Vec<Array> = inputs.iter().map(moved).collect();
    let moved = reference::evaluate(&graph, &|name| arrays.get(name).map(moved), &moved_inputs)?;
    let slack = expected.iter().zip(&moved).map(|(a, b)| {
        let far = a.data.iter().zip(&b.data).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        MOVES * far
    });
    Ok(Case { slack: slack.collect(), graph, expected })
}

/// The same numbers, each a bit of an f32 larger or smaller.
fn moved(array: &Array) -> Array {
    let bit = f64::from(f32::EPSILON);
    let sign = |i: usize| if (i * 2_654_435_761) >> 7 & 1 == 0 { 1.0 } else { -1.0 };
    Array {
        dims: array.dims.clone(),
        data: array.data.iter().enumerate().map(|(i, x)| x * (1.0 + sign(i) * bit)).collect(),
    }
}

fn write_manifest(root: &Path) {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("lightconv-runtime");
    let manifest = format!(
        "[package]\nname = \"random-programs-batch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nlightconv = {{ package = \"lightconv-runtime\", path = {runtime:?} }}\n\n\
         [profile.dev]\ndebug = false\nstrip = \"debuginfo\"\nincremental = false\n\n[workspace]\n"
    );
    fs::write(root.join("Cargo.toml"), manifest).expect("a manifest");
    // the versions that the workspace has, which are on this machine
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    fs::copy(lock, root.join("Cargo.lock")).expect("the lock file");
}

/// Weights and inputs of a program.
fn write_data(root: &Path, i: usize, graph: &Graph) {
    let stem = root.join("data").join(i.to_string());
    let (_, arrays) = support::draw_weights(graph);
    let bytes = |numbers: &[f64]| -> Vec<u8> { numbers.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect() };
    let tensors: Vec<(&String, &Vec<usize>, Vec<u8>)> =
        arrays.iter().map(|(name, array)| (name, &array.dims, bytes(&array.data))).collect();
    let views = tensors.iter().map(|(name, dims, bytes)| {
        let view = TensorView::new(Dtype::F32, (*dims).clone(), bytes).expect("a tensor");
        ((*name).clone(), view)
    });
    serialize_to_file(views, None, &stem.with_extension("safetensors")).expect("a weights file");
    let inputs =
        support::draw_inputs(graph).iter().flat_map(channels_last).flat_map(f32::to_le_bytes).collect::<Vec<_>>();
    fs::write(stem.with_extension("inputs"), inputs).expect("an input file");
}

/// Builds a crate for each batch and runs it; what hindered each.
fn build_and_run(root: &Path, programs: &[String], batches: &[Vec<usize>]) -> Vec<Option<String>> {
    let bins = root.join("src/bin");
    let _ = fs::remove_dir_all(&bins);
    fs::create_dir_all(&bins).expect("a folder to write into");
    let profile = if std::env::var_os("LIGHTCONV_RANDOM_RELEASE").is_some() { "release" } else { "debug" };
    let binary = |batch: &[usize]| format!("batch{}", batch[0]);
    for batch in batches {
        fs::write(bins.join(binary(batch)).with_extension("rs"), source(programs, batch)).expect("a source file");
        let _ = fs::remove_file(root.join("target").join(profile).join(binary(batch)));
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--offline", "--quiet", "--keep-going"]);
    // flags and targets of the build outside are not meant for this one
    cargo.env("CARGO_TARGET_DIR", root.join("target")).env_remove("RUSTFLAGS");
    if profile == "release" {
        cargo.arg("--release");
    }
    let built = cargo.output().expect("cargo");
    let run = |batch: &Vec<usize>| {
        let program = root.join("target").join(profile).join(binary(batch));
        if !program.exists() {
            return Some(format!("rustc refuses it:\n{}", String::from_utf8_lossy(&built.stderr)));
        }
        let numbers: Vec<String> = batch.iter().map(ToString::to_string).collect();
        let status = Command::new(program).arg(root.join("data")).args(numbers).status();
        match status {
            Ok(status) if status.success() => None,
            Ok(status) => Some(format!("it ended with {status}")),
            Err(e) => Some(e.to_string()),
        }
    };
    batches.iter().map(run).collect()
}

/// The nets of a batch, each in a module, and what runs them.
fn source(programs: &[String], batch: &[usize]) -> String {
    let mut text = "#![allow(warnings)]\n".to_owned();
    let mut makers = String::new();
    for &i in batch {
        let program: proc_macro2::TokenStream = programs[i].parse().expect("a program that was parsed before");
        let items = expand(quote!({ ::lightconv } #program), Backends { avx2: true, avx512: true });
        text += &format!("mod net{i} {{ {items} }}\n");
        makers +=
            &format!("|weights, backend| Ok(Box::new(net{i}::Test::from_weights(weights)?.with_backend(backend)?)),\n");
    }
    let guarded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/guarded.rs");
    text += &format!("#[path = {guarded:?}]\nmod guarded;\nconst NETS: &[Make] = &[{makers}];\n");
    let runner = include_str!("runner.rs");
    let (_, runner) = runner.split_once("\nuse ").expect("the comment of the file");
    text + "use " + runner
}

/// Holds what a program gave against the reference.
fn compare(root: &Path, i: usize, case: &Case) -> Result<(), String> {
    let path = root.join("data").join(i.to_string()).with_extension("out");
    let text = fs::read_to_string(path).map_err(|e| format!("no results: {e}"))?;
    if let Some(fault) = text.strip_prefix("fault ") {
        return Err(fault.trim().to_owned());
    }
    for line in text.lines() {
        let mut words = line.split(' ');
        let (Some(backend), Some(output)) = (words.next(), words.next().and_then(|word| word.parse::<usize>().ok()))
        else {
            return Err(format!("not understood: {line}"));
        };
        let bits = words.map(|word| u32::from_str_radix(word, 16).map(f32::from_bits));
        let numbers: Vec<f32> = bits.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        let expected = &case.expected[output];
        let found = channels_first(&numbers, &expected.dims);
        let largest = expected.data.iter().fold(f64::MIN_POSITIVE, |m: f64, x| m.max(x.abs()));
        let tolerance = TOLERANCE + case.slack[output] / largest;
        close(&found, expected, tolerance).map_err(|e| format!("{backend}, output {output}: {e}"))?;
    }
    Ok(())
}
