//! Which nodes make one kernel call.

use super::gate::{Gate, gates};
use super::unary;
use crate::graph::{Graph, TensorId};
use crate::ops::{Axis, Binary, Primitive, Reduction};
use crate::plan::Unary;
use crate::shape::Shape;

/// A node as the fuser sees it: identities are gone, dead nodes too.
pub(super) struct Item {
    pub primitive: Primitive,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    /// Indices into [`Graph::weights`].
    pub weights: Vec<usize>,
    pub path: String,
    /// The layer's name, for whoever reads the plan.
    pub name: &'static str,
}

/// The graph with tensors that are the same memory made one.
pub(super) struct Flow {
    pub items: Vec<Item>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    /// Of the graph's tensors, then of those that the fuser added.
    pub shapes: Vec<Shape>,
    consumers: Vec<Vec<usize>>,
    producer: Vec<Option<usize>>,
}

impl Flow {
    pub fn of(graph: &Graph) -> Flow {
        let mut root: Vec<TensorId> = (0..graph.tensors.len()).map(TensorId).collect();
        let mut items = Vec::new();
        let mut shapes = graph.tensors.clone();
        for node in &graph.nodes {
            let inputs: Vec<_> = node.inputs.iter().map(|t| root[t.0]).collect();
            let primitive = node.op.lower();
            let same_memory = match primitive {
                Primitive::Identity => true,
                Primitive::Flatten => graph.shape(node.inputs[0]).pixels() == 1,
                _ => false,
            };
            if same_memory {
                root[node.outputs[0].0] = inputs[0];
            } else if matches!(primitive, Primitive::Sum) {
                items.extend(pairwise_sum(&inputs, node.outputs[0], &node.path, &mut shapes));
            } else {
                items.push(Item {
                    primitive,
                    inputs,
                    outputs: node.outputs.clone(),
                    weights: node.weights.iter().map(|w| w.0).collect(),
                    path: node.path.clone(),
                    name: node.op.name(),
                });
            }
        }
        let outputs: Vec<_> = graph.outputs.iter().map(|t| root[t.0]).collect();
        drop_dead(&mut items, &outputs, shapes.len());
        let mut consumers = vec![Vec::new(); shapes.len()];
        let mut producer = vec![None; shapes.len()];
        for (i, item) in items.iter().enumerate() {
            for t in &item.inputs {
                consumers[t.0].push(i);
            }
            for t in &item.outputs {
                producer[t.0] = Some(i);
            }
        }
        for list in &mut consumers {
            list.dedup();
        }
        Flow { items, inputs: graph.inputs.iter().map(|(_, t)| *t).collect(), outputs, shapes, consumers, producer }
    }

    /// The items that read a tensor, each once, in order.
    pub fn consumers(&self, t: TensorId) -> &[usize] {
        &self.consumers[t.0]
    }

    /// The item that computes a tensor; none for an input.
    pub fn producer(&self, t: TensorId) -> Option<usize> {
        self.producer[t.0]
    }

    pub fn shape(&self, t: TensorId) -> Shape {
        self.shapes[t.0]
    }

    pub fn is_output(&self, t: TensorId) -> bool {
        self.outputs.contains(&t)
    }

    /// Whether an item is a convolution of each channel by itself.
    pub fn is_depthwise(&self, item: usize) -> bool {
        let item = &self.items[item];
        let (input, output) = (self.shape(item.inputs[0]), self.shape(item.outputs[0]));
        matches!(item.primitive, Primitive::Conv { groups, .. } if groups == input.channels() && groups == output.channels())
    }

    /// Whether an item is the mean of each channel of a map.
    pub fn is_global_average(&self, item: usize) -> bool {
        let item = &self.items[item];
        let (input, output) = (self.shape(item.inputs[0]), self.shape(item.outputs[0]));
        matches!(item.primitive, Primitive::AdaptivePool(Reduction::Mean))
            && output.pixels() == 1
            && output.channels() == input.channels()
    }

    /// The only item that reads `t`, if there is just one and `t` is no output.
    pub fn sole_consumer(&self, t: TensorId) -> Option<usize> {
        match self.consumers(t) {
            [one] if !self.is_output(t) => Some(*one),
            _ => None,
        }
    }
}

/// A sum of several tensors as additions of two, from left to right.
fn pairwise_sum(inputs: &[TensorId], output: TensorId, path: &str, shapes: &mut Vec<Shape>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut sum = inputs[0];
    for (i, &next) in inputs.iter().enumerate().skip(1) {
        let is_last = i + 1 == inputs.len();
        let result = if is_last { output } else { TensorId(shapes.len()) };
        if !is_last {
            shapes.push(shapes[output.0]);
        }
        items.push(Item {
            primitive: Primitive::Binary(Binary::Add),
            inputs: vec![sum, next],
            outputs: vec![result],
            weights: Vec::new(),
            path: path.to_owned(),
            name: "Sum",
        });
        sum = result;
    }
    items
}

/// Items whose results nobody wants are not run.
fn drop_dead(items: &mut Vec<Item>, outputs: &[TensorId], tensors: usize) {
    let mut wanted = vec![false; tensors];
    for t in outputs {
        wanted[t.0] = true;
    }
    let mut live = vec![false; items.len()];
    for (i, item) in items.iter().enumerate().rev() {
        if item.outputs.iter().any(|t| wanted[t.0]) {
            live[i] = true;
            for t in &item.inputs {
                wanted[t.0] = true;
            }
        }
    }
    let mut live = live.into_iter();
    items.retain(|_| live.next().unwrap_or(false));
}

