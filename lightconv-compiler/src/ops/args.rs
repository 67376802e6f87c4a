//! The arguments of one use of a layer, with typed getters whose errors say what was expected and what was found.

use super::{Axis, OpError};
use crate::shape::{MAX_ELEMENTS, Shape};
use crate::value::Arg;

/// The arguments of one use of a layer, by name; missing ones are at their defaults.
///
/// A getter's `default` of `None` means that the argument must be given. No size above 2^31 passes a getter, so that the
/// products of two of them fit a `u64`.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    values: Vec<(&'static str, Arg)>,
    by_position: Vec<&'static str>,
}

impl Bound {
    /// From names (those of the layer's [`ArgSpec`](super::ArgSpec)s) and values.
    #[must_use]
    pub fn new(values: Vec<(&'static str, Arg)>) -> Bound {
        Bound { values, by_position: Vec::new() }
    }

    /// The same, knowing which were given by position: some layers refuse there what they take by name.
    #[must_use]
    pub fn by_position(mut self, names: Vec<&'static str>) -> Bound {
        self.by_position = names;
        self
    }

    /// Whether an argument was given by position.
    #[must_use]
    pub fn is_by_position(&self, name: &str) -> bool {
        self.by_position.contains(&name)
    }

    /// The argument as it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arg> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// An integer.
    pub fn int(&self, name: &'static str, default: Option<i64>) -> Result<i64, OpError> {
        self.typed(name, default, "an integer", None, |arg| match arg {
            Arg::Int(i) => Some(*i),
            _ => None,
        })
    }

    /// A positive integer.
    pub fn positive(&self, name: &'static str, default: Option<usize>) -> Result<usize, OpError> {
        self.typed(name, default, "a positive integer", Some(1), |arg| size(arg, 1))
    }

    /// An integer from 0.
    pub fn natural(&self, name: &'static str, default: Option<usize>) -> Result<usize, OpError> {
        self.typed(name, default, "an integer from 0", Some(0), |arg| size(arg, 0))
    }

    /// One of the words that the argument understands; the first by default.
    pub fn word(&self, name: &'static str, words: &'static [&'static str]) -> Result<&'static str, OpError> {
        let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let expected = quoted.join(" or ");
        self.typed(name, words.first().copied(), &expected, None, |arg| match arg {
            Arg::Word(word) => words.iter().find(|w| *w == word).copied(),
            _ => None,
        })
    }

    /// Positive factors, vertical and horizontal, or one for both.
    pub fn factors(&self, name: &'static str) -> Result<[f64; 2], OpError> {
        let factor = |arg: &Arg| match arg {
            Arg::Int(i) if *i > 0 => Some(*i as f64),
            Arg::Float(x) if *x > 0.0 && x.is_finite() => Some(*x),
            _ => None,
        };
        self.typed(name, None, "a positive number or a pair", None, |arg| match arg {
            Arg::List(items) => match items.as_slice() {
                [h, w] => Some([factor(h)?, factor(w)?]),
                _ => None,
            },
            arg => factor(arg).map(|x| [x, x]),
        })
    }

    /// A positive integer, or two: `[height, width]`.
    pub fn pair(&self, name: &'static str, default: Option<[usize; 2]>) -> Result<[usize; 2], OpError> {
        self.typed(name, default, "a positive integer or a pair", Some(1), |arg| pair(arg, |arg| size(arg, 1)))
    }

    /// An output size: as [`Bound::pair`], where `none` keeps the size of the input.
    pub fn output_size(&self, name: &'static str, input: [usize; 2]) -> Result<[usize; 2], OpError> {
        self.typed(name, None, "a positive integer or a pair (`none` keeps the input's)", Some(1), |arg| {
            let [h, w] = pair(arg, |arg| if *arg == Arg::None { Some(0) } else { size(arg, 1) })?;
            Some([if h == 0 { input[0] } else { h }, if w == 0 { input[1] } else { w }])
        })
    }

    /// A padding: 0 by default.
    pub fn padding(&self, name: &'static str) -> Result<Padding, OpError> {
        let expected = "an integer from 0, a pair or `same`";
        self.typed(name, Some(Padding::Explicit([0, 0])), expected, Some(0), |arg| match arg {
            Arg::Same => Some(Padding::Same),
            arg => pair(arg, |arg| size(arg, 0)).map(Padding::Explicit),
        })
    }

    /// A finite number.
    pub fn float(&self, name: &'static str, default: Option<f64>) -> Result<f64, OpError> {
        self.typed(name, default, "a finite number", None, |arg| match arg {
            Arg::Int(i) => Some(*i as f64),
            Arg::Float(x) if x.is_finite() => Some(*x),
            _ => None,
        })
    }

    /// `true` or `false`.
    pub fn bool(&self, name: &'static str, default: bool) -> Result<bool, OpError> {
        self.typed(name, Some(default), "`true` or `false`", None, |arg| match arg {
            Arg::Bool(b) => Some(*b),
            _ => None,
        })
    }

    /// An axis of a tensor of that shape: channels by default, and a vector has no other.
    pub fn axis(&self, name: &'static str, shape: Shape) -> Result<Axis, OpError> {
        let axis = self
            .typed(name, Some(Axis::Channels), "`channels`, `height` or `width`", None, |arg| match arg {
                Arg::Word("channels") => Some(Axis::Channels),
                Arg::Word("height") => Some(Axis::Height),
                Arg::Word("width") => Some(Axis::Width),
                _ => None,
            })
            .map_err(|error| match self.get(name) {
                Some(Arg::Int(1..=3 | -3..=-1)) => error
                    .help("PyTorch's `dim` 1, 2 and 3 are `channels`, `height` and `width`: the batch is never named"),
                _ => error,
            })?;
        match (axis, shape) {
            (Axis::Channels, _) | (_, Shape::Map { .. }) => Ok(axis),
            (_, Shape::Vector(_)) => {
                Err(OpError::argument(name, format!("`{name} = {}`: a vector {shape} has channels only", axis.word())))
            }
        }
    }

    /// An axis of a map of that shape, or a list of some, each once.
    pub fn axes(&self, name: &'static str, shape: Shape) -> Result<Vec<Axis>, OpError> {
        let Some(Arg::List(items)) = self.get(name) else {
            return Ok(vec![self.axis(name, shape)?]);
        };
        let mut axes = Vec::new();
        for item in items {
            let axis = Bound::new(vec![(name, item.clone())]).axis(name, shape)?;
            if axes.contains(&axis) {
                let message = format!("`{name}` names `{}` twice", axis.word());
                return Err(OpError::value(name, message));
            }
            axes.push(axis);
        }
        if axes.is_empty() {
            return Err(OpError::value(name, format!("`{name}` must be an axis or a list of some, found []")));
        }
        Ok(axes)
    }

    /// Checks a size that is inferred, where the user stated it all the same.
    pub fn check(&self, name: &'static str, inferred: usize, what: &str) -> Result<(), OpError> {
        let stated = self.positive(name, Some(inferred))?;
        if stated == inferred {
            return Ok(());
        }
        Err(OpError::argument(name, format!("`{name}` says {stated}, but the input has {inferred} {what}"))
            .help(format!("leave `{name}` out, it is inferred, or change what comes before")))
    }

    fn typed<T>(
        &self,
        name: &'static str,
        default: Option<T>,
        expected: &str,
        least: Option<i64>,
        convert: impl Fn(&Arg) -> Option<T>,
    ) -> Result<T, OpError> {
        match (self.get(name), default) {
            (Some(arg), _) => convert(arg).ok_or_else(|| refuse(name, expected, least, arg)),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(OpError::new(format!("`{name}` is missing: it must be {expected}"))),
        }
    }
}

/// The error of a value that is not what was expected, and where it is out of range, with the nearest that is not.
fn refuse(name: &'static str, expected: &str, least: Option<i64>, found: &Arg) -> OpError {
    let error = OpError::value(name, format!("`{name}` must be {expected}, found {found}"));
    let any = |out: &dyn Fn(i64) -> bool| match found {
        Arg::Int(i) => out(*i),
        Arg::List(items) => items.len() == 2 && items.iter().any(|item| matches!(item, Arg::Int(i) if out(*i))),
        _ => false,
    };
    match least {
        Some(least) if any(&|i| i < least) => error.help(format!("the least is {least}")),
        Some(_) if any(&|i| i > MAX_ELEMENTS as i64) => {
            error.help("the most is 2^31, the elements that a tensor may have")
        }
        Some(_) if matches!(found, Arg::Float(_)) => {
            error.help("`int`, `round`, `floor` and `ceil` make an integer of a float")
        }
        _ => error,
    }
}

/// A padding as the user gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Top and bottom, left and right.
    Explicit([usize; 2]),
    /// TensorFlow's SAME: the output has `ceil(input / stride)`; an odd one is at the bottom and right.
    Same,
}

fn size(arg: &Arg, least: i64) -> Option<usize> {
    match arg {
        Arg::Int(i) if *i >= least => usize::try_from(*i).ok().filter(|&n| n <= MAX_ELEMENTS),
        _ => None,
    }
}

fn pair(arg: &Arg, one: impl Fn(&Arg) -> Option<usize>) -> Option<[usize; 2]> {
    match arg {
        Arg::List(items) => match items.as_slice() {
            [h, w] => Some([one(h)?, one(w)?]),
            _ => None,
        },
        arg => one(arg).map(|n| [n, n]),
    }
}
