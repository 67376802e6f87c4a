//! A net as text: its plan, and its graph in Graphviz' language.

use super::{Backends, Net, steps};
use crate::graph::{Graph, TensorId};
use crate::plan::Home;
use std::collections::HashMap;
use std::fmt::Write;

/// The steps, each with its tiles and why it is one, then the buffers in the arena.
pub(super) fn plan(net: Net, backends: Backends) -> String {
    let mut text = String::new();
    for step in &net.plan.steps {
        let _ = writeln!(text, "{}", net.plan.line(step));
        let tiles = steps::chosen(backends).into_iter().rev();
        let tiles =
            tiles.filter_map(|b| Some(format!("{} {}", b.suffix, step.work.tiling(b.machine, net.plan.options)?)));
        let tiles = tiles.collect::<Vec<_>>().join(", ");
        if !tiles.is_empty() {
            let _ = writeln!(text, "  tiles: {tiles}");
        }
        let scratch: Vec<_> = step.work.scratch().iter().map(|view| format!("t{}", view.buffer.0)).collect();
        if !scratch.is_empty() {
            let _ = writeln!(text, "  scratch: {}", scratch.join(", "));
        }
        for why in &step.why {
            let _ = writeln!(text, "  {why}");
        }
    }
    let buffers = net.plan.buffers.iter().zip(&net.layout.offsets).enumerate();
    for (i, (buffer, offset)) in buffers.filter(|(_, (buffer, _))| buffer.home == Home::Arena) {
        if let Some(at) = offset {
            let _ = writeln!(text, "t{i}: floats {at}..{} of the arena", at + buffer.len);
        }
    }
    text
}

/// A node for each input, layer and output, an edge with its shape for each tensor that flows.
pub(super) fn dot(graph: &Graph) -> String {
    let mut text = format!("digraph {} {{\n  node [shape=box];\n", quoted(&graph.name.to_string()));
    let mut sources: HashMap<TensorId, String> = HashMap::new();
    for (i, (name, t)) in graph.inputs.iter().enumerate() {
        let _ = writeln!(text, "  x{i} [shape=oval, label={}];", quoted(name));
        sources.insert(*t, format!("x{i}"));
    }
    let edge = |text: &mut String, sources: &HashMap<TensorId, String>, t: TensorId, to: &str| {
        if let Some(from) = sources.get(&t) {
            let _ = writeln!(text, "  {from} -> {to} [label={}];", quoted(&graph.shape(t).to_string()));
        }
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        let id = format!("n{i}");
        let label =
            if node.path.is_empty() { node.op.describe() } else { format!("{}\n{}", node.path, node.op.describe()) };
        let _ = writeln!(text, "  {id} [label={}];", quoted(&label));
        for &t in &node.inputs {
            edge(&mut text, &sources, t, &id);
        }
        sources.extend(node.outputs.iter().map(|&t| (t, id.clone())));
    }
    for (i, &t) in graph.outputs.iter().enumerate() {
        let _ = writeln!(text, "  y{i} [shape=oval, label={}];", quoted(&format!("output {i}")));
        edge(&mut text, &sources, t, &format!("y{i}"));
    }
    text + "}\n"
}

/// A string of Graphviz' language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
