//! `Linear`: on a vector, or at every pixel of a map.

use super::args::Bound;
use super::{AXES, addressable, elements, product, single};
use super::{ArgSpec, Array, Axis, LayerSpec, OpCost, OpError, Operator, Primitive, WeightSpec, Window};
use crate::shape::{MAX_ELEMENTS, Shape};
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "Linear",
    args: &[
        ArgSpec::required("out_features"),
        ArgSpec::optional("bias"),
        ArgSpec::named("axis").words(AXES),
        ArgSpec::named("in_features"),
    ],
    build,
    doc: "Linear(out_features, bias = true): [C] to [out_features]; `axis = channels`: at every pixel of [C, H, W]; weights \
          `weight` [out, C] and `bias` (torch.nn.Linear)",
}];

#[derive(Debug)]
struct Linear {
    input: Shape,
    output: Shape,
    bias: bool,
}

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single("Linear", inputs)?;
    let out = args.positive("out_features", None)?;
    if args.is_by_position("bias") && matches!(args.get("bias"), Some(Arg::Int(_))) {
        let found = args.get("bias").map(ToString::to_string).unwrap_or_default();
        return Err(OpError::value(
            "bias",
            format!("`Linear` takes out_features, then bias, found {found}: input features are inferred"),
        )
        .help(format!("leave the input features out: `Linear({found})`")));
    }
    let bias = args.bool("bias", true)?;
    let stated = args.get("axis").is_some();
    if args.axis("axis", input)? != Axis::Channels {
        return Err(OpError::value("axis", "`Linear` works along channels only").help("`axis = channels`"));
    }
    if let (Shape::Map { .. }, false) = (input, stated) {
        return Err(OpError::new(format!("`Linear` takes a vector [C], found the map {input}")).help(
            "put `Flatten` or `GlobalAvgPool` before it; for a `Linear` at every pixel, write `axis = channels`",
        ));
    }
    args.check("in_features", input.channels(), "features")?;
    if product(&[out, input.channels()]) > MAX_ELEMENTS as u64 {
        return Err(OpError::new(format!(
            "the weight [{out}, {}] of this `Linear` has more than 2^31 elements",
            input.channels()
        ))
        .help("pool or reduce channels before it"));
    }
    Ok(Rc::new(Linear { input, output: addressable("Linear", input.with_channels(out))?, bias }))
}

impl Operator for Linear {
    fn name(&self) -> &'static str {
        "Linear"
    }

    fn describe(&self) -> String {
        let bias = if self.bias { "" } else { ", bias = false" };
        let axis = if matches!(self.input, Shape::Map { .. }) { ", axis = channels" } else { "" };
        format!("Linear({}{bias}{axis})", self.output.channels())
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        let (input, out) = (self.input.channels(), self.output.channels());
        super::conv::weights(vec![out, input], input, self.bias.then_some(out))
    }

    fn cost(&self) -> OpCost {
        let macs = elements(self.output).saturating_mul(self.input.channels() as u64);
        let biases = if self.bias { elements(self.output) } else { 0 };
        OpCost { macs, elementwise: 0, ptflops: macs.saturating_add(biases), fvcore: macs }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let (pixels, channels) = (self.input.pixels(), self.input.channels());
        for (o, plane) in result.data.chunks_exact_mut(pixels).enumerate() {
            plane.fill(if self.bias { weights[1].data[o] } else { 0.0 });
            let row = &weights[0].data[o * channels..][..channels];
            for (factor, source) in row.iter().zip(inputs[0].data.chunks_exact(pixels)) {
                for (sum, x) in plane.iter_mut().zip(source) {
                    *sum += factor * x;
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        let window = Window { kernel: [1, 1], stride: [1, 1], before: [0, 0], after: [0, 0], dilation: [1, 1] };
        Primitive::Conv { window, groups: 1, bias: self.bias }
    }
}
