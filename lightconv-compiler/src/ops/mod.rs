//! The operators: one file a family, each with its arguments, shape rule, weights, cost and plain f64 evaluation.
//!
//! A layer of the language is a [`LayerSpec`] in its family's `LAYERS`; applied to shapes and bound arguments it becomes an
//! [`Operator`]. What the fuser knows of an operator is only the [`Primitive`] it lowers to. Nothing outside this folder
//! lists operators.

mod activation;
mod args;
mod arithmetic;
mod attention;
mod channel_conv;
mod conv;
mod foreign;
mod join;
mod linear;
mod norm;
mod pool;
mod primitive;
mod rearrange;
mod resize;
mod shape;
mod softmax;
mod transposed;
mod window;

pub use activation::apply;
pub use args::Bound;
pub use arithmetic::{binary, compute, negate, param, scalar};
pub use conv::{is_large_kernel, pasted_channels};
pub use foreign::spelling;
pub use primitive::{Activation, Axis, Binary, Loop, Move, Primitive, Reduction, Resize, Window};
pub use shape::slice;

use crate::shape::Shape;
use std::fmt;
use std::rc::Rc;

/// The families, in the order of the language's table.
const FAMILIES: &[&[LayerSpec]] = &[
    conv::LAYERS,
    transposed::LAYERS,
    linear::LAYERS,
    channel_conv::LAYERS,
    norm::LAYERS,
    activation::LAYERS,
    softmax::LAYERS,
    pool::LAYERS,
    shape::LAYERS,
    rearrange::LAYERS,
    resize::LAYERS,
    join::LAYERS,
    attention::LAYERS,
];

/// Every layer built in.
pub fn layers() -> impl Iterator<Item = &'static LayerSpec> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The layer of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static LayerSpec> {
    layers().find(|layer| layer.name == name)
}

/// Why an operator refuses its arguments or its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct OpError {
    /// What was expected and what was found.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The argument at fault; `None`: the layer as a whole.
    pub argument: Option<&'static str>,
    /// Whether it is the argument's value alone that is at fault, whatever the inputs and the other arguments are.
    pub by_value: bool,
}

impl OpError {
    /// An error of the layer as a whole.
    pub fn new(message: impl Into<String>) -> OpError {
        OpError { message: message.into(), help: None, argument: None, by_value: false }
    }

    /// An error of one argument.
    pub fn argument(name: &'static str, message: impl Into<String>) -> OpError {
        OpError { argument: Some(name), ..OpError::new(message) }
    }

    /// An error of the value of one argument, which no input and no other argument could make right.
    pub fn value(name: &'static str, message: impl Into<String>) -> OpError {
        OpError { by_value: true, ..OpError::argument(name, message) }
    }

    /// The same, with a way to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> OpError {
        self.help = Some(help.into());
        self
    }
}

/// An argument that a layer takes.
#[derive(Debug)]
pub struct ArgSpec {
    /// PyTorch's name.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it may be given by position; its place is its place in the list among such.
    pub positional: bool,
    /// The words it understands, such as `channels`.
    pub words: &'static [&'static str],
    /// Whether it may be given twice (`Transpose(axis = height, axis = width)`): then the values form a list.
    pub repeated: bool,
}

impl ArgSpec {
    /// Must be given, by position or name.
    const fn required(name: &'static str) -> ArgSpec {
        ArgSpec { name, required: true, positional: true, words: &[], repeated: false }
    }

    /// May be given, by position or name.
    const fn optional(name: &'static str) -> ArgSpec {
        ArgSpec { name, required: false, positional: true, words: &[], repeated: false }
    }

    /// May be given by name only.
    const fn named(name: &'static str) -> ArgSpec {
        ArgSpec { name, required: false, positional: false, words: &[], repeated: false }
    }

    /// The same, understanding some words.
    const fn words(self, words: &'static [&'static str]) -> ArgSpec {
        ArgSpec { words, ..self }
    }
}

/// `axis = channels`: the words of every axis argument.
const AXES: &[&str] = &["channels", "height", "width"];

/// What is wrong with the arguments of a layer whose inputs are not known: what is wrong whatever they are.
pub fn check_values(layer: &LayerSpec, args: &Bound) -> Result<(), OpError> {
    // Stand-ins that most layers take, so that they come to look at their arguments.
    let (map, vector) = (Shape::map(64, 64, 64), Shape::Vector(64));
    for inputs in [&[map][..], &[vector], &[map, map]] {
        if let Err(error) = (layer.build)(args, inputs)
            && error.by_value
        {
            return Err(error);
        }
    }
    Ok(())
}

/// Applies a layer to arguments and to the shapes of its inputs.
pub type Build = fn(&Bound, &[Shape]) -> Result<Rc<dyn Operator>, OpError>;

/// A layer that the language offers.
#[derive(Debug)]
pub struct LayerSpec {
    /// PyTorch's name.
    pub name: &'static str,
    /// What it takes.
    pub args: &'static [ArgSpec],
    /// Applies it: checks arguments and shapes.
    pub build: Build,
    /// One line of documentation: shapes, defaults, source.
    pub doc: &'static str,
}

