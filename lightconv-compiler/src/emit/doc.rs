//! The documentation that `cargo doc` shows for a net: its layers, its counts, the weights it wants.

use super::Net;
use crate::shape::Shape;
use std::fmt::Write;

/// The documentation, Markdown.
pub(super) fn text(net: Net) -> String {
    let graph = net.graph;
    let shapes = |ts: Vec<Shape>| ts.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
    let inputs: Vec<_> = graph.inputs.iter().map(|(name, t)| format!("`{name}: {}`", graph.shape(*t))).collect();
    let outputs = shapes(graph.outputs.iter().map(|&t| graph.shape(t)).collect());
    let total = net.cost.total;
    let arena = net.layout.len * size_of::<f32>();
    let mut out = format!(
        "\n\nA net compiled by `lightnet!`: {} → {outputs}.\n\n\
         | parameters | multiply-accumulates | operations | ptflops | fvcore | workspace, bytes |\n\
         |---|---|---|---|---|---|\n\
         | {} | {} | {} | {} | {} | {} |\n\n# Layers\n\n\
         | layer | operator | output | parameters | multiply-accumulates |\n|---|---|---|---|---|\n",
        inputs.join(", "),
        thousands(total.params),
        thousands(total.macs),
        thousands(total.flops),
        thousands(total.ptflops),
        thousands(total.fvcore),
        thousands(arena as u64),
    );
    for (node, cost) in graph.nodes.iter().zip(&net.cost.layers) {
        let (shape, operator) = (graph.shape(node.outputs[0]), node.op.describe());
        let (params, macs) = (thousands(cost.params), thousands(cost.macs));
        let _ = writeln!(out, "| {} | `{operator}` | `{shape}` | {params} | {macs} |", code(&node.path));
    }
    out.push_str("\n# Weights\n\nWanted by `load` and `from_weights`:\n\n| name | shape |\n|---|---|\n");
    for weight in &graph.weights {
        let _ = writeln!(out, "| {} | `{:?}` |", code(&weight.name), weight.shape);
    }
    out
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// `1234567` as `1 234 567`.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}
