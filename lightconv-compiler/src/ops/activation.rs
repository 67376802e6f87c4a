//! Activations of one number, and PReLU.

use super::args::Bound;
use super::norm::by_channel;
use super::{
    Activation, ArgSpec, Array, Build, LayerSpec, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec,
};
use super::{elements, single};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    plain("ReLU", INPLACE, |a, x| build("ReLU", Activation::Relu, a, x), "ReLU: max(x, 0)"),
    plain("ReLU6", INPLACE, |a, x| build("ReLU6", Activation::Relu6, a, x), "ReLU6: min(max(x, 0), 6)"),
    plain(
        "Hardswish",
        INPLACE,
        |a, x| build("Hardswish", Activation::Hardswish, a, x),
        "Hardswish: x * relu6(x + 3) / 6",
    ),
    plain(
        "Hardsigmoid",
        INPLACE,
        |a, x| build("Hardsigmoid", Activation::Hardsigmoid, a, x),
        "Hardsigmoid: relu6(x + 3) / 6",
    ),
    plain("Sigmoid", &[], |a, x| build("Sigmoid", Activation::Sigmoid, a, x), "Sigmoid: 1 / (1 + exp(-x))"),
    plain("SiLU", INPLACE, |a, x| build("SiLU", Activation::Silu, a, x), "SiLU: x * sigmoid(x)"),
    plain("Tanh", &[], |a, x| build("Tanh", Activation::Tanh, a, x), "Tanh: tanh(x)"),
    plain(
        "GELU",
        &[ArgSpec::optional("approximate").words(&["tanh"])],
        build_gelu,
        "GELU(approximate = none): x * Phi(x), exact, or by a hyperbolic tangent with `approximate = tanh`",
    ),
    plain("Mish", INPLACE, |a, x| build("Mish", Activation::Mish, a, x), "Mish: x * tanh(log(1 + exp(x)))"),
    plain(
        "LeakyReLU",
        &[ArgSpec::optional("negative_slope"), ArgSpec::optional("inplace")],
        |args, inputs| {
            let slope = args.float("negative_slope", Some(DEFAULT_SLOPE))?;
            build("LeakyReLU", Activation::LeakyRelu { slope }, args, inputs)
        },
        "LeakyReLU(negative_slope = 0.01): x, or negative_slope * x below zero",
    ),
    plain(
        "ELU",
        &[ArgSpec::optional("alpha"), ArgSpec::optional("inplace")],
        |args, inputs| {
            let alpha = args.float("alpha", Some(DEFAULT_ALPHA))?;
            build("ELU", Activation::Elu { alpha }, args, inputs)
        },
        "ELU(alpha = 1.0): x, or alpha * (exp(x) - 1) below zero",
    ),
    plain("Identity", &[], |a, x| build("Identity", Activation::Identity, a, x), "Identity: x"),
    plain(
        "PReLU",
        &[ArgSpec::optional("num_parameters"), ArgSpec::optional("init")],
        build_prelu,
        "PReLU(num_parameters = 1): x, or a learnt slope (`weight`, one in all or one a channel) times x below zero",
    ),
];

const INPLACE: &[ArgSpec] = &[ArgSpec::optional("inplace")];
const DEFAULT_SLOPE: f64 = 0.01;
const DEFAULT_ALPHA: f64 = 1.0;

const fn plain(name: &'static str, args: &'static [ArgSpec], build: Build, doc: &'static str) -> LayerSpec {
    LayerSpec { name, args, build, doc }
}

/// An activation in f64.
#[must_use]
pub fn apply(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => clamp(x, f64::INFINITY),
        Activation::Relu6 => clamp(x, 6.0),
        Activation::Hardswish => x * clamp(x + 3.0, 6.0) / 6.0,
        Activation::Hardsigmoid => clamp(x + 3.0, 6.0) / 6.0,
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
        Activation::Gelu => x * 0.5 * erfc(-x / std::f64::consts::SQRT_2),
        Activation::GeluTanh => x / (1.0 + (-gelu_tanh_argument(x)).exp()),
        Activation::Mish => x * softplus(x).tanh(),
        Activation::LeakyRelu { slope } => {
            if x >= 0.0 {
                x
            } else {
                slope * x
            }
        }
        Activation::Elu { alpha } => {
            if x >= 0.0 {
                x
            } else {
                alpha * x.exp_m1()
            }
        }
        Activation::Negate => -x,
    }
}

/// Twice the argument of the hyperbolic tangent: `x / 2 * (1 + tanh(z / 2))` is `x * sigmoid(z)`.
fn gelu_tanh_argument(x: f64) -> f64 {
    (8.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)
}

