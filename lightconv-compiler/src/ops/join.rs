//! Layers of several inputs: `Concat` and `Sum`.

use super::args::Bound;
use super::arithmetic::{binary, broadcast, for_each_broadcast};
use super::shape::step_along;
use super::{
    AXES, ArgSpec, Array, Axis, Binary, LayerSpec, OpCost, OpError, Operator, Primitive, addressable, elements,
};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "Concat",
        args: &[ArgSpec::optional("axis").words(AXES)],
        build: build_concat,
        doc: "Concat(axis = channels): a tuple's tensors one after the other along an axis (torch.cat)",
    },
    LayerSpec {
        name: "Sum",
        args: &[],
        build: build_sum,
        doc: "Sum: a tuple's tensors added; an axis of 1 is taken for any",
    },
];

fn build_concat(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let &first = inputs.first().ok_or_else(|| OpError::new("`Concat` takes a tuple of tensors, found none"))?;
    let axis = args.axis("axis", first)?;
    let mut size = 0usize;
    for &other in inputs {
        let differs = [Axis::Channels, Axis::Height, Axis::Width]
            .into_iter()
            .find(|&a| a != axis && a.size(first) != a.size(other));
        let kinds = matches!(first, Shape::Vector(_)) != matches!(other, Shape::Vector(_));
        if differs.is_some() || kinds {
            let what = differs.filter(|_| !kinds).map_or("one is a vector, the other a map".to_owned(), |a| {
                format!(
                    "their {} differ",
                    if a == Axis::Channels { "channels".to_owned() } else { format!("{}s", a.word()) }
                )
            });
            return Err(OpError::new(format!("cannot concatenate {first} and {other} along {}: {what}", axis.word()))
                .help(if kinds {
                    "`GlobalAvgPool` or `Flatten` makes a vector of a map"
                } else {
                    "all sizes but that of the axis must agree: look at strides and paddings on the way to each"
                }));
        }
        size = size.saturating_add(axis.size(other));
    }
    let output = addressable("Concat", axis.resize(first, size))?;
    Ok(Rc::new(Concat { axis, inputs: inputs.to_vec(), output }))
}

fn build_sum(_: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    match inputs {
        [] => Err(OpError::new("`Sum` takes a tuple of tensors, found none")),
        &[a, b] => Ok(Rc::new(Sum { inputs: 2, output: binary(Binary::Add, a, b)?.outputs()[0] })),
        [first, rest @ ..] => {
            let mut output = *first;
            for &next in rest {
                output = match broadcast(output, next) {
                    Ok(shape) => shape,
                    Err(_) => {
                        return Err(binary(Binary::Add, output, next)
                            .err()
                            .unwrap_or_else(|| OpError::new("cannot add these")));
                    }
                };
            }
            Ok(Rc::new(Sum { inputs: inputs.len(), output: addressable("Sum", output)? }))
        }
    }
}

#[derive(Debug)]
struct Concat {
    axis: Axis,
    inputs: Vec<Shape>,
    output: Shape,
}

impl Operator for Concat {
    fn name(&self) -> &'static str {
        "Concat"
    }

    fn describe(&self) -> String {
        match self.axis {
            Axis::Channels => "Concat".to_owned(),
            axis => format!("Concat(axis = {})", axis.word()),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let row = self.axis.size(self.output) * step_along(self.axis, self.output);
        let mut from = 0;
        for (input, &shape) in inputs.iter().zip(&self.inputs) {
            let len = self.axis.size(shape) * step_along(self.axis, shape);
            for (target, source) in result.data.chunks_exact_mut(row).zip(input.data.chunks_exact(len)) {
                target[from..from + len].copy_from_slice(source);
            }
            from += len;
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Concat(self.axis)
    }
}

#[derive(Debug)]
struct Sum {
    inputs: usize,
    output: Shape,
}

impl Operator for Sum {
    fn name(&self) -> &'static str {
        "Sum"
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        OpCost { elementwise: elements(self.output).saturating_mul(self.inputs as u64 - 1), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        for input in inputs {
            let so_far = result.clone();
            for_each_broadcast(self.output, &so_far, input, |i, j, k| result.data[i] = so_far.data[j] + input.data[k]);
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        match self.inputs {
            1 => Primitive::Identity,
            2 => Primitive::Binary(Binary::Add),
            _ => Primitive::Sum,
        }
    }
}
