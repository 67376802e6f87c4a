//! Checks `#[budget(…)]`: `Graph`, `NetCost` and `Layout` → errors.

use crate::arena::Layout;
use crate::cost::{LayerCost, NetCost};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::graph::{Budget, BudgetKind, Graph};
use std::fmt::Write;

/// Whether the net keeps within its budget; what exceeds it is an error each.
pub fn check(graph: &Graph, cost: &NetCost, layout: &Layout, diagnostics: &Diagnostics) -> bool {
    let exceeded: Vec<_> = graph.budget.iter().filter(|b| is_exceeded(b, spent(b.kind, cost, layout))).collect();
    for budget in &exceeded {
        diagnostics.push(error(budget, graph, cost, layout));
    }
    exceeded.is_empty()
}

fn spent(kind: BudgetKind, cost: &NetCost, layout: &Layout) -> u64 {
    match kind {
        BudgetKind::Params => cost.total.params,
        BudgetKind::Macs => cost.total.macs,
        BudgetKind::Flops => cost.total.flops,
        BudgetKind::Ptflops => cost.total.ptflops,
        BudgetKind::Fvcore => cost.total.fvcore,
        BudgetKind::Arena => (layout.len * size_of::<f32>()) as u64,
    }
}

fn is_exceeded(budget: &Budget, spent: u64) -> bool {
    spent > budget.limit || (budget.strict && spent == budget.limit)
}

fn error(budget: &Budget, graph: &Graph, cost: &NetCost, layout: &Layout) -> Diagnostic {
    let spent = spent(budget.kind, cost, layout);
    let (name, net) = (name(budget.kind), &graph.name);
    let comparison = if budget.strict { "<" } else { "<=" };
    let message = format!(
        "net `{net}` exceeds its budget: {name} = {}, the budget is {name} {comparison} {}",
        grouped(spent),
        grouped(budget.limit)
    );
    let diagnostic = Diagnostic::new(budget.region, message);
    let costliest = costliest(budget.kind, graph, cost);
    if costliest.is_empty() { diagnostic } else { diagnostic.help(format!("the costliest layers: {costliest}")) }
}

fn name(kind: BudgetKind) -> &'static str {
    match kind {
        BudgetKind::Params => "params",
        BudgetKind::Macs => "macs",
        BudgetKind::Flops => "flops",
        BudgetKind::Ptflops => "ptflops",
        BudgetKind::Fvcore => "fvcore",
        BudgetKind::Arena => "arena",
    }
}

/// The three layers that spend most: by parameters, by multiply-accumulates, or for the arena by the size of their output.
fn costliest(kind: BudgetKind, graph: &Graph, cost: &NetCost) -> String {
    let spends = |node: usize, layer: &LayerCost| match kind {
        BudgetKind::Params => layer.params,
        BudgetKind::Arena => (graph.shape(graph.nodes[node].outputs[0]).elements() * size_of::<f32>()) as u64,
        BudgetKind::Macs | BudgetKind::Flops | BudgetKind::Ptflops | BudgetKind::Fvcore => layer.macs,
    };
    let mut layers: Vec<_> =
        cost.layers.iter().enumerate().map(|(i, layer)| (spends(i, layer), i)).filter(|l| l.0 > 0).collect();
    layers.sort_by_key(|&(spent, i)| (std::cmp::Reverse(spent), i));
    let mut out = String::new();
    for (spent, i) in layers.into_iter().take(3) {
        let node = &graph.nodes[i];
        let separator = if out.is_empty() { "" } else { ", " };
        let path = if node.path.is_empty() { String::new() } else { format!("`{}` ", node.path) };
        let _ = write!(out, "{separator}{path}{} ({})", node.op.describe(), grouped(spent));
    }
    out
}

/// `1234567` as `1_234_567`, as one writes it in Rust.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('_');
        }
        out.push(c);
    }
    out
}
