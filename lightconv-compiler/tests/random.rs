//! Random programs through the compiler: each is accepted with the shapes that its generator expects, and its plan, fused and
//! not, keeps the invariants of every plan.
//!
//! `LIGHTCONV_SEED` and `LIGHTCONV_RANDOM_PROGRAMS` say where to begin and how many there are.

#[path = "support/invariants.rs"]
mod invariants;

use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::fuse::{fuse, unfused};
use lightconv_compiler::graph::{Graph, TensorId};
use lightconv_compiler::ops::{Array, Primitive, WeightKind};
use lightconv_compiler::plan::{Plan, Work};
use lightconv_compiler::{Backends, blocks, cost, elaborate, expand, ops, reference, syntax};
use lightconv_random_programs::{Choices, program, shrink};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return default };
    text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}"))
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("LIGHTCONV_SEED", 0);
    first..first + number("LIGHTCONV_RANDOM_PROGRAMS", 300)
}

#[test]
fn every_plan_keeps_the_invariants() {
    // what fails while it is made smaller is told once, at the end
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let failed = seeds().find_map(|seed| {
        let mut choices = Choices::random(seed);
        let error = fault(&program(&mut choices)).err()?;
        let small = shrink(&choices.made(), |choices| fault(&program(&mut Choices::again(choices))).is_err());
        let text = program(&mut Choices::again(&small));
        let small_error = fault(&text).err().unwrap_or_default();
        Some(format!("LIGHTCONV_SEED={seed}: {error}\nas small as it fails:\n{text}{small_error}"))
    });
    std::panic::set_hook(hook);
    assert!(failed.is_none(), "{}", failed.unwrap_or_default());
}

#[test]
fn every_layer_and_block_is_among_them() {
    let text: String = (0..600).map(|seed| program(&mut Choices::random(seed))).collect();
    let words: std::collections::HashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let names = ops::layers().map(|layer| layer.name).chain(blocks::TEXTS.iter().map(|(name, _)| *name));
    let missing: Vec<&str> = names.filter(|name| !words.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    for part in
        ["param ", "layer ", "const ", "block ", "for ", "if ", "else", "max(", "min(", "..", " / ", "-x", "require("]
    {
        assert!(text.contains(part), "no `{part}`");
    }
}

/// What is wrong with the way of a program through the compiler.
fn fault(text: &str) -> Result<(), String> {
    let result = catch_unwind(AssertUnwindSafe(|| check(text)));
    result.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        Err(message.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default())
    })
}

fn check(text: &str) -> Result<(), String> {
    let graph = graph(text)?;
    for (name, plan) in [("fused", fuse(&graph)), ("unfused", unfused(&graph))] {
        invariants::buffers_alive_in_one_step_do_not_overlap(name, &plan);
        invariants::nothing_is_read_before_it_was_written(name, &plan);
        invariants::no_step_writes_what_it_reads(name, &plan);
    }
    let fused = fuse(&graph);
    invariants::the_arena_is_hardly_larger_than_what_lives_at_once("fused", &fused, 1.6);
    counts_are_those_of_the_plan(&graph, &fused)?;
    numbers_are_finite(&graph)?;
    let tokens = expand(text.parse().map_err(|e| format!("{e}"))?, Backends { avx2: true, avx512: true });
    syn::parse2::<syn::File>(tokens).map_err(|e| format!("the output is no Rust: {e}"))?;
    Ok(())
}

fn graph(text: &str) -> Result<Graph, String> {
    let diagnostics = Diagnostics::new();
    let parsed = syntax::parse(text.parse().map_err(|e| format!("{e}"))?, &diagnostics);
    let nets = elaborate::elaborate(&parsed, blocks::TEXTS, &diagnostics);
    if let Some(error) = diagnostics.finish().first() {
        return Err(error.to_string());
    }
    nets.into_iter().next().and_then(Result::ok).ok_or_else(|| "no graph and no error".to_owned())
}

/// Every weight is counted once, and a batch norm is free just where the plan has none left.
fn counts_are_those_of_the_plan(graph: &Graph, plan: &Plan) -> Result<(), String> {
    let counted = cost::cost(graph);
    let parameters = graph.weights.iter().filter(|w| w.kind.is_parameter());
    let params: u64 = parameters.map(|w| w.shape.iter().product::<usize>() as u64).sum();
    if counted.total.params != params {
        return Err(format!("{} parameters are counted, there are {params}", counted.total.params));
    }
    let kept = plan.steps.iter().filter(|step| matches!(step.work, Work::Affine { .. })).count();
    let affine = |primitive| matches!(primitive, Primitive::BatchNorm { .. } | Primitive::ChannelScale);
    let layers = graph.nodes.iter().zip(&counted.layers);
    let paid = layers.filter(|(node, cost)| affine(node.op.lower()) && cost.flops > 0).count();
    // what nobody wants is counted, as the tools do, and not run
    let read = |t: &TensorId| graph.outputs.contains(t) || graph.nodes.iter().any(|node| node.inputs.contains(t));
    let all_read = graph.nodes.iter().all(|node| node.outputs.iter().any(read));
    if kept > paid || (all_read && kept < paid) {
        return Err(format!("{kept} norms run by themselves and {paid} are counted"));
    }
    Ok(())
}

fn numbers_are_finite(graph: &Graph) -> Result<(), String> {
    let weights = |name: &str| {
        let weight = graph.weights.iter().find(|w| w.name == name)?;
        let positive = matches!(weight.kind, WeightKind::Variance | WeightKind::Factor);
        Some(numbers(&weight.shape, if positive { 1.0 } else { 0.0 }))
    };
    let inputs: Vec<Array> = graph.inputs.iter().map(|(_, id)| numbers(&graph.shape(*id).dims(), 0.0)).collect();
    for output in reference::evaluate(graph, &weights, &inputs)? {
        if output.data.iter().any(|x| !x.is_finite()) {
            return Err("the reference gives numbers that are not finite".to_owned());
        }
    }
    Ok(())
}

/// Some numbers about a mean.
fn numbers(dims: &[usize], mean: f64) -> Array {
    let data =
        (0..dims.iter().product()).map(|i: usize| mean + ((i * 7919 % 101) as f64 / 101.0 - 0.5) * 0.8).collect();
    Array { dims: dims.to_vec(), data }
}
