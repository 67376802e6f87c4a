//! Bodies: statements in order, then the result.

use super::Elaborator;
use super::number::Fault;
use super::value::{Shared, Value};
use crate::diagnostics::Region;
use crate::ops;
use crate::syntax::ast::{Body, Dims, Expr, ExprKind, Name, Statement, SuffixKind};
use std::cell::Cell;
use std::rc::Rc;

impl Elaborator<'_> {
    /// The result of a body, whose names end with it.
    pub(super) fn body(&mut self, body: &Body) -> Value {
        self.scoped(|e| if e.statements(&body.statements) { e.eval(&body.result) } else { e.unknown() })
    }

    /// Runs statements; `false` when a `require` failed, after which nothing said about the rest would be of use.
    pub(super) fn statements(&mut self, statements: &[Statement]) -> bool {
        for statement in statements {
            match statement {
                Statement::Let { pattern, value } => {
                    let value = self.eval(value);
                    self.bind(pattern, value, None);
                }
                Statement::Require { condition, message } => {
                    if self.condition(condition) == Ok(false) {
                        let (text, _) = self.text(message);
                        let at = self.required_of(condition);
                        self.fault_at(at, Fault::new(text));
                        return false;
                    }
                }
                Statement::Layer { name, layer } => {
                    let value = self.layer(layer);
                    let value = self.shared(name, value, layer.region);
                    self.define(&name.text, value);
                }
                Statement::Param { name, dims } => {
                    let value = self.param(name, dims);
                    self.define(&name.text, value);
                }
            }
        }
        true
    }

    /// Whose fault it is that a condition does not hold: in a block the caller's, and there the argument's, if the condition
    /// speaks of only one of those given.
    fn required_of(&self, condition: &Expr) -> Region {
        let Some(frame) = self.frames.last().filter(|f| f.kind == super::FrameKind::Block) else {
            return condition.region;
        };
        let mut spoken_of = frame.given.iter().filter(|(name, _)| mentions(condition, name));
        match (spoken_of.next(), spoken_of.next()) {
            (Some((_, argument)), None) => *argument,
            _ => frame.call,
        }
    }

    fn shared(&mut self, name: &Name, value: Value, region: Region) -> Value {
        if matches!(value, Value::Unknown) {
            return self.unknown();
        }
        if !value.is_layer() {
            return self.error(region, format!("`layer {}` wants a layer, found {}", name.text, value.describe()));
        }
        self.next_shared += 1;
        let path = self.path_to(&name.text);
        Value::Shared(Rc::new(Shared { id: self.next_shared, path, value, applications: Cell::new(0) }))
    }

    fn param(&mut self, name: &Name, dims: &Dims) -> Value {
        let Some(sizes) = self.sizes(dims) else { return Value::Unknown };
        match ops::param(&sizes) {
            Ok(op) => {
                let at = self.at(name.region);
                self.labelled(&name.text, |e| e.node(op, &[], at))
                    .map_or(Value::Unknown, |outputs| Value::Tensor(outputs[0]))
            }
            Err(e) => self.fault(dims.region, Fault { message: e.message, help: e.help }),
        }
    }

    /// The sizes of a shape, all positive.
    pub(super) fn sizes(&mut self, dims: &Dims) -> Option<Vec<usize>> {
        let mut sizes = Vec::new();
        for e in &dims.sizes {
            let value = self.eval(e);
            sizes.push(match value {
                Value::Int(n) if n > 0 => usize::try_from(n).ok(),
                Value::Unknown => {
                    self.failed = true;
                    None
                }
                other => {
                    self.error(e.region, format!("a size is a positive integer, found {}", other.describe()));
                    None
                }
            });
        }
        sizes.into_iter().collect()
    }
}

/// Whether a condition names `name`, looking into arithmetic, comparisons and calls.
fn mentions(e: &Expr, name: &str) -> bool {
    match &e.kind {
        ExprKind::Name(n) => n == name,
        ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => mentions(inner, name),
        ExprKind::Chain(first, rest) => mentions(first, name) || rest.iter().any(|(_, e)| mentions(e, name)),
        ExprKind::Suffixed(base, suffixes) => {
            let in_suffix = |kind: &SuffixKind| match kind {
                SuffixKind::Call(args) => args.iter().any(|a| mentions(&a.value, name)),
                SuffixKind::Index(e) => mentions(e, name),
                SuffixKind::Field(_) => false,
            };
            mentions(base, name) || suffixes.iter().any(|s| in_suffix(&s.kind))
        }
        _ => false,
    }
}
