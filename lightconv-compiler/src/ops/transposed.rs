//! `ConvTranspose2d`.

use super::args::{Bound, Padding};
use super::conv::{self, check_groups, check_positional_kernel, check_weight};
use super::window::{pair, reach};
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, WeightSpec, Window};
use super::{addressable, elements, product, single_map};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "ConvTranspose2d",
    args: &[
        ArgSpec::required("out_channels"),
        ArgSpec::required("kernel_size"),
        ArgSpec::optional("stride"),
        ArgSpec::optional("padding"),
        ArgSpec::optional("output_padding"),
        ArgSpec::optional("groups"),
        ArgSpec::optional("bias"),
        ArgSpec::optional("dilation"),
        ArgSpec::named("in_channels"),
    ],
    build,
    doc: "ConvTranspose2d(out_channels, kernel_size, stride = 1, padding = 0, output_padding = 0, groups = 1, bias = true, \
          dilation = 1): a transposed convolution of [C, H, W]; a side of n pixels becomes (n - 1) * stride - 2 * padding + \
          dilation * (kernel_size - 1) + output_padding + 1; weights `weight` [C, out / groups, kh, kw] and `bias` \
          (torch.nn.ConvTranspose2d)",
}];

/// A transposed convolution of an input of known shape.
#[derive(Debug)]
struct ConvTranspose2d {
    input: [usize; 3],
    output: Shape,
    window: Window,
    output_padding: [usize; 2],
    groups: usize,
    bias: bool,
}

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map("ConvTranspose2d", inputs)?;
    args.check("in_channels", channels, "channels")?;
    let out_channels = args.positive("out_channels", None)?;
    let kernel = args.pair("kernel_size", None)?;
    check_positional_kernel("ConvTranspose2d", args, kernel)?;
    let stride = args.pair("stride", Some([1, 1]))?;
    let explicit = |name| match args.padding(name)? {
        Padding::Explicit(p) => Ok(p),
        Padding::Same => Err(OpError::value(name, format!("`{name}` of `ConvTranspose2d` must be a number"))),
    };
    let (padding, output_padding) = (explicit("padding")?, explicit("output_padding")?);
    let dilation = args.pair("dilation", Some([1, 1]))?;
    let groups = args.positive("groups", Some(1))?;
    let bias = args.bool("bias", true)?;
    check_groups(channels, out_channels, groups)?;
    let mut sides = [0; 2];
    for axis in 0..2 {
        if output_padding[axis] >= stride[axis].max(dilation[axis]) {
            let message = format!(
                "`output_padding` must be less than the stride or the dilation, {}, found {}",
                stride[axis].max(dilation[axis]),
                output_padding[axis]
            );
            return Err(OpError::argument("output_padding", message));
        }
        let full = (([height, width][axis] - 1) as u64).saturating_mul(stride[axis] as u64)
            + reach(kernel[axis], dilation[axis])
            + output_padding[axis] as u64;
        let Some(side) = full.checked_sub(2 * padding[axis] as u64).filter(|side| *side > 0) else {
            let side = ["height", "width"][axis];
            let message = format!("`padding` takes {} pixels off a {side} of {full}", 2 * padding[axis]);
            return Err(OpError::argument("padding", message));
        };
        sides[axis] = usize::try_from(side).unwrap_or(usize::MAX);
    }
    let output = addressable("ConvTranspose2d", Shape::map(out_channels, sides[0], sides[1]))?;
    // what a kernel reads is the input with zeros between its pixels and around them
    let spread = [0, 1].map(|i| sides[i].saturating_add((kernel[i] - 1).saturating_mul(dilation[i])));
    addressable("ConvTranspose2d", Shape::map(channels, spread[0], spread[1]))?;
    check_weight("ConvTranspose2d", [channels, out_channels / groups, kernel[0], kernel[1]])?;
    let window = Window { kernel, stride, before: padding, after: padding, dilation };
    Ok(Rc::new(ConvTranspose2d { input, output, window, output_padding, groups, bias }))
}

impl Operator for ConvTranspose2d {
    fn name(&self) -> &'static str {
        "ConvTranspose2d"
    }

    fn describe(&self) -> String {
        let Window { kernel, stride, before, dilation, .. } = self.window;
        let options = [
            ("stride", pair(stride), "1"),
            ("padding", pair(before), "0"),
            ("output_padding", pair(self.output_padding), "0"),
            ("groups", self.groups.to_string(), "1"),
            ("bias", self.bias.to_string(), "true"),
            ("dilation", pair(dilation), "1"),
        ];
        conv::written("ConvTranspose2d", self.output.channels(), kernel, &options)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        let [kh, kw] = self.window.kernel;
        let (channels, out) = (self.input[0], self.output.channels());
        let fan_in = channels / self.groups * kh * kw;
        conv::weights(vec![channels, out / self.groups, kh, kw], fan_in, self.bias.then_some(out))
    }

    fn cost(&self) -> OpCost {
        let [channels, height, width] = self.input;
        let [kh, kw] = self.window.kernel;
        let macs = product(&[channels, height, width]).saturating_mul(product(&[
            self.output.channels() / self.groups,
            kh,
            kw,
        ]));
        let biases = if self.bias { elements(self.output) } else { 0 };
        OpCost { macs, elementwise: 0, ptflops: macs.saturating_add(biases), fvcore: macs }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let [channels, height, width] = self.input;
        let (out_height, out_width) = (self.output.height(), self.output.width());
        let Window { kernel: [kh, kw], stride, before, dilation, .. } = self.window;
        let (in_group, out_group) = (channels / self.groups, self.output.channels() / self.groups);
        if self.bias {
            for (plane, bias) in result.data.chunks_exact_mut(out_height * out_width).zip(&weights[1].data) {
                plane.fill(*bias);
            }
        }
        for channel in 0..channels {
            for o in 0..out_group {
                let plane = (channel / in_group * out_group + o) * out_height * out_width;
                for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                    let value = inputs[0].data[(channel * height + y) * width + x];
                    for (ky, kx) in (0..kh).flat_map(|ky| (0..kw).map(move |kx| (ky, kx))) {
                        let row = (y * stride[0] + ky * dilation[0]).checked_sub(before[0]);
                        let column = (x * stride[1] + kx * dilation[1]).checked_sub(before[1]);
                        if let (Some(row), Some(column)) = (row, column)
                            && row < out_height
                            && column < out_width
                        {
                            let weight = weights[0].data[((channel * out_group + o) * kh + ky) * kw + kx];
                            result.data[plane + row * out_width + column] += weight * value;
                        }
                    }
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::ConvTranspose { window: self.window, groups: self.groups, bias: self.bias }
    }
}
