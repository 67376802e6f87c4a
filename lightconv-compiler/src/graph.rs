//! What the elaborator hands on: operators with shapes, weights with names, all resolved.

use crate::diagnostics::Region;
use crate::ops::{Operator, WeightKind};
use crate::shape::Shape;
use proc_macro2::{Ident, TokenStream};
use std::rc::Rc;

/// Index of a tensor in [`Graph::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub usize);

/// Index of a weight in [`Graph::weights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WeightId(pub usize);

/// Index of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// One use of an operator.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub op: Rc<dyn Operator>,
    /// Operands.
    pub inputs: Vec<TensorId>,
    /// Results, as [`Operator::outputs`] has them.
    pub outputs: Vec<TensorId>,
    /// As [`Operator::weights`] has them.
    pub weights: Vec<WeightId>,
    /// The weights' path, e.g. `blocks.3.conv.0`; for a layer without weights, where it stands.
    pub path: String,
    /// The user's tokens it came from.
    pub region: Region,
    /// Whether `#[ptflops(skip = […])]` passes over it.
    pub ptflops_skip: bool,
}

/// A tensor wanted from the weights file.
#[derive(Clone, Debug)]
pub struct Weight {
    /// The full name in the `state_dict`.
    pub name: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// What it is for.
    pub kind: WeightKind,
}

/// What `#[budget(…)]` can bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetKind {
    /// Parameters.
    Params,
    /// Multiply-accumulates.
    Macs,
    /// Operations.
    Flops,
    /// ptflops' total.
    Ptflops,
    /// fvcore's total.
    Fvcore,
    /// Bytes of the arena.
    Arena,
}

/// One term of a budget: `macs <= 6M`.
#[derive(Clone, Debug)]
pub struct Budget {
    /// What.
    pub kind: BudgetKind,
    /// At most this (less than `limit` when `strict`).
    pub limit: u64,
    /// `<` rather than `<=`.
    pub strict: bool,
    /// The term's tokens.
    pub region: Region,
}

/// A net, resolved.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Its name.
    pub name: Ident,
    /// Its visibility.
    pub vis: TokenStream,
    /// Doc comments and attributes to pass through.
    pub attrs: TokenStream,
    /// Those of the attributes that say whether the net is there at all.
    pub conditions: Rc<TokenStream>,
    /// Budgets.
    pub budget: Vec<Budget>,
    /// Names and tensors of the inputs.
    pub inputs: Vec<(String, TensorId)>,
    /// Tensors of the outputs, in order.
    pub outputs: Vec<TensorId>,
    /// The number of outputs that it states, where what it states is not what it gives. That was reported, and such a net
    /// is not to be run; its costs can be told.
    pub contradicted: Option<usize>,
    /// In an order in which they can run.
    pub nodes: Vec<Node>,
    /// Shapes of all tensors.
    pub tensors: Vec<Shape>,
    /// All weights, each once, in the order of first use.
    pub weights: Vec<Weight>,
}

impl Graph {
    /// The shape of a tensor.
    #[must_use]
    pub fn shape(&self, t: TensorId) -> Shape {
        self.tensors[t.0]
    }
}

/// What is known of a net that has errors: enough that its type still exists.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Its name.
    pub name: Ident,
    /// Its visibility.
    pub vis: TokenStream,
    /// Doc comments and attributes to pass through.
    pub attrs: TokenStream,
    /// Those of the attributes that say whether the net is there at all.
    pub conditions: Rc<TokenStream>,
    /// How many inputs it has.
    pub inputs: usize,
    /// How many outputs it has, where that is known.
    pub outputs: usize,
}

impl From<&Graph> for Broken {
    fn from(graph: &Graph) -> Broken {
        Broken {
            name: graph.name.clone(),
            vis: graph.vis.clone(),
            attrs: graph.attrs.clone(),
            conditions: graph.conditions.clone(),
            inputs: graph.inputs.len(),
            outputs: graph.contradicted.unwrap_or(graph.outputs.len()),
        }
    }
}
