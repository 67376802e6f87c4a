//! `ChannelConv1d`: a convolution across the channels of a vector.

use super::args::Bound;
use super::{
    ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec, elements, single,
};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "ChannelConv1d",
    args: &[ArgSpec::required("kernel_size")],
    build,
    doc: "ChannelConv1d(kernel_size): a convolution across the channels of [C] or [C, 1, 1], padded to the same size, without \
          bias; `weight` [1, 1, kernel_size] (torch.nn.Conv1d(1, 1, kernel_size) of ECA-Net)",
}];

#[derive(Debug)]
struct ChannelConv {
    shape: Shape,
    taps: usize,
}

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("ChannelConv1d", inputs)?;
    let taps = args.positive("kernel_size", None)?;
    if shape.pixels() != 1 {
        return Err(OpError::new(format!("`ChannelConv1d` takes a vector [C] or [C, 1, 1], found {shape}"))
            .help("`GlobalAvgPool` or `AdaptiveAvgPool2d(1)` makes one of a map"));
    }
    if taps.is_multiple_of(2) {
        let message = format!("`kernel_size` must be odd, found {taps}: the middle weight is for the channel itself");
        let help = format!("{} or {} would do", taps - 1, taps + 1);
        return Err(OpError::value("kernel_size", message).help(help));
    }
    Ok(Rc::new(ChannelConv { shape, taps }))
}

impl Operator for ChannelConv {
    fn name(&self) -> &'static str {
        "ChannelConv1d"
    }

    fn describe(&self) -> String {
        format!("ChannelConv1d({})", self.taps)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        let kind = WeightKind::Kernel { fan_in: self.taps };
        vec![WeightSpec { name: "weight", shape: vec![1, 1, self.taps], kind }]
    }

    fn cost(&self) -> OpCost {
        let macs = elements(self.shape).saturating_mul(self.taps as u64);
        OpCost { macs, elementwise: 0, ptflops: macs, fvcore: macs }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let x = &inputs[0].data;
        let product = |c: usize, (j, w): (usize, &f64)| {
            let neighbour = (c + j).checked_sub(self.taps / 2).and_then(|i| x.get(i));
            neighbour.map_or(0.0, |x| w * x)
        };
        let sum = |c: usize| weights[0].data.iter().enumerate().map(|weight| product(c, weight)).sum();
        vec![Array { dims: inputs[0].dims.clone(), data: (0..x.len()).map(sum).collect() }]
    }

    fn lower(&self) -> Primitive {
        Primitive::ChannelConv { taps: self.taps }
    }
}
