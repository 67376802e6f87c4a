//! Application of layers to tensors: flows, lists, shared layers, layers built in; nodes and their weights.

use super::args::BoundLayer;
use super::net::Registered;
use super::number::Fault;
use super::value::{Callee, Given, Item, Shared, Value};
use super::{Elaborator, FrameKind, MAX_NODES};
use crate::diagnostics::Region;
use crate::graph::{Node, TensorId, Weight, WeightId};
use crate::ops::{self, LayerSpec, OpError, Operator};
use crate::shape::{MAX_ELEMENTS, Shape};
use crate::syntax::ast::{Expr, Step};
use std::rc::Rc;

/// Layers that give a tuple even where it has one entry, as PyTorch's functions do.
const ALWAYS_TUPLES: &[&str] = &["Chunk", "Split"];

impl Elaborator<'_> {
    /// `source -> label: Layer -> …`
    pub(super) fn flow(&mut self, source: &Expr, steps: &[Step]) -> Value {
        let mut value = self.eval(source);
        if !matches!(value, Value::Tensor(_) | Value::Tuple(_) | Value::Unknown) {
            let fault = Fault::new(format!("only tensors flow, found {}", value.describe()));
            let fault = match &value {
                Value::Layer(_) | Value::Shared(_) => fault.help("layers in sequence are a list: `[A, B]`"),
                _ => fault,
            };
            value = self.fault(source.region, fault);
        }
        for step in steps {
            value = self.step(step, value);
        }
        value
    }

    fn step(&mut self, step: &Step, input: Value) -> Value {
        let layer = self.layer(&step.layer);
        let at = self.at(step.layer.region);
        let Some(label) = &step.label else { return self.apply(&layer, input, at) };
        let Some(text) = self.label(label) else {
            self.apply(&layer, Value::Unknown, at);
            return self.unknown();
        };
        let nodes = self.graph.nodes.len();
        let output = self.labelled(&text, |e| e.apply(&layer, input, at));
        if let Value::Shared(shared) = &layer
            && self.graph.nodes[nodes..].iter().any(|n| !n.weights.is_empty())
        {
            let fault = Fault::new(format!(
                "the weights of the layer `{}` are named already, and a label cannot name them again",
                shared.path
            ));
            return self
                .fault(label.text.region, fault.help("apply it without a label, or name it in its `layer` statement"));
        }
        output
    }

    /// Applies a layer to its input; `at` are the user's tokens for the layer.
    pub(super) fn apply(&mut self, layer: &Value, input: Value, at: Region) -> Value {
        if !self.spend(at) {
            return self.unknown();
        }
        match layer {
            Value::Unknown => self.unknown(),
            Value::List(items) => self.apply_list(&items.clone(), input, at),
            Value::Labelled(item) => {
                let item = item.clone();
                self.nested(at, |e| e.labelled(&item.name(), |e| e.apply(&item.value, input, item.region)))
            }
            Value::Shared(shared) => self.apply_shared(&shared.clone(), input, at),
            Value::Layer(l) => match &l.callee {
                Callee::Op(spec) => self.apply_op(spec, &l.args, input, at),
                Callee::Block(definition) => {
                    let (definition, args) = (definition.clone(), l.args.clone());
                    self.nested(at, |e| e.apply_block(&definition, &args, input, at))
                }
            },
            other => {
                let fault = Fault::new(format!("expected a layer, found {}", other.describe()));
                let fault = match other {
                    Value::None => fault.help("the layer that does nothing is `[]` or `Identity`"),
                    Value::Tensor(_) => fault.help("tensors are joined by `(x, y) -> Concat` and added by `x + y`"),
                    _ => fault,
                };
                self.fault_at(at, fault)
            }
        }
    }

    fn apply_list(&mut self, items: &Rc<Vec<Item>>, input: Value, at: Region) -> Value {
        self.nested(at, |e| {
            let mut value = input;
            for item in items.iter() {
                value = e.labelled(&item.name(), |e| e.apply(&item.value, value, item.region));
            }
            value
        })
    }

    fn apply_shared(&mut self, shared: &Rc<Shared>, input: Value, at: Region) -> Value {
        let application = shared.applications.get() + 1;
        shared.applications.set(application);
        let path = std::mem::replace(&mut self.path, shared.path.clone());
        self.graph.sharing.push((shared.id, application));
        let output = self.nested(at, |e| e.apply(&shared.value, input, at));
        self.graph.sharing.pop();
        self.path = path;
        output
    }

    fn apply_op(&mut self, spec: &'static LayerSpec, args: &[Given], input: Value, at: Region) -> Value {
        let Some(bound) = self.bind_layer(spec, args, at) else { return Value::Unknown };
        let inputs = self.tensors(spec.name, &input, at).filter(|_| bound.unknown.is_empty());
        let Some(inputs) = inputs else {
            return match ops::check_values(spec, &bound.bound) {
                Err(e) if e.argument.is_none_or(|a| !bound.unknown.contains(&a)) => self.refuse(&bound, e, at),
                _ => self.unknown(),
            };
        };
        let shapes: Vec<Shape> = inputs.iter().map(|t| self.graph.shape(*t)).collect();
        match (spec.build)(&bound.bound, &shapes) {
            Ok(op) => {
                let Some(outputs) = self.node(op, &inputs, at) else { return Value::Unknown };
                match outputs.as_slice() {
                    [one] if !ALWAYS_TUPLES.contains(&spec.name) => Value::Tensor(*one),
                    _ => Value::Tuple(Rc::new(outputs.into_iter().map(Value::Tensor).collect())),
                }
            }
            Err(e) => self.refuse(&bound, e, at),
        }
    }

    /// Reports why a layer refuses its arguments or inputs, at the argument at fault.
    fn refuse(&mut self, bound: &BoundLayer, e: OpError, at: Region) -> Value {
        let at = e.argument.and_then(|a| bound.region(a)).unwrap_or(at);
        self.fault_at(at, Fault { message: e.message, help: e.help })
    }

    /// The tensors that flow into a layer; `None` where one is unknown, or after an error.
    fn tensors(&mut self, layer: &str, input: &Value, at: Region) -> Option<Vec<TensorId>> {
        let values = match input {
            Value::Tuple(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut ids = Vec::new();
        for value in values {
            match value {
                Value::Tensor(t) => ids.push(*t),
                Value::Unknown => return None,
                other => {
                    self.fault_at(at, Fault::new(format!("`{layer}` wants tensors, found {}", other.describe())));
                    return None;
                }
            }
        }
        Some(ids)
    }

    /// Adds an operator to the graph; `None` after an error.
    pub(super) fn node(&mut self, op: Rc<dyn Operator>, inputs: &[TensorId], at: Region) -> Option<Vec<TensorId>> {
        self.budget.nodes += 1;
        if self.budget.nodes > MAX_NODES {
            self.exhaust(at, format!("the nets of this invocation have more than {MAX_NODES} layers"));
            return None;
        }
        let shapes = op.outputs();
        if let Some(shape) = shapes.iter().find(|s| !s.is_addressable()) {
            let fault = Fault::new(format!(
                "the output {shape} of `{}` is too large: a tensor has at most 2^31 elements",
                op.describe()
            ));
            self.fault_at(at, fault);
            return None;
        }
        let weights = self.weights(&*op, at)?;
        let outputs: Vec<TensorId> = shapes.into_iter().map(|s| self.graph.tensor(s)).collect();
        let ptflops_skip = self.frames.iter().any(|f| f.skip.iter().any(|s| s == op.name()));
        let (inputs, path) = (inputs.to_vec(), self.path.clone());
        self.graph.nodes.push(Node { op, inputs, outputs: outputs.clone(), weights, path, region: at, ptflops_skip });
        Some(outputs)
    }

    /// The weights of an operator by name, new ones or, in a shared layer, those of its first use; `None` after an error.
    fn weights(&mut self, op: &dyn Operator, at: Region) -> Option<Vec<WeightId>> {
        let mut ids = Vec::new();
        for spec in op.weights() {
            let elements = spec.shape.iter().try_fold(1usize, |n, s| n.checked_mul(*s));
            if elements.is_none_or(|n| n > MAX_ELEMENTS) {
                let fault = Fault::new(format!(
                    "the weight {:?} of `{}` is too large: a tensor has at most 2^31 elements",
                    spec.shape,
                    op.describe()
                ));
                self.fault_at(at, fault);
                return None;
            }
            let name = self.path_to(spec.name);
            if let Some(first) = self.graph.names.get(&name) {
                let (first_shape, id) = (&self.graph.weights[first.id.0].shape, first.id);
                let (fault, at) = if !are_uses_of_one(&first.sharing, &self.graph.sharing) {
                    self.two_of_one_name(&name, first, op, at)
                } else if *first_shape != spec.shape {
                    let fault = Fault::new(format!(
                        "the shared layer `{}` is applied to inputs that want different weights: `{}` is {first_shape:?} in its first use and {:?} here",
                        self.path, name, spec.shape
                    ));
                    (
                        fault.help(
                            "a `layer` has one set of weights: give it inputs of equal channels, or write two layers",
                        ),
                        at,
                    )
                } else {
                    ids.push(id);
                    continue;
                };
                self.fault_at(at, fault);
                return None;
            }
            let id = WeightId(self.graph.weights.len());
            let registered = Registered {
                id,
                sharing: self.graph.sharing.clone(),
                path: self.path.clone(),
                layer: op.describe(),
                region: at,
                uses: self.uses(),
            };
            self.graph.names.insert(name.clone(), registered);
            self.graph.weights.push(Weight { name, shape: spec.shape, kind: spec.kind });
            ids.push(id);
        }
        Some(ids)
    }

    /// The blocks being applied, outermost first, and the user's tokens for each.
    fn uses(&self) -> Vec<(String, Region)> {
        let blocks = self.frames.iter().filter(|f| f.kind == FrameKind::Block);
        blocks.map(|f| (f.name.clone(), f.call)).collect()
    }

    fn two_of_one_name(&self, weight: &str, first: &Registered, op: &dyn Operator, at: Region) -> (Fault, Region) {
        if is_same(first.region, at)
            && let Some(((_, a), (block, b))) =
                first.uses.iter().zip(self.uses()).find(|((_, a), (_, b))| !is_same(*a, *b))
        {
            // One layer in the text of a block, met in two uses of it: those are what wants names.
            let fault = Fault::new(format!(
                "two uses of block `{block}`, at line {} and here, both name weights `{weight}`",
                a.start.start().line
            ));
            return (fault.help(format!("label each use, as in `x -> block1: {block}`, or put them into a list")), b);
        }
        let what = if first.path != self.path {
            format!("two tensors of weights are named `{weight}`")
        } else if self.path.is_empty() {
            "two layers with weights have no name".to_owned()
        } else {
            format!("two layers with weights are named `{}`", self.path)
        };
        let line = first.region.start.start().line;
        let fault = Fault::new(format!("{what}: `{}` at line {line} and `{}` here", first.layer, op.describe()));
        (fault.help("label each, as in `x -> conv1: Conv2d(16, 3)`, put them into a list, or share one set of weights with `layer`"), at)
    }
}

/// Whether both are the same tokens.
fn is_same(a: Region, b: Region) -> bool {
    a.start.start() == b.start.start() && a.end.end() == b.end.end()
}

/// Whether two uses of a name are two applications of one shared layer: both stand in one, on whatever level of the layers around
/// them, and not in the same application of it.
fn are_uses_of_one(a: &[(usize, usize)], b: &[(usize, usize)]) -> bool {
    a.iter().any(|(layer, application)| b.iter().any(|(other, again)| layer == other && application != again))
}
