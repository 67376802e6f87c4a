//! `Softmax` along an axis.

use super::args::Bound;
use super::{AXES, ArgSpec, Array, Axis, LayerSpec, OpCost, OpError, Operator, Primitive, elements, single};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "Softmax",
    args: &[ArgSpec::optional("axis").words(AXES)],
    build,
    doc: "Softmax(axis = channels): exponentials over their sum along an axis (torch.nn.Softmax)",
}];

#[derive(Debug)]
struct Softmax {
    axis: Axis,
    shape: Shape,
}

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("Softmax", inputs)?;
    Ok(Rc::new(Softmax { axis: args.axis("axis", shape)?, shape }))
}

impl Operator for Softmax {
    fn name(&self) -> &'static str {
        "Softmax"
    }

    fn describe(&self) -> String {
        match self.axis {
            Axis::Channels => "Softmax".to_owned(),
            axis => format!("Softmax(axis = {})", axis.word()),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn cost(&self) -> OpCost {
        let n = elements(self.shape);
        OpCost { elementwise: n, ptflops: n, ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = inputs[0].clone();
        let size = self.axis.size(self.shape);
        let step = match self.axis {
            Axis::Channels => self.shape.pixels(),
            Axis::Height => self.shape.width(),
            Axis::Width => 1,
        };
        for block in result.data.chunks_exact_mut(size * step) {
            for first in 0..step {
                let places = || (0..size).map(|k| first + k * step);
                let top = places().map(|i| block[i]).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = places().map(|i| (block[i] - top).exp()).sum();
                for i in places() {
                    block[i] = (block[i] - top).exp() / sum;
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Softmax(self.axis)
    }
}
