//! A net: its header, its body, and what they make of the graph.

use super::number::Fault;
use super::value::Value;
use super::{Elaborator, Frame, FrameKind};
use crate::diagnostics::Region;
use crate::graph::{Broken, Graph, Node, TensorId, Weight, WeightId};
use crate::shape::Shape;
use crate::syntax::ast::{Dims, Net};
use std::collections::HashMap;
use std::rc::Rc;

/// The graph of the net being elaborated.
#[derive(Default)]
pub(super) struct Building {
    pub(super) nodes: Vec<Node>,
    pub(super) tensors: Vec<Shape>,
    pub(super) weights: Vec<Weight>,
    /// Weights by name.
    pub(super) names: HashMap<String, Registered>,
    /// The shared layers being applied, outermost first, and which application of each it is.
    pub(super) sharing: Vec<(usize, usize)>,
}

/// A weight and the layer that wanted it first.
pub(super) struct Registered {
    pub(super) id: WeightId,
    pub(super) sharing: Vec<(usize, usize)>,
    pub(super) path: String,
    pub(super) layer: String,
    pub(super) region: Region,
    /// The blocks that it stands in, outermost first, and the user's tokens for each use of one.
    pub(super) uses: Vec<(String, Region)>,
}

/// Outputs of a net: tuples longer than that lack the traits that the API needs, as everywhere in Rust.
const MOST_OUTPUTS: usize = 12;

impl Building {
    /// A new tensor.
    pub(super) fn tensor(&mut self, shape: Shape) -> TensorId {
        self.tensors.push(shape);
        TensorId(self.tensors.len() - 1)
    }

    /// The shape of a tensor.
    pub(super) fn shape(&self, t: TensorId) -> Shape {
        self.tensors[t.0]
    }
}

