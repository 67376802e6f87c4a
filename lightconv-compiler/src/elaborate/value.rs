//! Values of the language while it is elaborated: numbers, lists, layers that were not applied yet, tensors.

use super::number;
use super::scope::ScopeId;
use crate::diagnostics::Region;
use crate::graph::TensorId;
use crate::ops::LayerSpec;
use crate::syntax::ast;
use crate::value::Arg;
use std::cell::Cell;
use std::rc::Rc;

/// Most elements of a value that are looked at in a comparison, a message or an argument.
const MOST_ELEMENTS: usize = 10_000;

/// What an expression gives.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    None,
    Same,
    /// An argument's own word, such as `channels`.
    Word(&'static str),
    List(Rc<Vec<Item>>),
    Tuple(Rc<Vec<Value>>),
    /// From the first to before the second.
    Range(i64, i64),
    Layer(Rc<Layer>),
    Shared(Rc<Shared>),
    /// The only entry of a branch, which has a label: `if c { a: A } else { b: B }`.
    Labelled(Rc<Item>),
    Tensor(TensorId),
    /// After an error that was reported: silences all that follows.
    Unknown,
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) label: Option<Rc<str>>,
    /// Its place, which names it when it has no label.
    pub(super) index: u64,
    pub(super) value: Value,
    /// The user's tokens.
    pub(super) region: Region,
}

impl Item {
    /// Its name in the weights' path.
    pub(super) fn name(&self) -> String {
        self.label.as_ref().map_or_else(|| self.index.to_string(), |l| l.to_string())
    }
}

/// A layer or block with the arguments given so far.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) callee: Callee,
    pub(super) args: Vec<Given>,
}

/// What a layer is.
#[derive(Clone, Debug)]
pub(super) enum Callee {
    Op(&'static LayerSpec),
    Block(Rc<Definition>),
}

impl Callee {
    pub(super) fn name(&self) -> &str {
        match self {
            Callee::Op(spec) => spec.name,
            Callee::Block(def) => &def.block.name.text,
        }
    }

    fn is(&self, other: &Callee) -> bool {
        match (self, other) {
            (Callee::Op(a), Callee::Op(b)) => a.name == b.name,
            (Callee::Block(a), Callee::Block(b)) => Rc::ptr_eq(&a.block, &b.block),
            _ => false,
        }
    }
}

/// A block, and the scope that its names are of.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) block: Rc<ast::Block>,
    pub(super) scope: ScopeId,
}

/// An argument given in a call.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: Option<String>,
    pub(super) value: Value,
    /// The user's tokens.
    pub(super) region: Region,
}

/// `layer name = L;`: one set of weights, however often applied.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) id: usize,
    /// The path of its weights.
    pub(super) path: String,
    pub(super) value: Value,
    pub(super) applications: Cell<usize>,
}

