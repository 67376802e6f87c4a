//! Normalisation: of batches (in evaluation, by running statistics), of the channels of a pixel, of groups of channels; and learnt
//! factors of channels.

use super::args::Bound;
use super::conv::check_whole_groups;
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec};
use super::{elements, single, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "BatchNorm2d",
        args: &[
            ArgSpec::optional("num_features"),
            ArgSpec::named("eps"),
            ArgSpec::named("momentum"),
            ArgSpec::named("affine"),
            ArgSpec::named("track_running_stats"),
        ],
        build: build_batch_norm,
        doc: "BatchNorm2d(eps = 1e-5): (x - running_mean) / sqrt(running_var + eps) * weight + bias in each channel of \
              [C, H, W]; folded into the convolution before it where there is one (torch.nn.BatchNorm2d in evaluation)",
    },
    LayerSpec {
        name: "LayerNorm2d",
        args: &[ArgSpec::optional("num_channels"), ArgSpec::named("eps")],
        build: build_layer_norm,
        doc: "LayerNorm2d(eps = 1e-6): (x - mean) / sqrt(var + eps) * weight + bias with the mean and variance of the channels of \
              each pixel of [C, H, W]; `weight` and `bias` [C] (timm's LayerNorm2d, torch.nn.LayerNorm with the channels last)",
    },
    LayerSpec {
        name: "GroupNorm",
        args: &[
            ArgSpec::required("num_groups"),
            ArgSpec::optional("num_channels"),
            ArgSpec::named("eps"),
            ArgSpec::named("affine"),
        ],
        build: build_group_norm,
        doc: "GroupNorm(num_groups, eps = 1e-5): the same with the mean and variance of each of num_groups runs of channels over \
              all of [C, H, W] or [C] (torch.nn.GroupNorm)",
    },
    LayerSpec {
        name: "Scale",
        args: &[ArgSpec::optional("num_channels")],
        build: build_scale,
        doc: "Scale: multiplies each channel by a learnt factor, `gamma` [C]",
    },
];

/// Checks the epsilon that a normalisation adds to a variance.
fn epsilon(args: &Bound, default: f64) -> Result<f64, OpError> {
    let eps = args.float("eps", Some(default))?;
    if eps >= 0.0 {
        return Ok(eps);
    }
    Err(OpError::value("eps", format!("`eps` must be a number from 0, found {eps:?}")))
}

fn build_batch_norm(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [channels, height, width] = single_map("BatchNorm2d", inputs)?;
    check_channels(args, "num_features", channels)?;
    check_affine(args)?;
    if !args.bool("track_running_stats", true)? {
        let message = "a batch norm without running statistics has those of the batch, and a net here has no batch";
        return Err(OpError::value("track_running_stats", message).help("leave the argument out"));
    }
    Ok(Rc::new(BatchNorm { shape: Shape::map(channels, height, width), eps: epsilon(args, DEFAULT_EPS)? }))
}

/// Checks the channels where they are stated. A float in their place is an epsilon, which is given by name only.
fn check_channels(args: &Bound, name: &'static str, channels: usize) -> Result<(), OpError> {
    args.check(name, channels, "channels").map_err(|error| match args.get(name) {
        Some(Arg::Float(eps)) => error.help(format!("if the epsilon is meant, name it: `eps = {eps:?}`")),
        _ => error,
    })
}

/// Refuses a normalisation without a learnt factor and summand.
fn check_affine(args: &Bound) -> Result<(), OpError> {
    if args.bool("affine", true)? {
        return Ok(());
    }
    let message = "a normalisation without `weight` and `bias` is not supported";
    Err(OpError::value("affine", message)
        .help("leave the argument out, and give it a `weight` of ones and a `bias` of zeros"))
}

fn build_layer_norm(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [channels, height, width] = single_map("LayerNorm2d", inputs)?;
    check_channels(args, "num_channels", channels)?;
    Ok(Rc::new(LayerNorm { shape: Shape::map(channels, height, width), eps: epsilon(args, LAYER_NORM_EPS)? }))
}

fn build_group_norm(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("GroupNorm", inputs)?;
    let groups = args.positive("num_groups", None)?;
    check_channels(args, "num_channels", shape.channels())?;
    check_affine(args)?;
    check_whole_groups("GroupNorm", "num_groups", groups, shape)?;
    Ok(Rc::new(GroupNorm { shape, groups, eps: epsilon(args, DEFAULT_EPS)? }))
}

