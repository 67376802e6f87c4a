//! Arithmetic between tensors that broadcast, with scalars, unary minus; and learnt tensors as operands.

use super::{Activation, Array, Binary, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec};
use super::{addressable, elements};
use crate::shape::Shape;
use std::rc::Rc;

/// `a op b` between tensors of these shapes, which agree or where an axis of one is 1 (`[C]` means `[C, 1, 1]`).
pub fn binary(op: Binary, a: Shape, b: Shape) -> Result<Rc<dyn Operator>, OpError> {
    let output = broadcast(a, b).map_err(|axis| mismatch(op, a, b, axis))?;
    Ok(Rc::new(Elementwise { op, output: addressable(op.name(), output)? }))
}

/// `x op scalar`, or `scalar op x` where `reversed`.
#[must_use]
pub fn scalar(op: Binary, scalar: f64, reversed: bool, shape: Shape) -> Rc<dyn Operator> {
    Rc::new(WithScalar { op, scalar, reversed, shape })
}

/// `-x`.
#[must_use]
pub fn negate(shape: Shape) -> Rc<dyn Operator> {
    Rc::new(Negate { shape })
}

/// A learnt tensor of these sizes: `[C]`, `[C, H, W]`, or `[1, C]` and `[1, C, H, W]` as PyTorch writes them.
///
/// Its one [`WeightSpec`] has an empty name: the tensor's name in the file is the node's path alone.
pub fn param(dims: &[usize]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = match *dims {
        [n] | [1, n] => Shape::Vector(n),
        [channels, height, width] | [1, channels, height, width] => Shape::map(channels, height, width),
        _ => {
            return Err(OpError::new(format!(
                "a `param` has a shape of [C] or [C, H, W], perhaps behind a 1 for the batch, found {dims:?}"
            ))
            .help("the batch is never named but as a leading 1 of two or four sizes"));
        }
    };
    Ok(Rc::new(Param { dims: dims.to_vec(), shape: addressable("param", shape)? }))
}

/// `a op b` in f64.
#[must_use]
pub fn compute(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Max => keep_nan(a, b, f64::max),
        Binary::Min => keep_nan(a, b, f64::min),
    }
}

/// PyTorch's `maximum` and `minimum` give NaN where either operand is NaN; Rust's give the other operand.
fn keep_nan(a: f64, b: f64, choose: impl Fn(f64, f64) -> f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { choose(a, b) }
}

/// The shape that two broadcast to, or the name of the first axis on which they disagree.
pub fn broadcast(a: Shape, b: Shape) -> Result<Shape, &'static str> {
    let one = |a: usize, b: usize, axis| match (a, b) {
        (a, b) if a == b => Ok(a),
        (1, n) | (n, 1) => Ok(n),
        _ => Err(axis),
    };
    let lengths = matches!((a, b), (Shape::Vector(_), Shape::Vector(_)));
    let channels = one(a.channels(), b.channels(), if lengths { "lengths" } else { "channels" })?;
    if lengths {
        return Ok(Shape::Vector(channels));
    }
    let height = one(a.height(), b.height(), "heights")?;
    Ok(Shape::map(channels, height, one(a.width(), b.width(), "widths")?))
}

/// Calls `body(output index, a index, b index)` for each element of the shape that two broadcast to.
pub fn for_each_broadcast(output: Shape, a: &Array, b: &Array, mut body: impl FnMut(usize, usize, usize)) {
    let strides = |array: &Array| {
        let [_, h, w] = sizes(array);
        let step = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
        let [c, ..] = sizes(array);
        [step(c, h * w), step(h, w), step(w, 1)]
    };
    let ([ac, ah, aw], [bc, bh, bw]) = (strides(a), strides(b));
    let mut i = 0;
    for c in 0..output.channels() {
        for y in 0..output.height() {
            for x in 0..output.width() {
                body(i, c * ac + y * ah + x * aw, c * bc + y * bh + x * bw);
                i += 1;
            }
        }
    }
}

fn sizes(array: &Array) -> [usize; 3] {
    match *array.dims {
        [c, h, w] => [c, h, w],
        _ => [array.data.len(), 1, 1],
    }
}

