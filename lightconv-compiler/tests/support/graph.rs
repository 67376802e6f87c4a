//! Graphs built by hand, for tests that want no front end.

use super::layer;
use lightconv_compiler::diagnostics::Region;
use lightconv_compiler::graph::{Graph, Node, TensorId, Weight, WeightId};
use lightconv_compiler::ops::Operator;
use lightconv_compiler::shape::Shape;
use proc_macro2::{Ident, Span, TokenStream};
use std::rc::Rc;

/// A graph as it grows.
pub struct Builder {
    graph: Graph,
}

impl Builder {
    /// A net `Test` with one input, `x`.
    pub fn new(input: Shape) -> (Builder, TensorId) {
        let x = TensorId(0);
        let graph = Graph {
            name: Ident::new("Test", Span::call_site()),
            vis: TokenStream::new(),
            attrs: TokenStream::new(),
            conditions: Rc::default(),
            budget: Vec::new(),
            inputs: vec![("x".to_owned(), x)],
            outputs: Vec::new(),
            contradicted: None,
            nodes: Vec::new(),
            tensors: vec![input],
            weights: Vec::new(),
        };
        (Builder { graph }, x)
    }

    /// A layer from its text; weights of a name that is there already are shared.
    pub fn layer(&mut self, path: &str, text: &str, input: TensorId) -> TensorId {
        let op = layer(text, &[self.graph.shape(input)]).unwrap_or_else(|e| panic!("{path} {text}: {}", e.message));
        self.op(path, op, &[input])
    }

    /// An operator of one output.
    pub fn op(&mut self, path: &str, op: Rc<dyn Operator>, inputs: &[TensorId]) -> TensorId {
        let output = TensorId(self.graph.tensors.len());
        self.graph.tensors.push(op.outputs()[0]);
        let weights = op.weights().into_iter().map(|spec| {
            let name = format!("{path}.{}", spec.name);
            let known = self.graph.weights.iter().position(|w| w.name == name);
            WeightId(known.unwrap_or_else(|| {
                self.graph.weights.push(Weight { name, shape: spec.shape, kind: spec.kind });
                self.graph.weights.len() - 1
            }))
        });
        let weights = weights.collect();
        self.graph.nodes.push(Node {
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
            weights,
            path: path.to_owned(),
            region: Region::call_site(),
            ptflops_skip: false,
        });
        output
    }

    /// The shape of a tensor.
    pub fn shape(&self, t: TensorId) -> Shape {
        self.graph.shape(t)
    }

    /// The graph with that output.
    pub fn finish(mut self, output: TensorId) -> Graph {
        self.graph.outputs = vec![output];
        self.graph
    }
}
