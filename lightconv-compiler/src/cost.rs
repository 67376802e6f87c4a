//! What a net costs, by each convention: parameters, multiply-accumulates, operations, and the totals of ptflops and fvcore.
//!
//! The conventions themselves stand with each operator ([`Operator::cost`](crate::ops::Operator::cost)); here they are added
//! up, shared weights once, and batch norms that fold into a convolution are free in `flops`.

use crate::graph::{Graph, Node, TensorId};
use crate::ops::Primitive;
use std::collections::HashSet;

/// A cost by each convention; sums stop at `u64::MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Learnable scalars, each counted once: `sum(p.numel() for p in model.parameters())`.
    pub params: u64,
    /// Multiply-accumulates of convolutions and linear layers; taps in the padding count.
    pub macs: u64,
    /// Twice the multiply-accumulates, and one for each element-wise operation on an element after batch-norm folding
    /// (activations, arithmetic, softmax; a batch norm that does not fold is two, and so are layer and group norms; biases, pools
    /// and the statistics of norms are free); two for each product of `MatMul` and `Attention`.
    pub flops: u64,
    /// What ptflops 0.7.5 reports (`pytorch` back end, its default).
    pub ptflops: u64,
    /// What fvcore 0.1.5 reports: `FlopCountAnalysis(…).total()`.
    pub fvcore: u64,
}

/// The cost of one node.
pub type LayerCost = Cost;

/// The cost of a net.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetCost {
    /// In all.
    pub total: Cost,
    /// Of each of [`Graph::nodes`]. Weights shared by several nodes are counted at the first.
    pub layers: Vec<LayerCost>,
}

/// Counts a net.
#[must_use]
pub fn cost(graph: &Graph) -> NetCost {
    let uses = Uses::of(graph);
    let mut counted = HashSet::new();
    let mut net = NetCost::default();
    for node in &graph.nodes {
        let op = node.op.cost();
        let new_weights = node.weights.iter().filter(|id| counted.insert(**id)).map(|id| &graph.weights[id.0]);
        let params = new_weights.filter(|w| w.kind.is_parameter()).map(|w| numel(&w.shape));
        let elementwise = if uses.folds(node) { 0 } else { op.elementwise };
        let layer = LayerCost {
            params: params.fold(0, u64::saturating_add),
            macs: op.macs,
            flops: op.macs.saturating_mul(2).saturating_add(elementwise),
            ptflops: if node.ptflops_skip { 0 } else { op.ptflops },
            fvcore: op.fvcore,
        };
        net.total = net.total.plus(layer);
        net.layers.push(layer);
    }
    net
}

impl Cost {
    /// The sum, at most `u64::MAX`.
    #[must_use]
    pub fn plus(self, other: Cost) -> Cost {
        Cost {
            params: self.params.saturating_add(other.params),
            macs: self.macs.saturating_add(other.macs),
            flops: self.flops.saturating_add(other.flops),
            ptflops: self.ptflops.saturating_add(other.ptflops),
            fvcore: self.fvcore.saturating_add(other.fvcore),
        }
    }
}

fn numel(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |n, &size| n.saturating_mul(size as u64))
}

/// Who makes each tensor and how often it is read; what an identity gives is the tensor that it takes.
struct Uses {
    same_as: Vec<TensorId>,
    made_by_convolution: Vec<bool>,
    readers: Vec<usize>,
}

impl Uses {
    fn of(graph: &Graph) -> Uses {
        let tensors = graph.tensors.len();
        let mut uses = Uses {
            same_as: (0..tensors).map(TensorId).collect(),
            made_by_convolution: vec![false; tensors],
            readers: vec![0; tensors],
        };
        for node in &graph.nodes {
            let primitive = node.op.lower();
            if let (Primitive::Identity, [input], [output]) = (&primitive, &node.inputs[..], &node.outputs[..]) {
                uses.same_as[output.0] = uses.same_as[input.0];
                continue;
            }
            let convolution = matches!(primitive, Primitive::Conv { .. } | Primitive::ConvTranspose { .. });
            for t in &node.outputs {
                uses.made_by_convolution[t.0] = convolution;
            }
            for t in &node.inputs {
                uses.readers[uses.same_as[t.0].0] += 1;
            }
        }
        for t in &graph.outputs {
            uses.readers[uses.same_as[t.0].0] += 1;
        }
        uses
    }

    /// Whether a node is a batch norm that disappears into the convolution before it, which nobody else reads.
    fn folds(&self, node: &Node) -> bool {
        let alone = |t: TensorId| self.made_by_convolution[t.0] && self.readers[t.0] == 1;
        matches!(node.op.lower(), Primitive::BatchNorm { .. }) && node.inputs.iter().all(|t| alone(self.same_as[t.0]))
    }
}
