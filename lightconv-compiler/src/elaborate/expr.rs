//! Evaluation of expressions.

use super::Elaborator;
use super::function;
use super::globals::word;
use super::nearest::nearest;
use super::number::{self, Fault};
use super::scope::SHIPPED;
use super::value::{Callee, Definition, Given, Layer, Value};
use crate::diagnostics::Region;
use crate::ops;
use crate::syntax::ast::{Argument, BinaryOp, Expr, ExprKind, Name, Piece, Suffix, SuffixKind, Text, UnaryOp};
use std::rc::Rc;

impl Elaborator<'_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, e: &Expr) -> Value {
        self.eval_in(e, &[])
    }

    /// The value of an argument that understands some words, which win over names in scope, inside a list too.
    pub(super) fn eval_in(&mut self, e: &Expr, words: &[&'static str]) -> Value {
        self.nested(e.region, |s| s.eval_kind(e, words))
    }

    /// The value of an expression that stands for a layer: an `if` without its `else` is the identity otherwise.
    pub(super) fn layer(&mut self, e: &Expr) -> Value {
        match &e.kind {
            ExprKind::If(i) => self.nested(e.region, |s| s.if_value(i, &[], true)),
            ExprKind::Paren(inner) => self.nested(e.region, |s| s.layer(inner)),
            _ => self.eval(e),
        }
    }

    fn eval_kind(&mut self, e: &Expr, words: &[&'static str]) -> Value {
        match &e.kind {
            ExprKind::Int(i) => Value::Int(*i),
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::None => Value::None,
            ExprKind::Same => Value::Same,
            ExprKind::Text(t) => self.quoted(t, words),
            ExprKind::Name(name) => match words.iter().find(|w| *w == name) {
                Some(word) => Value::Word(word),
                None => self.name(name, e.region),
            },
            ExprKind::Paren(inner) => self.eval_in(inner, words),
            ExprKind::List(entries) => self.list(entries, words, e.region),
            ExprKind::Tuple(entries) => self.tuple(entries, words),
            ExprKind::If(i) => self.if_value(i, words, false),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, e.region),
            ExprKind::Chain(first, rest) => self.chain(first, rest),
            ExprKind::Range { start, end, inclusive } => {
                self.range(start.as_deref(), end.as_deref(), *inclusive, e.region)
            }
            ExprKind::Suffixed(base, suffixes) => self.suffixed(base, suffixes),
            ExprKind::Flow(source, steps) => self.flow(source, steps),
            ExprKind::Error => self.unknown(),
        }
    }

    /// A string where a value is wanted: Python's way to write a word.
    fn quoted(&mut self, text: &Text, words: &[&'static str]) -> Value {
        if let [Piece::Plain(plain)] = text.pieces.as_slice() {
            let meant = match words.iter().find(|w| *w == plain) {
                Some(word) => Some(Value::Word(word)),
                None => (plain == "same").then_some(Value::Same),
            };
            if let Some(value) = meant {
                let fault = Fault::new(format!("words are written without quotes, found `\"{plain}\"`"));
                self.fault(text.region, fault.help(format!("write `{plain}`")));
                return value;
            }
        }
        let fault = Fault::new("a text is no value");
        self.fault(
            text.region,
            fault.help(
                "texts stand in labels and in messages of `require`; words such as `nearest` stand without quotes",
            ),
        )
    }

    fn name(&mut self, name: &str, region: Region) -> Value {
        match self.lookup(name) {
            Some(Value::Unknown) => self.unknown(),
            Some(value) => value,
            // The check of names has reported it; a shipped block that names what is not there, nobody has.
            None if self.scope() == SHIPPED => self.error(region, format!("there is nothing named `{name}`")),
            None => self.unknown(),
        }
    }

    /// What a name means here, if anything.
    fn lookup(&mut self, name: &str) -> Option<Value> {
        let local = self.frames.last().and_then(|f| f.locals.iter().rev().find(|(n, _)| n == name));
        if let Some((_, value)) = local {
            return Some(value.clone());
        }
        let scope = self.scope();
        let globals = &self.scopes[scope].globals;
        if let Some(import) = globals.imports.get(name) {
            return Some(import.clone().map_or(Value::Unknown, block_value));
        }
        if let Some(constant) = self.constants[scope].get(name).cloned() {
            self.failed |= constant.failed;
            return Some(constant.value);
        }
        if globals.consts.contains_key(name) {
            return Some(Value::Unknown);
        }
        if let Some(block) = globals.blocks.get(name) {
            return Some(block_value(Definition { block: block.clone(), scope }));
        }
        if globals.shipped.contains(name) {
            let block = globals.shipped.get(name, self.diagnostics);
            return Some(block.map_or(Value::Unknown, |block| block_value(Definition { block, scope: SHIPPED })));
        }
        ops::find(name).map(|spec| layer_value(Callee::Op(spec))).or_else(|| word(name).map(Value::Word))
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, region: Region) -> Value {
        let value = self.eval(operand);
        match (op, value) {
            (_, Value::Unknown) => self.unknown(),
            (UnaryOp::Not, Value::Bool(b)) => Value::Bool(!b),
            (UnaryOp::Not, other) => self.error(region, format!("`!` wants a boolean, found {}", other.describe())),
            (UnaryOp::Negate, Value::Tensor(t)) => self.negate_tensor(t, region),
            (UnaryOp::Negate, value) => number::negate(&value).unwrap_or_else(|fault| self.fault(region, fault)),
        }
    }

    fn chain(&mut self, first: &Expr, rest: &[(BinaryOp, Expr)]) -> Value {
        if let Some((op @ (BinaryOp::And | BinaryOp::Or), _)) = rest.first() {
            return self.logic(*op, first, rest);
        }
        let mut left = self.eval(first);
        for (i, (op, operand)) in rest.iter().enumerate() {
            let right = self.eval(operand);
            let region = first.region.to(operand.region);
            let literals = i == 0 && *op == BinaryOp::Div && is_literal(first) && is_literal(operand);
            if let (true, Value::Int(a), Value::Int(b)) = (literals, &left, &right)
                && *a != 0
                && *b != 0
                && a / b == 0
                && (*a < 0) == (*b < 0)
            {
                let fault = Fault::new(format!("{a} / {b} is 0: `/` of integers floors"));
                return self.fault(region, fault.help(format!("make one a float: `{a}.0 / {b}`")));
            }
            left = self.binary(*op, left, right, region);
        }
        left
    }

    /// `&&` or `||`, which look no further than they need.
    fn logic(&mut self, op: BinaryOp, first: &Expr, rest: &[(BinaryOp, Expr)]) -> Value {
        for operand in std::iter::once(first).chain(rest.iter().map(|(_, e)| e)) {
            match self.eval(operand) {
                Value::Bool(b) if b == (op == BinaryOp::Or) => return Value::Bool(b),
                Value::Bool(_) => {}
                Value::Unknown => return self.unknown(),
                other => {
                    let fault = Fault::new(format!("`{}` wants booleans, found {}", op.symbol(), other.describe()));
                    return self.fault(operand.region, fault.help("compare it, such as `n != 0`"));
                }
            }
        }
        Value::Bool(op == BinaryOp::And)
    }

    fn binary(&mut self, op: BinaryOp, a: Value, b: Value, region: Region) -> Value {
        match (op, &a, &b) {
            (_, Value::Unknown, _) | (_, _, Value::Unknown) => self.unknown(),
            (BinaryOp::Eq | BinaryOp::Ne, ..) => match a.equals(&b) {
                Some(equal) => Value::Bool(equal == (op == BinaryOp::Eq)),
                None if a.holds_tensor() || b.holds_tensor() => {
                    let fault =
                        Fault::new("tensors are not compared: their numbers are not known when the net is compiled");
                    self.fault(region, fault.help("compare their sizes, such as `x.channels == y.channels`"))
                }
                None => self.error(region, "these values are too large to compare, or hold something unknown"),
            },
            (_, Value::Tensor(_), _) | (_, _, Value::Tensor(_)) => self.tensor_binary(op, a, b, region),
            _ => number::binary(op, &a, &b).unwrap_or_else(|fault| self.fault(region, fault)),
        }
    }

    fn range(&mut self, start: Option<&Expr>, end: Option<&Expr>, inclusive: bool, region: Region) -> Value {
        let (Some(start), Some(end)) = (start, end) else {
            let fault = Fault::new("a range that is a value has a start and an end");
            return self.fault(region, fault.help("write `0..n`; only slices such as `x[a..]` may leave one out"));
        };
        match (self.bound(start), self.bound(end)) {
            (Some(a), Some(b)) if inclusive => match b.checked_add(1) {
                Some(b) => Value::Range(a, b),
                None => self.fault(region, number::overflow("the end of the range")),
            },
            (Some(a), Some(b)) => Value::Range(a, b),
            _ => Value::Unknown,
        }
    }

    /// An end of a range; `None` after an error.
    pub(super) fn bound(&mut self, e: &Expr) -> Option<i64> {
        match self.eval(e) {
            Value::Int(i) => Some(i),
            Value::Unknown => {
                self.failed = true;
                None
            }
            other => {
                let fault = Fault::new(format!("a range goes from integer to integer, found {}", other.describe()));
                let fault = if matches!(other, Value::Float(_)) {
                    fault.help("`int`, `round`, `floor` and `ceil` give integers")
                } else {
                    fault
                };
                self.fault(e.region, fault);
                None
            }
        }
    }

    fn suffixed(&mut self, base: &Expr, suffixes: &[Suffix]) -> Value {
        if matches!(base.kind, ExprKind::Error) {
            // What is done with it may be no less foreign, and was reported with it.
            return self.unknown();
        }
        let mut rest = suffixes;
        let mut value = None;
        if let (ExprKind::Name(name), Some((Suffix { kind: SuffixKind::Call(args), region }, after))) =
            (&base.kind, suffixes.split_first())
            && function::NAMES.contains(&name.as_str())
            && !self.lookup(name).is_some_and(|v| v.is_layer())
        {
            value = Some(self.function(name, args, base.region.to(*region)));
            rest = after;
        }
        let mut value = match value {
            Some(value) => value,
            None => self.eval(base),
        };
        for suffix in rest {
            let region = base.region.to(suffix.region);
            value = match &suffix.kind {
                SuffixKind::Call(args) => self.call(value, args, region),
                SuffixKind::Index(index) => self.index(value, index, region),
                SuffixKind::Field(field) => self.field(value, field, region),
            };
        }
        value
    }

    /// A call of a function on values, or of `min` and `max` on tensors.
    fn function(&mut self, name: &str, args: &[Argument], region: Region) -> Value {
        let parameters = function::parameters(name);
        let mut values: Vec<Option<Value>> = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let value = self.eval(&arg.value);
            let place = match &arg.name {
                None => i,
                Some(n) => match parameters.iter().position(|p| *p == n.text) {
                    Some(place) => place,
                    None => return self.error(arg.region, format!("`{name}` has no argument named `{}`", n.text)),
                },
            };
            if matches!(name, "round" | "ceil") && matches!(value, Value::Int(_)) && is_quotient(&arg.value) {
                let fault = Fault::new(format!("`{name}` of a quotient of integers, which `/` has floored already"));
                return self.fault(
                    arg.region,
                    fault.help(format!("make one a float, such as `{name}(1.0 * a / b)`; or leave `{name}` out")),
                );
            }
            if values.len() <= place {
                values.resize(place + 1, None);
            }
            if values[place].replace(value).is_some() {
                return self.error(
                    arg.region,
                    format!("`{name}` is given `{}` twice", parameters.get(place).unwrap_or(&"an argument")),
                );
            }
        }
        let Some(values) = values.into_iter().collect::<Option<Vec<Value>>>() else {
            return self.error(region, format!("`{name}` misses an argument"));
        };
        if values.iter().any(|v| matches!(v, Value::Unknown)) {
            return self.unknown();
        }
        let tensors = values.iter().any(|v| matches!(v, Value::Tensor(_)));
        if tensors && function::is_variadic(name) && values.len() > 1 {
            return self.extreme_tensor(name, values, region);
        }
        function::call(name, &values).unwrap_or_else(|fault| self.fault(region, fault))
    }

    /// A call of a layer adds arguments to it.
    fn call(&mut self, callee: Value, args: &[Argument], region: Region) -> Value {
        let layer = match &callee {
            Value::Layer(layer) => Some(layer.clone()),
            _ => None,
        };
        let mut given = layer.as_ref().map_or_else(Vec::new, |l| l.args.clone());
        let mut position = given.iter().filter(|g| g.name.is_none()).count();
        let mut named = false;
        for arg in args {
            let words = layer.as_ref().map_or(&[][..], |l| words(&l.callee, arg.name.as_ref(), position));
            let value = self.eval_in(&arg.value, words);
            if let Some(Callee::Op(spec)) = layer.as_ref().map(|l| &l.callee)
                && value.holds_tensor()
            {
                let fault =
                    Fault::new(format!("the arguments of `{}` are values, found {}", spec.name, value.describe()));
                return self.fault(
                    arg.region,
                    fault.help(format!("a layer is applied by `->`, such as `x -> {}`", spec.name)),
                );
            }
            match &arg.name {
                Some(_) => named = true,
                None => {
                    position += 1;
                    if named && !matches!(arg.value.kind, ExprKind::Error) {
                        let fault = Fault::new("an argument by position follows one by name");
                        self.fault(arg.region, fault.help("arguments by position come first; or name it: `name = …`"));
                        return Value::Unknown;
                    }
                }
            }
            given.push(Given { name: arg.name.as_ref().map(|n| n.text.clone()), value, region: self.at(arg.region) });
        }
        if args.iter().any(|a| a.name.is_none() && matches!(a.value.kind, ExprKind::Error)) {
            // Which argument it is to be is not known, and so not what the others are.
            return self.unknown();
        }
        match (layer, callee) {
            (Some(layer), _) => Value::Layer(Rc::new(Layer { callee: layer.callee.clone(), args: given })),
            (None, Value::Unknown) => self.unknown(),
            (None, shared @ Value::Shared(_)) if args.is_empty() => shared,
            (None, Value::Shared(shared)) => {
                let fault = Fault::new(format!("the layer `{}` has its arguments already", shared.path));
                self.fault(region, fault.help("it is one layer with one set of weights: apply it as it is, or bind a new kind of layer with `let`"))
            }
            (None, Value::Tensor(_)) => {
                let fault = Fault::new("a tensor is not called");
                self.fault(
                    region,
                    fault.help(
                        "a layer is applied by `->`, such as `x -> ReLU`; is a `;` missing before the parenthesis?",
                    ),
                )
            }
            (None, other) => {
                self.error(region, format!("only layers and functions are called, found {}", other.describe()))
            }
        }
    }

    fn field(&mut self, base: Value, field: &Name, region: Region) -> Value {
        const FIELDS: &[&str] = &["channels", "height", "width"];
        match (&base, field.text.as_str()) {
            (Value::Unknown, _) => self.unknown(),
            // A size is below 2^31.
            (Value::Tensor(t), "channels") => Value::Int(self.graph.shape(*t).channels() as i64),
            (Value::Tensor(t), "height") => Value::Int(self.graph.shape(*t).height() as i64),
            (Value::Tensor(t), "width") => Value::Int(self.graph.shape(*t).width() as i64),
            (Value::Tensor(_), other) => {
                let fault = Fault::new(format!("a tensor has no `{other}`"));
                let help = nearest(other, FIELDS.iter().copied())
                    .map_or("it has `channels`, `height` and `width`".to_owned(), |n| format!("did you mean `{n}`?"));
                self.fault(field.region, fault.help(help))
            }
            (other, name) => {
                self.error(region, format!("only tensors have sizes such as `.{name}`, found {}", other.describe()))
            }
        }
    }
}

fn block_value(definition: Definition) -> Value {
    layer_value(Callee::Block(Rc::new(definition)))
}

fn layer_value(callee: Callee) -> Value {
    Value::Layer(Rc::new(Layer { callee, args: Vec::new() }))
}

/// The words that an argument understands.
fn words(callee: &Callee, name: Option<&Name>, position: usize) -> &'static [&'static str] {
    let Callee::Op(spec) = callee else { return &[] };
    let found = match name {
        Some(name) => spec.args.iter().find(|a| a.name == name.text),
        None => {
            let mut positional = spec.args.iter().filter(|a| a.positional);
            positional.clone().nth(position).or_else(|| positional.next_back().filter(|a| a.repeated))
        }
    };
    found.map_or(&[], |a| a.words)
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_) => true,
        ExprKind::Paren(inner) => is_literal(inner),
        _ => false,
    }
}

fn is_quotient(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Chain(_, rest) => rest.last().is_some_and(|(op, _)| *op == BinaryOp::Div),
        ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => is_quotient(inner),
        _ => false,
    }
}
