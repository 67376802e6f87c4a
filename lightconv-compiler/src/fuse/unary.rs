//! Finds functions of one number: the nodes after a tensor that compute, element by element, from that tensor alone.

use super::group::{Flow, Item};
use crate::graph::TensorId;
use crate::ops::Primitive;
use crate::plan::{Unary, UnaryOp};
use std::collections::{HashMap, HashSet};

/// Nodes looked at after a tensor: chains longer than this are rare, and a bound keeps the search linear.
const MOST: usize = 48;

/// A function that takes over from a tensor.
pub(super) struct Found {
    /// The function.
    pub unary: Unary,
    /// Its nodes, as indices into [`Flow::items`].
    pub items: Vec<usize>,
    /// Its result.
    pub output: TensorId,
}

/// The longest function of `start` alone whose intermediate results nobody else wants; `taken` items are not available.
pub(super) fn after(flow: &Flow, start: TensorId, taken: &[bool]) -> Found {
    let none = || Found { unary: Unary::default(), items: Vec::new(), output: start };
    if flow.is_output(start) {
        return none();
    }
    let region = region(flow, start, taken);
    for end in (0..region.len()).rev() {
        let exit = flow.items[region[end]].outputs[0];
        let used = ancestors(flow, &region[..=end], start, exit);
        if is_closed(flow, &used, start, exit) {
            return Found { unary: program(flow, &used, start), output: exit, items: used };
        }
    }
    none()
}

/// The element-wise items that depend on `start` and on nothing else, in order.
fn region(flow: &Flow, start: TensorId, taken: &[bool]) -> Vec<usize> {
    let mut within = HashSet::from([start]);
    let mut region = Vec::new();
    let mut queue: Vec<usize> = flow.consumers(start).to_vec();
    while !queue.is_empty() && region.len() < MOST {
        queue.sort_unstable();
        queue.dedup();
        let i = queue.remove(0);
        let item = &flow.items[i];
        if !taken[i] && is_elementwise(item) && item.inputs.iter().all(|t| within.contains(t)) {
            within.insert(item.outputs[0]);
            region.push(i);
            queue.extend(flow.consumers(item.outputs[0]));
        }
    }
    region
}

fn is_elementwise(item: &Item) -> bool {
    matches!(item.primitive, Primitive::Activation(_) | Primitive::Scalar { .. } | Primitive::Binary(_))
}

/// Those of `region` that `exit` depends on, in order.
fn ancestors(flow: &Flow, region: &[usize], start: TensorId, exit: TensorId) -> Vec<usize> {
    let mut wanted = HashSet::from([exit]);
    let mut used = Vec::new();
    for &i in region.iter().rev() {
        let item = &flow.items[i];
        if wanted.contains(&item.outputs[0]) {
            wanted.extend(item.inputs.iter().filter(|&&t| t != start));
            used.push(i);
        }
    }
    used.reverse();
    used
}

/// Whether nobody outside `used` wants `start` or a result within, `exit` aside.
fn is_closed(flow: &Flow, used: &[usize], start: TensorId, exit: TensorId) -> bool {
    let inner = used.iter().map(|&i| flow.items[i].outputs[0]).filter(|&t| t != exit);
    std::iter::once(start)
        .chain(inner)
        .all(|t| !flow.is_output(t) && flow.consumers(t).iter().all(|c| used.contains(c)))
}

fn program(flow: &Flow, used: &[usize], start: TensorId) -> Unary {
    let mut value = HashMap::from([(start, 0)]);
    let mut ops = Vec::new();
    for &i in used {
        let item = &flow.items[i];
        let operand = |k: usize| value[&item.inputs[k]];
        ops.push(match item.primitive {
            Primitive::Activation(a) => UnaryOp::Activation(a, operand(0)),
            Primitive::Scalar { op, scalar, reversed } => UnaryOp::Scalar { op, scalar, reversed, value: operand(0) },
            Primitive::Binary(op) => UnaryOp::Binary(op, operand(0), operand(1)),
            _ => unreachable!("the region holds element-wise items only"),
        });
        value.insert(item.outputs[0], ops.len());
    }
    Unary { ops }
}

/// The function that an item is on its own; the identity where it is none.
pub(super) fn alone(primitive: &Primitive) -> Unary {
    let ops = match *primitive {
        Primitive::Activation(a) => vec![UnaryOp::Activation(a, 0)],
        Primitive::Scalar { op, scalar, reversed } => vec![UnaryOp::Scalar { op, scalar, reversed, value: 0 }],
        _ => Vec::new(),
    };
    Unary { ops }
}

/// First `a`, then `b`.
pub(super) fn then(a: &Unary, b: &Unary) -> Unary {
    let shift = a.ops.len();
    let ops = b.ops.iter().map(|op| match *op {
        UnaryOp::Activation(f, v) => UnaryOp::Activation(f, v + shift),
        UnaryOp::Scalar { op, scalar, reversed, value } => {
            UnaryOp::Scalar { op, scalar, reversed, value: value + shift }
        }
        UnaryOp::Binary(op, x, y) => UnaryOp::Binary(op, x + shift, y + shift),
    });
    Unary { ops: a.ops.iter().copied().chain(ops).collect() }
}