/// What a weight is for: whether it counts as a parameter, and what `random` draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightKind {
    /// Of a convolution or linear layer; `fan_in` products make one output.
    Kernel {
        /// Products for one output.
        fan_in: usize,
    },
    /// A bias, or batch norm's shift.
    Bias,
    /// A factor near one: batch norm's `weight`, `gamma`.
    Factor,
    /// Running mean: not a parameter.
    Mean,
    /// Running variance, positive: not a parameter.
    Variance,
    /// PReLU's slope.
    Slope,
    /// A `param`.
    Free,
}

impl WeightKind {
    /// Whether `params` counts it.
    #[must_use]
    pub fn is_parameter(self) -> bool {
        !matches!(self, WeightKind::Mean | WeightKind::Variance)
    }
}

/// A tensor that an operator wants from the weights file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightSpec {
    /// PyTorch's parameter name: `weight`, `bias`, `running_mean`.
    pub name: &'static str,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// What it is for.
    pub kind: WeightKind,
}

/// What one use of an operator costs, by each convention (`golden/README.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpCost {
    /// Multiply-accumulates.
    pub macs: u64,
    /// Element-wise operations on elements, after batch-norm folding.
    pub elementwise: u64,
    /// What ptflops 0.7.5 (`pytorch` back end) reports.
    pub ptflops: u64,
    /// What fvcore 0.1.5 reports.
    pub fvcore: u64,
}

/// A tensor of the reference evaluation: f64, channel-first.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its shape as PyTorch has it, without the batch.
    pub dims: Vec<usize>,
    /// Row-major.
    pub data: Vec<f64>,
}

impl Array {
    /// Zeros of a shape.
    #[must_use]
    pub fn zeros(shape: Shape) -> Array {
        Array { dims: shape.dims(), data: vec![0.0; shape.elements()] }
    }

    /// The same elements under another shape.
    #[must_use]
    pub fn reshape(&self, shape: Shape) -> Array {
        Array { dims: shape.dims(), data: self.data.clone() }
    }

    /// Every element through a function.
    #[must_use]
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Array {
        Array { dims: self.dims.clone(), data: self.data.iter().map(|&x| f(x)).collect() }
    }
}

/// The product of sizes, at most `u64::MAX`.
fn product(sizes: &[usize]) -> u64 {
    sizes.iter().fold(1, |n, &size| n.saturating_mul(size as u64))
}

/// The elements of a shape, at most `u64::MAX`.
fn elements(shape: Shape) -> u64 {
    product(&shape.dims())
}

/// The only input of a layer that takes one.
fn single(layer: &str, inputs: &[Shape]) -> Result<Shape, OpError> {
    match inputs {
        &[x] => Ok(x),
        [] => Err(OpError::new(format!("`{layer}` takes a tensor, found none"))),
        many => Err(OpError::new(format!("`{layer}` takes one tensor, found {}", many.len()))
            .help("apply it to each of them, or join them first with `Concat` or `Sum`")),
    }
}

/// The only input of a layer that takes a map, with its channels, height and width.
fn single_map(layer: &str, inputs: &[Shape]) -> Result<[usize; 3], OpError> {
    match single(layer, inputs)? {
        Shape::Map { channels, height, width } => Ok([channels, height, width]),
        vector @ Shape::Vector(_) => Err(OpError::new(format!(
            "`{layer}` takes a map [channels, height, width], found {vector}"
        ))
        .help(
            "a tensor loses its height and width in `GlobalAvgPool`, `Flatten` and `Linear`: use the layer before them",
        )),
    }
}

/// A shape that a layer would give, if it can be addressed.
fn addressable(layer: &str, shape: Shape) -> Result<Shape, OpError> {
    if shape.is_addressable() {
        return Ok(shape);
    }
    let found = if shape.dims().contains(&0) { "no elements" } else { "more than 2^31 elements" };
    Err(OpError::new(format!("`{layer}` would give {shape}, which has {found}")))
}

/// An operator applied to inputs of known shapes.
pub trait Operator: fmt::Debug {
    /// The layer's name, as in summaries: `Conv2d`, `add`.
    fn name(&self) -> &'static str;
    /// The layer as a person would write it with all that is not default: `Conv2d(16, 3, stride = 2)`.
    fn describe(&self) -> String {
        self.name().to_owned()
    }
    /// Shapes of the outputs (those of the inputs were checked when it was built).
    fn outputs(&self) -> Vec<Shape>;
    /// Tensors wanted from the weights file.
    fn weights(&self) -> Vec<WeightSpec> {
        Vec::new()
    }
    /// What it costs.
    fn cost(&self) -> OpCost {
        OpCost::default()
    }
    /// The plain evaluation in f64: obviously right, never fast.
    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array>;
    /// What the fuser sees.
    fn lower(&self) -> Primitive;
}
