//! Every operator over swept arguments against PyTorch in f64, and its counts against ptflops and fvcore
//! (`tests/pytorch/generate.py`).

mod support;

use lightconv_compiler::ops::{self, Array, Binary, OpError, Operator, WeightKind};
use lightconv_compiler::shape::Shape;
use std::rc::Rc;
use support::{difference, draw, layer, load, shape};

#[test]
fn outputs_are_pytorch_s() {
    let (tensors, cases) = load("pytorch/ops.safetensors");
    assert!(cases.len() >= 350, "the data has {} cases only", cases.len());
    let mut faults = Vec::new();
    for (number, line) in &cases {
        let case = Case::parse(number, line);
        let op = match case.build() {
            Ok(op) => op,
            Err(error) => {
                faults.push(format!("{number} {line}: {}", error.message));
                continue;
            }
        };
        let weights = case.weights(op.as_ref());
        let outputs = op.evaluate(&case.inputs.iter().collect::<Vec<_>>(), &weights.iter().collect::<Vec<_>>());
        let wanted: Vec<_> = (0..).map_while(|i| tensors.get(&format!("{number}.{i}"))).collect();
        let dims: Vec<_> = op.outputs().into_iter().map(Shape::dims).collect();
        if dims != wanted.iter().map(|w| w.dims.clone()).collect::<Vec<_>>() || outputs.len() != wanted.len() {
            faults.push(format!("{number} {line}: the shapes are {dims:?}"));
            continue;
        }
        for (output, wanted) in outputs.iter().zip(wanted) {
            if let Err(difference) = difference(output, wanted, 1e-12) {
                faults.push(format!("{number} {line}: {difference}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn counts_are_those_of_ptflops_and_fvcore() {
    let (_, cases) = load("pytorch/ops.safetensors");
    let mut compared = 0;
    for (number, line) in &cases {
        let case = Case::parse(number, line);
        let (Some(wanted), Ok(op)) = (case.counts, case.build()) else {
            continue;
        };
        assert_eq!((op.cost().ptflops, op.cost().fvcore), wanted, "{number} {line}");
        compared += 1;
    }
    assert!(compared >= 250, "{compared} compared only");
}

struct Case {
    number: u64,
    layer: String,
    inputs: Vec<Array>,
    counts: Option<(u64, u64)>,
}

impl Case {
    /// `layer | shapes | scale | ptflops fvcore`
    fn parse(number: &str, line: &str) -> Case {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [layer, shapes, scale, counts] = fields[..] else { panic!("{line} has not four fields") };
        let number: u64 = number.parse().unwrap();
        let scale: f64 = scale.parse().unwrap();
        let input = |(i, text): (usize, &str)| {
            let dims: Vec<usize> = text.trim_matches(['[', ']']).split(',').map(|n| n.parse().unwrap()).collect();
            draw(number * 16 + i as u64, &dims, scale)
        };
        let counts = counts.split_once(' ').map(|(p, f)| (p.parse().unwrap(), f.parse().unwrap()));
        Case { number, layer: layer.to_owned(), inputs: shapes.split(' ').enumerate().map(input).collect(), counts }
    }

    fn build(&self) -> Result<Rc<dyn Operator>, OpError> {
        let shapes: Vec<Shape> = self.inputs.iter().map(|a| shape(&a.dims)).collect();
        let op = |name: &str| match name {
            "+" => Binary::Add,
            "-" => Binary::Sub,
            "*" => Binary::Mul,
            "/" => Binary::Div,
            "max" => Binary::Max,
            _ => Binary::Min,
        };
        match self.layer.split(' ').collect::<Vec<_>>()[..] {
            ["binary", name] => ops::binary(op(name), shapes[0], shapes[1]),
            ["scalar", name, number, reversed] => {
                Ok(ops::scalar(op(name), number.parse().unwrap(), reversed == "true", shapes[0]))
            }
            ["negate"] => Ok(ops::negate(shapes[0])),
            ["slice", start, len] => ops::slice(start.parse().unwrap(), len.parse().unwrap(), shapes[0]),
            _ => layer(&self.layer, &shapes),
        }
    }

    /// Drawn as the generator draws them: variances positive.
    fn weights(&self, op: &dyn Operator) -> Vec<Array> {
        let drawn = op.weights().into_iter().enumerate().map(|(i, spec)| {
            let array = draw(self.number * 16 + 8 + i as u64, &spec.shape, 1.0);
            if spec.kind == WeightKind::Variance { array.map(|x| x.abs() + 0.5) } else { array }
        });
        drawn.collect()
    }
}