impl Elaborator<'_> {
    /// Elaborates a net.
    pub(super) fn net(&mut self, net: &Net) -> Result<Graph, Broken> {
        self.graph = Building::default();
        self.path.clear();
        self.failed = net.broken;
        let name = net.name.to_string();
        let region = Region::from(net.name.span());
        let frame = Frame::new(FrameKind::Net, &name, self.own, region, region);
        let (inputs, outputs, agree) = self.in_frame(frame, |e| e.net_body(net));
        let (name, vis) = (net.name.clone(), net.vis.clone());
        let (attrs, conditions) = (net.attributes.passed.clone(), Rc::new(net.attributes.conditions.clone()));
        let building = std::mem::take(&mut self.graph);
        let count = net.outputs.as_ref().map(Vec::len).or(outputs.as_ref().map(Vec::len)).unwrap_or(1);
        match outputs {
            Some(outputs) => {
                let Building { nodes, tensors, weights, .. } = building;
                let contradicted = (!agree).then_some(count);
                Ok(Graph {
                    name,
                    vis,
                    attrs,
                    conditions,
                    budget: net.attributes.budget.clone(),
                    inputs,
                    outputs,
                    contradicted,
                    nodes,
                    tensors,
                    weights,
                })
            }
            None => Err(Broken { name, vis, attrs, conditions, inputs: net.inputs.len(), outputs: count }),
        }
    }

    /// The inputs, the outputs if nothing failed on the way to them, and whether they are as stated.
    fn net_body(&mut self, net: &Net) -> (Vec<(String, TensorId)>, Option<Vec<TensorId>>, bool) {
        if let Some(frame) = self.frames.last_mut() {
            frame.skip = net.attributes.skip.iter().map(|n| n.text.clone()).collect();
        }
        // All shapes before any name: a shape is made of constants.
        let shapes: Vec<Option<Shape>> = net.inputs.iter().map(|(_, dims)| self.shape(dims)).collect();
        let stated: Option<Vec<Option<Shape>>> =
            net.outputs.as_ref().map(|all| all.iter().map(|d| self.shape(d)).collect());
        let mut inputs = Vec::new();
        for ((name, _), shape) in net.inputs.iter().zip(shapes) {
            let value = match shape {
                Some(shape) => {
                    let t = self.graph.tensor(shape);
                    inputs.push((name.text.clone(), t));
                    Value::Tensor(t)
                }
                None => self.unknown(),
            };
            self.define(&name.text, value);
        }
        let output = self.body(&net.body);
        let outputs = self.outputs(output, net.body.result.region);
        let failed = self.failed;
        if let (Some(outputs), Some(stated)) = (&outputs, &stated) {
            self.check_outputs(outputs, stated, net.outputs.as_deref().unwrap_or_default());
        }
        let agree = std::mem::replace(&mut self.failed, failed) == failed;
        (inputs, outputs.filter(|_| !failed), agree)
    }

    /// The shape that is written; `None` after an error.
    fn shape(&mut self, dims: &Dims) -> Option<Shape> {
        let sizes = self.sizes(dims)?;
        let shape = match *sizes {
            [n] => Shape::Vector(n),
            [channels, height, width] => Shape::map(channels, height, width),
            _ => {
                let fault = Fault::new(format!("a shape is [C] or [C, H, W], found {} sizes", sizes.len()));
                let help = if sizes.len() == 4 {
                    "the batch is never named: leave the first size out"
                } else {
                    "an image of 224 x 224 pixels in colour is `[3, 224, 224]`"
                };
                self.fault(dims.region, fault.help(help));
                return None;
            }
        };
        if !shape.is_addressable() {
            self.error(dims.region, format!("{shape} is too large: a tensor has at most 2^31 elements"));
            return None;
        }
        Some(shape)
    }

    /// The tensors that a net gives; `None` after an error.
    fn outputs(&mut self, output: Value, region: Region) -> Option<Vec<TensorId>> {
        let values = match &output {
            Value::Unknown => {
                self.failed = true;
                return None;
            }
            Value::Tuple(items) if !items.is_empty() => items.to_vec(),
            one => vec![one.clone()],
        };
        if values.len() > MOST_OUTPUTS {
            let message = format!("a net gives at most {MOST_OUTPUTS} tensors, found {}", values.len());
            self.fault(region, Fault::new(message).help("`Concat` makes one of several, slices take them apart again"));
            return None;
        }
        let mut ids = Vec::new();
        for value in values {
            match value {
                Value::Tensor(t) => ids.push(t),
                Value::Unknown => {
                    self.failed = true;
                    return None;
                }
                other => {
                    let fault =
                        Fault::new(format!("a net gives a tensor or a tuple of tensors, found {}", other.describe()));
                    let help = if other.is_layer() {
                        "apply the layer: `x -> [A, B]`"
                    } else {
                        "the last expression is the result"
                    };
                    self.fault(region, fault.help(help));
                    return None;
                }
            }
        }
        Some(ids)
    }

    fn check_outputs(&mut self, outputs: &[TensorId], stated: &[Option<Shape>], dims: &[Dims]) {
        if let (false, Some(first), Some(last)) = (outputs.len() == stated.len(), dims.first(), dims.last()) {
            let (found, stated) = (outputs.len(), stated.len());
            self.error(
                first.region.to(last.region),
                format!(
                    "{stated} output{} stated, and the net gives {found}",
                    if stated == 1 { " is" } else { "s are" }
                ),
            );
            return;
        }
        for ((t, stated), dims) in outputs.iter().zip(stated).zip(dims) {
            let found = self.graph.shape(*t);
            if let Some(stated) = stated.filter(|s| *s != found) {
                let fault = Fault::new(format!("the output is stated to be {stated}, and the net gives {found}"));
                let help = match (stated, found) {
                    (Shape::Vector(_), Shape::Map { .. }) => {
                        "`GlobalAvgPool` or `Flatten` makes a vector of a map".to_owned()
                    }
                    _ => format!("write `-> {found}`, or correct the last layers"),
                };
                self.fault(dims.region, fault.help(help));
            }
        }
    }
}
