//! Values of the language that a layer's arguments can be: what the ops see of the elaborator's values.

use std::fmt;

/// An argument of a layer, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `none`.
    None,
    /// `same`: TensorFlow's SAME padding.
    Same,
    /// A list or a tuple.
    List(Vec<Arg>),
    /// One of the argument's own words: `channels`, `nearest`, `focus`.
    Word(&'static str),
    /// Something that no layer built in takes (a tensor, a layer): described for the message.
    Other(&'static str),
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Int(i) => write!(f, "{i}"),
            Arg::Float(x) => write!(f, "{x:?}"),
            Arg::Bool(b) => write!(f, "{b}"),
            Arg::None => f.write_str("none"),
            Arg::Same => f.write_str("same"),
            Arg::Word(w) => f.write_str(w),
            Arg::Other(what) => f.write_str(what),
            Arg::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
        }
    }
}
