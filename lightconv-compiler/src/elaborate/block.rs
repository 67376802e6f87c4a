//! Application of blocks: their bodies are inlined.

use super::number::Fault;
use super::value::{Definition, Given, Value};
use super::{Elaborator, Frame, FrameKind, MAX_BLOCKS};
use crate::diagnostics::Region;
use crate::syntax::ast::Block;

impl Elaborator<'_> {
    /// Applies a block to its inputs; `at` are the user's tokens for the layer.
    pub(super) fn apply_block(&mut self, definition: &Definition, args: &[Given], input: Value, at: Region) -> Value {
        let block = &*definition.block;
        let name = &block.name.text;
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
        let cyclic = self.scopes[definition.scope].checked.cyclic.contains(name);
        let unknown = inputs.iter().chain(params.iter().flatten()).any(|v| matches!(v, Value::Unknown));
        self.failed |= block.broken;
        if cyclic || unknown {
            return self.unknown();
        }
        if self.frames.len() > MAX_BLOCKS {
            self.exhaust(at, format!("blocks are used within blocks more than {MAX_BLOCKS} deep"));
            return Value::Unknown;
        }
        let locals = block.inputs.iter().map(|n| n.text.clone()).zip(inputs).collect();
        let skip = block.attributes.skip.iter().map(|n| n.text.clone()).collect();
        let given =
            block.params.iter().zip(given).filter_map(|((p, _), region)| Some((p.text.clone(), region?))).collect();
        self.frames.push(Frame {
            kind: FrameKind::Block,
            name: name.clone(),
            scope: definition.scope,
            defined: block.name.region,
            call: at,
            locals,
            skip,
            given,
        });
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
