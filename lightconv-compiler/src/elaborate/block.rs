//! Application of blocks: their bodies are inlined.

use super::net::Building;
use super::number::Fault;
use super::value::{Definition, Given, Value};
use super::{Elaborator, Frame, FrameKind, MAX_BLOCKS};
use crate::diagnostics::Region;
use crate::syntax::ast::Block;
use std::rc::Rc;

impl Elaborator<'_> {
    /// Applies a block to its inputs; `at` are the user's tokens for the layer.
    pub(super) fn apply_block(&mut self, definition: &Definition, args: &[Given], input: Value, at: Region) -> Value {
        let block = &*definition.block;
        if block.inputs.is_empty() {
            // Which the parser has reported: no tuple of none could be given to it.
            return self.unknown();
        }
        let Some(inputs) = self.inputs(block, args.len(), input, at) else { return Value::Unknown };
        let channels = match inputs.first() {
            Some(Value::Tensor(t)) => Some(self.graph.shape(*t).channels()),
            _ => None,
        };
        let Some(params) = self.bind_block(definition, args, channels, at) else { return Value::Unknown };
        let (params, given): (Vec<Option<Value>>, Vec<Option<Region>>) = params.into_iter().map(Option::unzip).unzip();
        let given =
            block.params.iter().zip(given).filter_map(|((p, _), region)| Some((p.text.clone(), region?))).collect();
        let frame = Frame { call: at, given, ..self.frame_of(definition) };
        self.inline(definition, frame, inputs, params)
    }

    /// Looks into the user's blocks that nothing has applied, of whose inputs and parameters nothing is known: what can be said
    /// of them all the same, such as of the names of arguments, whoever applies them has not to find out.
    pub(super) fn unapplied_blocks(&mut self, blocks: &[Rc<Block>]) {
        for block in blocks.iter().filter(|b| !b.inputs.is_empty()) {
            if self.applied.contains(&block.name.text) {
                continue;
            }
            self.graph = Building::default();
            self.path.clear();
            let definition = Definition { block: block.clone(), scope: self.own };
            let frame = self.frame_of(&definition);
            let (inputs, params) =
                (vec![Value::Unknown; block.inputs.len()], vec![Some(Value::Unknown); block.params.len()]);
            self.inline(&definition, frame, inputs, params);
        }
    }

    fn frame_of(&self, definition: &Definition) -> Frame {
        let block = &definition.block;
        let mut frame =
            Frame::new(FrameKind::Block, &block.name.text, definition.scope, block.name.region, block.name.region);
        frame.skip = block.attributes.skip.iter().map(|n| n.text.clone()).collect();
        frame
    }

    /// The output of a block's body; of `params`, those that are not given are at their defaults.
    fn inline(
        &mut self,
        definition: &Definition,
        mut frame: Frame,
        inputs: Vec<Value>,
        params: Vec<Option<Value>>,
    ) -> Value {
        let block = &*definition.block;
        let name = &block.name.text;
        self.failed |= block.broken;
        if definition.scope == self.own {
            self.applied.insert(name.clone());
        }
        if self.scopes[definition.scope].checked.cyclic.contains(name) {
            return self.unknown();
        }
        if self.frames.len() > MAX_BLOCKS {
            self.exhaust(frame.call, format!("blocks are used within blocks more than {MAX_BLOCKS} deep"));
            return Value::Unknown;
        }
        frame.locals = block.inputs.iter().map(|n| n.text.clone()).zip(inputs).collect();
        self.frames.push(frame);
        for ((param, default), given) in block.params.iter().zip(params) {
            let value = match (given, default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.eval(default),
                (None, None) => Value::Unknown,
            };
            self.define(&param.text, value);
        }
        let mut output = self.body(&block.body);
        if !is_tensors(&output) {
            let fault = Fault::new(format!(
                "a block gives a tensor or a tuple of tensors, and `{name}` gives {}",
                output.describe()
            ));
            let fault = if output.is_layer() { fault.help("apply the layer: `x -> [A, B]`") } else { fault };
            output = self.fault(block.body.result.region, fault);
        }
        self.frames.pop();
        output
    }

    /// The values of a block's inputs; `None` after an error. It is given `args` arguments.
    fn inputs(&mut self, block: &Block, args: usize, input: Value, at: Region) -> Option<Vec<Value>> {
        let (params, wanted, block) = (block.params.len(), block.inputs.len(), &block.name.text);
        let found = match (&input, wanted) {
            (Value::Unknown, _) => return Some(vec![Value::Unknown; wanted]),
            (Value::Tensor(_), 1) => return Some(vec![input]),
            (Value::Tuple(items), _) if wanted > 1 && items.len() == wanted && items.iter().all(is_tensors) => {
                return Some(items.to_vec());
            }
            (Value::Tensor(_), _) => "one".to_owned(),
            (Value::Tuple(items), _) if items.iter().all(is_tensors) => format!("a tuple of {}", items.len()),
            (other, _) => other.describe(),
        };
        let fault = match wanted {
            1 => Fault::new(format!("`{block}` takes one tensor, found {found}")),
            n => {
                let fault = Fault::new(format!("`{block}` takes a tuple of {n} tensors, found {found}"));
                let tuple = if n == 2 { "(a, b)" } else { "(a, b, …)" };
                fault.help(if args > params {
                    format!("write `{tuple} -> {block}`; if not all are tensors, parameters stand behind a `;`: `block {block}(x; k)`")
                } else {
                    format!("write `{tuple} -> {block}`")
                })
            }
        };
        self.fault_at(at, fault);
        None
    }
}

/// Whether a value is a tensor or a tuple of such, as far as is known.
fn is_tensors(value: &Value) -> bool {
    match value {
        Value::Tensor(_) | Value::Unknown => true,
        Value::Tuple(items) => {
            !items.is_empty() && items.iter().all(|v| matches!(v, Value::Tensor(_) | Value::Unknown | Value::Tuple(_)))
        }
        _ => false,
    }
}
