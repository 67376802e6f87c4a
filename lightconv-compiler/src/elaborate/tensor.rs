//! Arithmetic on tensors, and indices: slices of channels, entries of lists.

use super::Elaborator;
use super::number::{Fault, as_float};
use super::value::Value;
use crate::diagnostics::Region;
use crate::graph::TensorId;
use crate::ops::{self, Binary, OpError, Operator};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use std::rc::Rc;

/// What stands in the brackets of an index.
enum Index {
    One(i64),
    Span(Option<i64>, Option<i64>),
}

impl Elaborator<'_> {
    /// `-x`
    pub(super) fn negate_tensor(&mut self, t: TensorId, region: Region) -> Value {
        let op = ops::negate(self.graph.shape(t));
        self.operator(Ok(op), &[t], region)
    }

    /// `a op b`, of which at least one is a tensor.
    pub(super) fn tensor_binary(&mut self, op: BinaryOp, a: Value, b: Value, region: Region) -> Value {
        let op = match op {
            BinaryOp::Add => Binary::Add,
            BinaryOp::Sub => Binary::Sub,
            BinaryOp::Mul => Binary::Mul,
            BinaryOp::Div => Binary::Div,
            other => {
                let fault = Fault::new(format!("`{}` is not for tensors", other.symbol()));
                return self.fault(
                    region,
                    fault.help(
                        "tensors have `+ - * /`, `max` and `min`; their sizes are `x.channels`, `x.height`, `x.width`",
                    ),
                );
            }
        };
        self.combine(op, a, b, region)
    }

    /// `max` or `min` of several operands, of which at least one is a tensor.
    pub(super) fn extreme_tensor(&mut self, name: &str, values: Vec<Value>, region: Region) -> Value {
        let op = if name == "min" { Binary::Min } else { Binary::Max };
        let mut values = values.into_iter();
        let Some(mut result) = values.next() else { return self.unknown() };
        for value in values {
            result = match (&result, &value) {
                (Value::Unknown, _) => self.unknown(),
                (Value::Tensor(_), _) | (_, Value::Tensor(_)) => self.combine(op, result, value, region),
                _ => super::function::call(name, &[result, value]).unwrap_or_else(|fault| self.fault(region, fault)),
            };
        }
        result
    }

    fn combine(&mut self, op: Binary, a: Value, b: Value, region: Region) -> Value {
        match (&a, &b) {
            (Value::Tensor(a), Value::Tensor(b)) => {
                let built = ops::binary(op, self.graph.shape(*a), self.graph.shape(*b));
                self.operator(built, &[*a, *b], region)
            }
            (Value::Tensor(t), other) | (other, Value::Tensor(t)) => {
                let reversed = matches!(b, Value::Tensor(_));
                let Some(scalar) = as_float(other) else {
                    let what = other.describe();
                    let fault = Fault::new(format!("arithmetic on tensors wants tensors or numbers, found {what}"));
                    let fault = if other.is_layer() {
                        fault.help("apply the layer first, such as `(x -> A) + y`")
                    } else {
                        fault
                    };
                    let fault = if other.holds_tensor() {
                        fault.help("a tuple of tensors is added by `-> Sum` and joined by `-> Concat`")
                    } else {
                        fault
                    };
                    return self.fault(region, fault);
                };
                if !(scalar as f32).is_finite() {
                    return self.error(region, format!("{} is too large for a float of 32 bits", other.show()));
                }
                if op == Binary::Div && !reversed && scalar == 0.0 {
                    return self.error(region, "division of a tensor by zero");
                }
                let reversed = reversed && matches!(op, Binary::Sub | Binary::Div);
                let built = ops::scalar(op, scalar, reversed, self.graph.shape(*t));
                self.operator(Ok(built), &[*t], region)
            }
            _ => self.error(region, "expected a tensor"),
        }
    }

    /// Adds an operator with one output, or reports why there is none.
    fn operator(&mut self, built: Result<Rc<dyn Operator>, OpError>, inputs: &[TensorId], region: Region) -> Value {
        match built {
            Ok(op) => {
                let at = self.at(region);
                self.node(op, inputs, at).map_or(Value::Unknown, |outputs| Value::Tensor(outputs[0]))
            }
            Err(e) => self.fault(region, Fault { message: e.message, help: e.help }),
        }
    }

    /// `base[index]`
    pub(super) fn index(&mut self, base: Value, index: &Expr, region: Region) -> Value {
        let Some(found) = self.index_value(index) else { return Value::Unknown };
        match (&base, found) {
            (Value::Unknown, _) => self.unknown(),
            (Value::Tensor(t), Index::Span(a, b)) => self.slice(*t, a, b, index.region, region),
            (Value::Tensor(_), Index::One(i)) => {
                let fault = Fault::new("a tensor is cut by a range of channels, found an integer");
                let end = i.checked_add(1).map_or("…".to_owned(), |e| e.to_string());
                self.fault(index.region, fault.help(format!("write `x[{i}..{end}]`")))
            }
            (Value::List(items), Index::One(i)) => match self.index_within(i, items.len() as u64, index.region) {
                Some(i) => items[i].value.clone(),
                None => Value::Unknown,
            },
            (Value::Tuple(items), Index::One(i)) => match self.index_within(i, items.len() as u64, index.region) {
                Some(i) => items[i].clone(),
                None => Value::Unknown,
            },
            (Value::Range(a, b), Index::One(i)) => {
                match self.index_within(i, if b > a { b.abs_diff(*a) } else { 0 }, index.region) {
                    // Before the end of the range, so it does not overflow.
                    Some(i) => Value::Int(a.wrapping_add_unsigned(i as u64)),
                    None => Value::Unknown,
                }
            }
            (Value::List(items), Index::Span(a, b)) => match self.span(a, b, items.len(), "entries", index.region) {
                Some((a, b)) => Value::List(Rc::new(items[a..b].to_vec())),
                None => Value::Unknown,
            },
            (Value::Tuple(items), Index::Span(a, b)) => match self.span(a, b, items.len(), "entries", index.region) {
                Some((a, b)) => Value::Tuple(Rc::new(items[a..b].to_vec())),
                None => Value::Unknown,
            },
            (other, _) => self.error(
                region,
                format!("only lists, tuples, ranges and tensors have an index, found {}", other.describe()),
            ),
        }
    }

    fn index_value(&mut self, index: &Expr) -> Option<Index> {
        if let ExprKind::Range { start, end, inclusive } = &index.kind {
            let a = match start {
                Some(e) => Some(self.bound(e)?),
                None => None,
            };
            let b = match end {
                Some(e) => Some(self.bound(e)?),
                None => None,
            };
            return match b {
                Some(b) if *inclusive => match b.checked_add(1) {
                    Some(b) => Some(Index::Span(a, Some(b))),
                    None => {
                        self.fault(index.region, super::number::overflow("the end of the range"));
                        None
                    }
                },
                b => Some(Index::Span(a, b)),
            };
        }
        match self.eval(index) {
            Value::Int(i) => Some(Index::One(i)),
            Value::Range(a, b) => Some(Index::Span(Some(a), Some(b))),
            Value::Unknown => {
                self.failed = true;
                None
            }
            other => {
                self.error(index.region, format!("an index is an integer or a range, found {}", other.describe()));
                None
            }
        }
    }

    fn slice(&mut self, t: TensorId, a: Option<i64>, b: Option<i64>, index: Region, region: Region) -> Value {
        let shape = self.graph.shape(t);
        let Some((start, end)) = self.span(a, b, shape.channels(), "channels", index) else { return Value::Unknown };
        if (start, end) == (0, shape.channels()) {
            return Value::Tensor(t);
        }
        if start == end {
            return self.error(index, format!("the slice {start}..{end} has no channels"));
        }
        let built = ops::slice(start, end - start, shape);
        self.operator(built, &[t], region)
    }

    /// An index within `len`, or an error.
    fn index_within(&mut self, i: i64, len: u64, region: Region) -> Option<usize> {
        if let Some(i) = u64::try_from(i).ok().filter(|i| *i < len) {
            return usize::try_from(i).ok();
        }
        let fault = Fault::new(format!("there is no entry {i} of {len}"));
        let fault = if i < 0 {
            fault.help(format!("indices count from 0; from the end, write `t[len(t) - {}]`", i.unsigned_abs()))
        } else {
            fault
        };
        self.fault(region, fault);
        None
    }

    /// A range within `len`, or an error.
    fn span(
        &mut self,
        a: Option<i64>,
        b: Option<i64>,
        len: usize,
        what: &str,
        region: Region,
    ) -> Option<(usize, usize)> {
        let (start, end) = (a.map_or(Ok(0), usize::try_from), b.map_or(Ok(len), usize::try_from));
        if let (Ok(start), Ok(end)) = (start, end)
            && start <= end
            && end <= len
        {
            return Some((start, end));
        }
        let show = |i: Option<i64>| i.map_or(String::new(), |i| i.to_string());
        let fault = Fault::new(format!("the slice {}..{} does not lie within the {len} {what}", show(a), show(b)));
        let negative = a.into_iter().chain(b).any(|i| i < 0);
        let help = if what == "channels" {
            "count from the front, such as `x[x.channels - 8..]`"
        } else {
            "count from the front, such as `t[len(t) - 2..]`"
        };
        self.fault(region, if negative { fault.help(help) } else { fault });
        None
    }
}