fn mismatch(op: Binary, a: Shape, b: Shape, axis: &str) -> OpError {
    let what = match op {
        Binary::Add => format!("add {a} and {b}"),
        Binary::Sub => format!("subtract {b} from {a}"),
        Binary::Mul => format!("multiply {a} by {b}"),
        Binary::Div => format!("divide {a} by {b}"),
        Binary::Max => format!("take the maximum of {a} and {b}"),
        Binary::Min => format!("take the minimum of {a} and {b}"),
    };
    OpError::new(format!("cannot {what}: {axis} differ")).help(match axis {
        "channels" if matches!(b, Shape::Vector(_)) => {
            format!("`Linear({})` gives the right-hand side the channels of the left", a.channels())
        }
        "channels" if op == Binary::Add => format!(
            "`Conv2d({}, 1)` gives the right-hand side the channels of the left; or drop the residual",
            a.channels()
        ),
        "channels" => format!(
            "`Conv2d({}, 1)` gives the right-hand side the channels of the left; channels of 1 are taken for any",
            a.channels()
        ),
        "heights" => halved(op, a.height(), b.height(), "height"),
        "widths" => halved(op, a.width(), b.width(), "width"),
        _ => format!("`Linear({})` gives the right-hand side the length of the left", a.channels()),
    })
}

fn halved(op: Binary, a: usize, b: usize, side: &str) -> String {
    let (small, large) = (a.min(b), a.max(b));
    if large.div_ceil(2) == small {
        let or_drop = if op == Binary::Add { " or drop the residual" } else { "" };
        format!("`stride = 2` halves the {side}; use a stride of 1{or_drop}")
    } else {
        format!("a padding of half the kernel and a stride of 1 keep the {side}; an axis of 1 is taken for any")
    }
}

impl Binary {
    /// The name in summaries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Binary::Add => "add",
            Binary::Sub => "sub",
            Binary::Mul => "mul",
            Binary::Div => "div",
            Binary::Max => "max",
            Binary::Min => "min",
        }
    }

    /// `a + b`, `max(a, b)`: as written.
    #[must_use]
    pub fn write(self, a: &str, b: &str) -> String {
        match self {
            Binary::Add => format!("{a} + {b}"),
            Binary::Sub => format!("{a} - {b}"),
            Binary::Mul => format!("{a} * {b}"),
            Binary::Div => format!("{a} / {b}"),
            Binary::Max => format!("max({a}, {b})"),
            Binary::Min => format!("min({a}, {b})"),
        }
    }
}

#[derive(Debug)]
struct Elementwise {
    op: Binary,
    output: Shape,
}

impl Operator for Elementwise {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn describe(&self) -> String {
        self.op.write("a", "b")
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        OpCost { elementwise: elements(self.output), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let (a, b) = (inputs[0], inputs[1]);
        for_each_broadcast(self.output, a, b, |i, j, k| result.data[i] = compute(self.op, a.data[j], b.data[k]));
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Binary(self.op)
    }
}

#[derive(Debug)]
struct WithScalar {
    op: Binary,
    scalar: f64,
    reversed: bool,
    shape: Shape,
}

impl Operator for WithScalar {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn describe(&self) -> String {
        let number = self.scalar.to_string();
        if self.reversed { self.op.write(&number, "x") } else { self.op.write("x", &number) }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn cost(&self) -> OpCost {
        OpCost { elementwise: elements(self.shape), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let (op, scalar) = (self.op, self.scalar);
        vec![inputs[0].map(|x| if self.reversed { compute(op, scalar, x) } else { compute(op, x, scalar) })]
    }

    fn lower(&self) -> Primitive {
        Primitive::Scalar { op: self.op, scalar: self.scalar, reversed: self.reversed }
    }
}

#[derive(Debug)]
struct Negate {
    shape: Shape,
}

impl Operator for Negate {
    fn name(&self) -> &'static str {
        "neg"
    }

    fn describe(&self) -> String {
        "-x".to_owned()
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn cost(&self) -> OpCost {
        OpCost { elementwise: elements(self.shape), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        vec![inputs[0].map(|x| -x)]
    }

    fn lower(&self) -> Primitive {
        Primitive::Activation(Activation::Negate)
    }
}

#[derive(Debug)]
struct Param {
    dims: Vec<usize>,
    shape: Shape,
}

impl Operator for Param {
    fn name(&self) -> &'static str {
        "param"
    }

    fn describe(&self) -> String {
        format!("param {:?}", self.dims)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        vec![WeightSpec { name: "", shape: self.dims.clone(), kind: WeightKind::Free }]
    }

    fn evaluate(&self, _: &[&Array], weights: &[&Array]) -> Vec<Array> {
        vec![weights[0].reshape(self.shape)]
    }

    fn lower(&self) -> Primitive {
        Primitive::Param
    }
}