impl Value {
    /// The kind, with its article, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Bool(_) => "a boolean",
            Value::None => "`none`",
            Value::Same => "`same`",
            Value::Word(_) => "a word",
            Value::List(_) => "a list",
            Value::Tuple(_) => "a tuple",
            Value::Range(..) => "a range",
            Value::Layer(_) | Value::Shared(_) | Value::Labelled(_) => "a layer",
            Value::Tensor(_) => "a tensor",
            Value::Unknown => "an unknown value",
        }
    }

    /// Kind and value, as far as a message has room.
    pub(super) fn describe(&self) -> String {
        let kind = |k: &str| format!("{k} {}", self.show());
        match self {
            Value::Int(_) => kind("the integer"),
            Value::Float(_) => kind("the float"),
            Value::Bool(_) | Value::None | Value::Same | Value::Word(_) => format!("`{}`", self.show()),
            Value::List(_) => kind("the list"),
            Value::Tuple(items) => format!("a tuple of {}", items.len()),
            Value::Range(..) => kind("the range"),
            Value::Layer(_) => format!("the layer `{}`", self.show()),
            _ => self.kind().to_owned(),
        }
    }

    /// The value as written, cut where it is long.
    pub(super) fn show(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        const LONG: usize = 60;
        if out.len() > LONG {
            return;
        }
        let many = |out: &mut String, open: char, values: &mut dyn Iterator<Item = &Value>, close: char| {
            out.push(open);
            for (i, value) in values.enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                if out.len() > LONG {
                    out.push('…');
                    break;
                }
                value.write(out);
            }
            out.push(close);
        };
        match self {
            Value::Int(i) => out.push_str(&i.to_string()),
            Value::Float(x) => out.push_str(&format!("{x:?}")),
            Value::Bool(b) => out.push_str(&b.to_string()),
            Value::None => out.push_str("none"),
            Value::Same => out.push_str("same"),
            Value::Word(w) => out.push_str(w),
            Value::List(items) => many(out, '[', &mut items.iter().map(|i| &i.value), ']'),
            Value::Tuple(items) => many(out, '(', &mut items.iter(), ')'),
            Value::Range(a, b) => out.push_str(&format!("{a}..{b}")),
            Value::Layer(l) => out.push_str(l.callee.name()),
            Value::Shared(s) => out.push_str(&s.path),
            Value::Labelled(i) => i.value.write(out),
            Value::Tensor(_) => out.push_str("a tensor"),
            Value::Unknown => out.push('?'),
        }
    }

    /// Whether it can be applied to a tensor.
    pub(super) fn is_layer(&self) -> bool {
        matches!(self, Value::Layer(_) | Value::Shared(_) | Value::Labelled(_) | Value::List(_))
    }

    /// Whether it is a tensor, or a tuple with one in it.
    pub(super) fn holds_tensor(&self) -> bool {
        match self {
            Value::Tensor(_) => true,
            Value::Tuple(items) => items.iter().take(MOST_ELEMENTS).any(|v| matches!(v, Value::Tensor(_))),
            _ => false,
        }
    }

    /// What an operator sees of it, or `None` where it is unknown or far too large.
    pub(super) fn to_arg(&self) -> Option<Arg> {
        self.to_arg_within(&mut MOST_ELEMENTS.clone())
    }

    fn to_arg_within(&self, room: &mut usize) -> Option<Arg> {
        *room = room.checked_sub(1)?;
        Some(match self {
            Value::Int(i) => Arg::Int(*i),
            Value::Float(x) => Arg::Float(*x),
            Value::Bool(b) => Arg::Bool(*b),
            Value::None => Arg::None,
            Value::Same => Arg::Same,
            Value::Word(w) => Arg::Word(w),
            Value::List(items) => Arg::List(items.iter().map(|i| i.value.to_arg_within(room)).collect::<Option<_>>()?),
            Value::Tuple(items) => Arg::List(items.iter().map(|v| v.to_arg_within(room)).collect::<Option<_>>()?),
            Value::Range(..) => Arg::Other("a range"),
            Value::Layer(_) | Value::Shared(_) | Value::Labelled(_) => Arg::Other("a layer"),
            Value::Tensor(_) => Arg::Other("a tensor"),
            Value::Unknown => return None,
        })
    }

    /// `==`: false across kinds, but `1 == 1.0`. `None` where a part is unknown, a tensor, or there is too much to compare.
    pub(super) fn equals(&self, other: &Value) -> Option<bool> {
        self.equals_within(other, &mut MOST_ELEMENTS.clone())
    }

    fn equals_within(&self, other: &Value, room: &mut usize) -> Option<bool> {
        *room = room.checked_sub(1)?;
        Some(match (self, other) {
            (Value::Unknown | Value::Tensor(_), _) | (_, Value::Unknown | Value::Tensor(_)) => return None,
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                number::compare(self, other) == Some(std::cmp::Ordering::Equal)
            }
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::None, Value::None) | (Value::Same, Value::Same) => true,
            (Value::Word(a), Value::Word(b)) => a == b,
            (Value::Range(a, b), Value::Range(c, d)) => (a, b) == (c, d),
            (Value::List(a), Value::List(b)) => {
                let labels = a.iter().map(|i| &i.label).eq(b.iter().map(|i| &i.label));
                labels && all_equal(a.iter().map(|i| &i.value), b.iter().map(|i| &i.value), room)?
            }
            (Value::Tuple(a), Value::Tuple(b)) => all_equal(a.iter(), b.iter(), room)?,
            (Value::Layer(a), Value::Layer(b)) => {
                let names = a.args.iter().map(|g| &g.name).eq(b.args.iter().map(|g| &g.name));
                let values = |l: &Rc<Layer>| l.args.iter().map(|g| g.value.clone()).collect::<Vec<_>>();
                a.callee.is(&b.callee) && names && all_equal(values(a).iter(), values(b).iter(), room)?
            }
            (Value::Shared(a), Value::Shared(b)) => a.id == b.id,
            (Value::Labelled(a), Value::Labelled(b)) => a.label == b.label && a.value.equals_within(&b.value, room)?,
            _ => false,
        })
    }
}

fn all_equal<'v>(
    a: impl ExactSizeIterator<Item = &'v Value>,
    b: impl ExactSizeIterator<Item = &'v Value>,
    room: &mut usize,
) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    for (a, b) in a.zip(b) {
        if !a.equals_within(b, room)? {
            return Some(false);
        }
    }
    Some(true)
}