/// timm's.
const LAYER_NORM_EPS: f64 = 1e-6;

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
        let running = [("running_mean", WeightKind::Mean), ("running_var", WeightKind::Variance)];
        let mut weights = affine(self.shape);
        weights.extend(vectors(self.shape, running));
        weights
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
struct LayerNorm {
    shape: Shape,
    eps: f64,
}

impl Operator for LayerNorm {
    fn name(&self) -> &'static str {
        "LayerNorm2d"
    }

    fn describe(&self) -> String {
        if self.eps == LAYER_NORM_EPS { "LayerNorm2d".to_owned() } else { format!("LayerNorm2d(eps = {:?})", self.eps) }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        affine(self.shape)
    }

    fn cost(&self) -> OpCost {
        // ptflops doubles what has an attribute `affine`: torch.nn.LayerNorm has none
        let n = elements(self.shape);
        OpCost { elementwise: n.saturating_mul(2), ptflops: n, fvcore: n.saturating_mul(5), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let (channels, pixels) = (self.shape.channels(), self.shape.pixels());
        let of_pixel = |pixel: usize| statistics((0..channels).map(|c| inputs[0].data[c * pixels + pixel]));
        let statistics: Vec<_> = (0..pixels).map(of_pixel).collect();
        vec![normalised(inputs[0], weights, self.eps, pixels, |_, pixel| statistics[pixel])]
    }

    fn lower(&self) -> Primitive {
        Primitive::LayerNorm { eps: self.eps }
    }
}

#[derive(Debug)]
struct GroupNorm {
    shape: Shape,
    groups: usize,
    eps: f64,
}

impl Operator for GroupNorm {
    fn name(&self) -> &'static str {
        "GroupNorm"
    }

    fn describe(&self) -> String {
        let eps = if self.eps == DEFAULT_EPS { String::new() } else { format!(", eps = {:?}", self.eps) };
        format!("GroupNorm({}{eps})", self.groups)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        affine(self.shape)
    }

    fn cost(&self) -> OpCost {
        let n = elements(self.shape);
        let two = n.saturating_mul(2);
        OpCost { elementwise: two, ptflops: two, fvcore: n.saturating_mul(5), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let (len, pixels) = (self.shape.channels() / self.groups, self.shape.pixels());
        let groups = inputs[0].data.chunks_exact(len * pixels);
        let statistics: Vec<_> = groups.map(|group| statistics(group.iter().copied())).collect();
        vec![normalised(inputs[0], weights, self.eps, pixels, |c, _| statistics[c / len])]
    }

    fn lower(&self) -> Primitive {
        Primitive::GroupNorm { groups: self.groups, eps: self.eps }
    }
}

/// A factor and a summand for each channel.
fn affine(shape: Shape) -> Vec<WeightSpec> {
    vectors(shape, [("weight", WeightKind::Factor), ("bias", WeightKind::Bias)]).into()
}

/// Weights of a number for each channel.
fn vectors(shape: Shape, named: [(&'static str, WeightKind); 2]) -> [WeightSpec; 2] {
    named.map(|(name, kind)| WeightSpec { name, shape: vec![shape.channels()], kind })
}

/// Mean and biased variance.
fn statistics(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = numbers.clone().count() as f64;
    let mean = numbers.clone().sum::<f64>() / count;
    (mean, numbers.map(|x| (x - mean).powi(2)).sum::<f64>() / count)
}

/// Every element by the mean and variance that its channel and pixel have, times a weight and plus a bias for each channel.
fn normalised(
    input: &Array,
    weights: &[&Array],
    eps: f64,
    pixels: usize,
    statistics: impl Fn(usize, usize) -> (f64, f64),
) -> Array {
    let number = |(i, x): (usize, &f64)| {
        let (c, pixel) = (i / pixels, i % pixels);
        let (mean, variance) = statistics(c, pixel);
        (x - mean) / (variance + eps).sqrt() * weights[0].data[c] + weights[1].data[c]
    };
    Array { dims: input.dims.clone(), data: input.data.iter().enumerate().map(number).collect() }
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