/// One kernel call to be.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The item that gives it its kernel.
    pub head: usize,
    /// Its last item: the group runs in that one's place.
    pub last: usize,
    /// Reads, without residual and gate.
    pub inputs: Vec<TensorId>,
    /// Written.
    pub outputs: Vec<TensorId>,
    /// A batch norm folded into the weights.
    pub norm: Option<usize>,
    /// Multiplied into the weights, a factor for each input channel.
    pub gate: Option<Gate>,
    pub act: Unary,
    pub residual: Option<TensorId>,
    pub after: Unary,
    /// Its items but the head, in the order in which they were taken in.
    pub members: Vec<usize>,
    /// Why it was not joined with its neighbours, where that could have been.
    pub apart: Option<String>,
}

impl Group {
    fn single(flow: &Flow, i: usize) -> Group {
        let item = &flow.items[i];
        let unary = unary::alone(&item.primitive);
        Group {
            head: i,
            last: i,
            inputs: item.inputs.clone(),
            outputs: item.outputs.clone(),
            norm: None,
            gate: None,
            act: unary,
            residual: None,
            after: Unary::default(),
            members: Vec::new(),
            apart: None,
        }
    }
}

/// Every item a group of its own.
pub(super) fn singles(flow: &Flow) -> Vec<Group> {
    (0..flow.items.len()).map(|i| Group::single(flow, i)).collect()
}

/// The groups of a flow, in the order in which they run.
pub(super) fn groups(flow: &Flow) -> Vec<Group> {
    let mut taken = vec![false; flow.items.len()];
    let gates = gates(flow, &mut taken);
    let shuffled = shuffled(flow, &mut taken);
    let mut groups = Vec::new();
    for i in 0..flow.items.len() {
        if taken[i] {
            continue;
        }
        taken[i] = true;
        let mut group = Group::single(flow, i);
        match flow.items[i].primitive {
            Primitive::Conv { .. } | Primitive::ConvTranspose { .. } => {
                if let Some(gate) = gates[i] {
                    group.inputs = vec![gate.map];
                    group.members.push(gate.product);
                    group.gate = Some(gate);
                }
                fold_norm(flow, &mut group, &mut taken);
                extend_act(flow, &mut group, &mut taken);
                add_residual(flow, &mut group, &mut taken);
            }
            Primitive::ChannelShuffle { .. } => {
                if let Some(concat) = shuffled[i] {
                    group.inputs = flow.items[concat].inputs.clone();
                    group.members.push(concat);
                }
            }
            Primitive::MaxPool(_)
            | Primitive::AvgPool { .. }
            | Primitive::AdaptivePool(_)
            | Primitive::BatchNorm { .. }
            | Primitive::ChannelScale
            | Primitive::LayerNorm { .. }
            | Primitive::GroupNorm { .. }
            | Primitive::ChannelConv { .. }
            | Primitive::MatMul
            | Primitive::Binary(_)
            | Primitive::Activation(_)
            | Primitive::Scalar { .. } => extend_act(flow, &mut group, &mut taken),
            _ => {}
        }
        groups.push(group);
    }
    groups.sort_by_key(|g| g.last);
    groups
}

/// For each shuffle of a concatenation of its groups that nobody else reads: that concatenation, which need not be made.
fn shuffled(flow: &Flow, taken: &mut [bool]) -> Vec<Option<usize>> {
    let mut shuffled = vec![None; flow.items.len()];
    for (c, concat) in flow.items.iter().enumerate() {
        let Primitive::Concat(Axis::Channels) = concat.primitive else { continue };
        let Some(s) = flow.sole_consumer(concat.outputs[0]) else { continue };
        let Primitive::ChannelShuffle { groups } = flow.items[s].primitive else { continue };
        let channels = |t: TensorId| flow.shape(t).channels();
        if concat.inputs.len() == groups && concat.inputs.iter().all(|&t| channels(t) == channels(concat.inputs[0])) {
            shuffled[s] = Some(c);
            taken[c] = true;
        }
    }
    shuffled
}

fn fold_norm(flow: &Flow, group: &mut Group, taken: &mut [bool]) {
    if let Some(next) = flow.sole_consumer(group.outputs[0])
        && matches!(flow.items[next].primitive, Primitive::BatchNorm { .. })
        && !taken[next]
    {
        taken[next] = true;
        group.norm = Some(next);
        group.members.push(next);
        group.last = next;
        group.outputs = flow.items[next].outputs.clone();
    }
}

fn extend_act(flow: &Flow, group: &mut Group, taken: &mut [bool]) {
    let found = unary::after(flow, group.outputs[0], taken);
    take_in(group, &found.items, taken);
    group.act = unary::then(&group.act, &found.unary);
    group.outputs = vec![found.output];
}

fn take_in(group: &mut Group, items: &[usize], taken: &mut [bool]) {
    for &i in items {
        taken[i] = true;
        group.last = group.last.max(i);
        group.members.push(i);
    }
}

/// Adds another tensor, computed earlier, and what follows the sum.
fn add_residual(flow: &Flow, group: &mut Group, taken: &mut [bool]) {
    let mine = group.outputs[0];
    let Some(sum) = flow.sole_consumer(mine) else { return };
    let item = &flow.items[sum];
    let (Primitive::Binary(Binary::Add), [a, b], false) = (&item.primitive, &item.inputs[..], taken[sum]) else {
        return;
    };
    let other = if *a == mine { *b } else { *a };
    // the operand computed last takes the other one in: so both are there when the group runs, and neither waits
    if other == mine || flow.shape(other) != flow.shape(mine) || flow.producer(other) > Some(group.last) {
        return;
    }
    take_in(group, &[sum], taken);
    group.residual = Some(other);
    group.outputs = item.outputs.clone();
    let found = unary::after(flow, group.outputs[0], taken);
    take_in(group, &found.items, taken);
    group.after = found.unary;
    group.outputs = vec![found.output];
}