/// Between 0 and `top`; NaN stays NaN.
fn clamp(x: f64, top: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x > top {
        top
    } else {
        x
    }
}

fn softplus(x: f64) -> f64 {
    if x > 40.0 { x } else { x.exp().ln_1p() }
}

/// `1 - erf(x)`, to about 1e-13 of its value: the series of positive terms near zero, the continued fraction far from it.
fn erfc(x: f64) -> f64 {
    let root_pi = std::f64::consts::PI.sqrt();
    if x.is_nan() {
        return x;
    }
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.0 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term > sum * 1e-18 {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - 2.0 / root_pi * (-x * x).exp() * sum;
    }
    // exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / …))), from far enough down.
    let fraction = (1..=120).rev().fold(x, |below, k| x + f64::from(k) / 2.0 / below);
    (-x * x).exp() / root_pi / fraction
}

fn build(
    name: &'static str,
    activation: Activation,
    args: &Bound,
    inputs: &[Shape],
) -> Result<Rc<dyn Operator>, OpError> {
    args.bool("inplace", false)?;
    Ok(Rc::new(Pointwise { name, activation, shape: single(name, inputs)? }))
}

fn build_gelu(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    match args.get("approximate") {
        None | Some(Arg::None) => build("GELU", Activation::Gelu, args, inputs),
        Some(Arg::Word("tanh")) => build("GELU", Activation::GeluTanh, args, inputs),
        Some(found) => {
            let message = format!("`approximate` must be `none` or `tanh`, found {found}");
            Err(OpError::value("approximate", message).help("words stand without quotes: `approximate = tanh`"))
        }
    }
}

fn build_prelu(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("PReLU", inputs)?;
    args.float("init", Some(0.25))?;
    let slopes = args.positive("num_parameters", Some(1))?;
    if slopes != 1 && slopes != shape.channels() {
        let channels = shape.channels();
        return Err(OpError::argument(
            "num_parameters",
            format!("`num_parameters` must be 1 or the {channels} channels, found {slopes}"),
        )
        .help(format!("`PReLU({channels})`: a slope for each channel; `PReLU`: one for all")));
    }
    Ok(Rc::new(Prelu { shape, slopes }))
}

#[derive(Debug)]
struct Pointwise {
    name: &'static str,
    activation: Activation,
    shape: Shape,
}

impl Operator for Pointwise {
    fn name(&self) -> &'static str {
        self.name
    }

    fn describe(&self) -> String {
        match self.activation {
            Activation::LeakyRelu { slope } if slope != DEFAULT_SLOPE => {
                format!("LeakyReLU({slope:?})")
            }
            Activation::GeluTanh => "GELU(approximate = tanh)".to_owned(),
            Activation::Elu { alpha } if alpha != DEFAULT_ALPHA => format!("ELU({alpha:?})"),
            _ => self.name.to_owned(),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn cost(&self) -> OpCost {
        let n = elements(self.shape);
        // ptflops counts a module by a hook and the function that it calls by a patch: where it knows both, twice.
        let ptflops = match self.activation {
            Activation::Relu | Activation::Gelu | Activation::GeluTanh | Activation::Elu { .. } => n.saturating_mul(2),
            Activation::Relu6 | Activation::LeakyRelu { .. } | Activation::Silu => n,
            _ => 0,
        };
        OpCost {
            elementwise: if self.activation == Activation::Identity { 0 } else { n },
            ptflops,
            ..OpCost::default()
        }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        vec![inputs[0].map(|x| apply(self.activation, x))]
    }

    fn lower(&self) -> Primitive {
        match self.activation {
            Activation::Identity => Primitive::Identity,
            activation => Primitive::Activation(activation),
        }
    }
}

#[derive(Debug)]
struct Prelu {
    shape: Shape,
    slopes: usize,
}

impl Operator for Prelu {
    fn name(&self) -> &'static str {
        "PReLU"
    }

    fn describe(&self) -> String {
        if self.slopes == 1 { "PReLU".to_owned() } else { format!("PReLU({})", self.slopes) }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        vec![WeightSpec { name: "weight", shape: vec![self.slopes], kind: WeightKind::Slope }]
    }

    fn cost(&self) -> OpCost {
        let n = elements(self.shape);
        OpCost { elementwise: n, ptflops: n.saturating_mul(2), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let slopes = &weights[0].data;
        let slope = |c: usize| {
            if slopes.len() == 1 { slopes[0] } else { slopes[c] }
        };
        vec![by_channel(self.shape, inputs[0], |c, x| if x >= 0.0 { x } else { slope(c) * x })]
    }

    fn lower(&self) -> Primitive {
        Primitive::Prelu
    }
}
