//! Batch normalisation (in evaluation, by running statistics) and learnt factors of channels.

use super::args::Bound;
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec};
use super::{elements, single, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "BatchNorm2d",
        args: &[ArgSpec::optional("num_features"), ArgSpec::named("eps"), ArgSpec::named("momentum")],
        build: Some(build_batch_norm),
        doc: "BatchNorm2d(eps = 1e-5): (x - running_mean) / sqrt(running_var + eps) * weight + bias in each channel of \
              [C, H, W]; folded into the convolution before it where there is one (torch.nn.BatchNorm2d in evaluation)",
    },
    LayerSpec {
        name: "Scale",
        args: &[ArgSpec::optional("num_channels")],
        build: Some(build_scale),
        doc: "Scale: multiplies each channel by a learnt factor, `gamma` [C]",
    },
];

/// Checks the epsilon that a normalisation adds to a variance.
fn epsilon(args: &Bound, default: f64) -> Result<f64, OpError> {
    let eps = args.float("eps", Some(default))?;
    if eps >= 0.0 {
        return Ok(eps);
    }
    Err(OpError::argument("eps", format!("`eps` must be a number from 0, found {eps:?}")))
}

fn build_batch_norm(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [channels, height, width] = single_map("BatchNorm2d", inputs)?;
    args.check("num_features", channels, "channels").map_err(|error| match args.get("num_features") {
        Some(Arg::Float(eps)) => error.help(format!("if the epsilon is meant, name it: `eps = {eps:?}`")),
        _ => error,
    })?;
    Ok(Rc::new(BatchNorm { shape: Shape::map(channels, height, width), eps: epsilon(args, DEFAULT_EPS)? }))
}

/// PyTorch's.
const DEFAULT_EPS: f64 = 1e-5;

fn build_scale(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("Scale", inputs)?;
    args.check("num_channels", shape.channels(), "channels")?;
    Ok(Rc::new(Scale { shape }))
}

#[derive(Debug)]
struct BatchNorm {
    shape: Shape,
    eps: f64,
}

impl Operator for BatchNorm {
    fn name(&self) -> &'static str {
        "BatchNorm2d"
    }

    fn describe(&self) -> String {
        if self.eps == DEFAULT_EPS { "BatchNorm2d".to_owned() } else { format!("BatchNorm2d(eps = {:?})", self.eps) }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        [
            ("weight", WeightKind::Factor),
            ("bias", WeightKind::Bias),
            ("running_mean", WeightKind::Mean),
            ("running_var", WeightKind::Variance),
        ]
        .map(|(name, kind)| WeightSpec { name, shape: vec![self.shape.channels()], kind })
        .into()
    }

    fn cost(&self) -> OpCost {
        // A multiplication and an addition; `cost` drops both where the fuser folds it.
        let two = elements(self.shape).saturating_mul(2);
        OpCost { macs: 0, elementwise: two, ptflops: two, fvcore: two }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let [gamma, beta, mean, variance] = [0, 1, 2, 3].map(|i| &weights[i].data);
        vec![by_channel(self.shape, inputs[0], |c, x| {
            (x - mean[c]) / (variance[c] + self.eps).sqrt() * gamma[c] + beta[c]
        })]
    }

    fn lower(&self) -> Primitive {
        Primitive::BatchNorm { eps: self.eps }
    }
}

#[derive(Debug)]
struct Scale {
    shape: Shape,
}

impl Operator for Scale {
    fn name(&self) -> &'static str {
        "Scale"
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        vec![WeightSpec { name: "gamma", shape: vec![self.shape.channels()], kind: WeightKind::Factor }]
    }

    fn cost(&self) -> OpCost {
        OpCost { elementwise: elements(self.shape), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        vec![by_channel(self.shape, inputs[0], |c, x| x * weights[0].data[c])]
    }

    fn lower(&self) -> Primitive {
        Primitive::ChannelScale
    }
}

/// Every element through a function that knows its channel.
pub fn by_channel(shape: Shape, input: &Array, f: impl Fn(usize, f64) -> f64) -> Array {
    let pixels = shape.pixels();
    let data = input.data.iter().enumerate().map(|(i, &x)| f(i / pixels, x)).collect();
    Array { dims: input.dims.clone(), data }
}
