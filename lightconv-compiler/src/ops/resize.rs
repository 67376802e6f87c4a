//! `Upsample`: a map of another size, by the nearest pixel or bilinearly.

use super::args::Bound;
use super::rearrange::repeat;
use super::window::pair;
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, Resize};
use super::{addressable, elements, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "Upsample",
    args: &[
        ArgSpec::optional("size"),
        ArgSpec::optional("scale_factor"),
        ArgSpec::optional("mode").words(MODES),
        ArgSpec::optional("align_corners"),
    ],
    build,
    doc: "Upsample(size or scale_factor = …, mode = nearest, align_corners = false): [C, H, W] at another size, each pixel the \
          nearest one or, `mode = bilinear`, between the four nearest (torch.nn.Upsample)",
}];

const MODES: &[&str] = &["nearest", "bilinear"];

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map("Upsample", inputs)?;
    let mode = args.word("mode", MODES)?;
    let align_corners = match args.get("align_corners") {
        Some(Arg::None) => false,
        _ => args.bool("align_corners", false)?,
    };
    if align_corners && mode == "nearest" {
        return Err(OpError::argument("align_corners", "`align_corners` is for `mode = bilinear` only"));
    }
    let given = |name: &str| !matches!(args.get(name), None | Some(Arg::None));
    let sides = [height, width];
    let (output, factors, text) = match (given("size"), given("scale_factor")) {
        (true, false) => {
            let size = args.pair("size", None)?;
            (size, None, format!("size = {}", pair(size)))
        }
        (false, true) => {
            let factors = args.factors("scale_factor")?;
            // a float beyond `usize` stops at its end, and is then no size that can be addressed
            let output = [0, 1].map(|i| (sides[i] as f64 * factors[i]) as usize);
            (output, Some(factors), format!("scale_factor = {}", written(factors)))
        }
        (given, _) => {
            let found = if given { "both" } else { "neither" };
            return Err(OpError::new(format!("`Upsample` takes `size` or `scale_factor`, found {found}")));
        }
    };
    let text = match (mode, align_corners) {
        ("nearest", _) => format!("Upsample({text})"),
        (_, false) => format!("Upsample({text}, mode = bilinear)"),
        (_, true) => format!("Upsample({text}, mode = bilinear, align_corners = true)"),
    };
    let shape = addressable("Upsample", Shape::map(channels, output[0], output[1]))?;
    if mode == "nearest" && output.iter().zip(sides).all(|(out, side)| out.is_multiple_of(side)) {
        let how = How::Repeat([output[0] / height, output[1] / width]);
        return Ok(Rc::new(Upsample { text, input, output: shape, how }));
    }
    let step = [0, 1].map(|i| match (align_corners, factors) {
        (true, _) if output[i] > 1 => (sides[i] - 1) as f64 / (output[i] - 1) as f64,
        (true, _) => 0.0,
        (false, Some(factors)) => 1.0 / factors[i],
        (false, None) => sides[i] as f64 / output[i] as f64,
    });
    let resize = match mode {
        "nearest" => Resize::Nearest { step: step.map(|s| s as f32) },
        _ => Resize::Bilinear { step, align_corners },
    };
    Ok(Rc::new(Upsample { text, input, output: shape, how: How::Resize(resize) }))
}

/// Factors as a person would write them.
fn written([a, b]: [f64; 2]) -> String {
    if a == b { a.to_string() } else { format!("[{a}, {b}]") }
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// Each pixel so many times, down and across: the nearest ones where the factors are whole.
    Repeat([usize; 2]),
    Resize(Resize),
}

#[derive(Debug)]
struct Upsample {
    text: String,
    input: [usize; 3],
    output: Shape,
    how: How,
}

impl Operator for Upsample {
    fn name(&self) -> &'static str {
        "Upsample"
    }

    fn describe(&self) -> String {
        self.text.clone()
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let n = elements(self.output);
        let each = if matches!(self.how, How::Resize(Resize::Bilinear { .. })) { 4 } else { 1 };
        // ptflops counts the module and the function that it calls
        OpCost { ptflops: n.saturating_mul(2), fvcore: n.saturating_mul(each), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let [_, height, width] = self.input;
        let (out_height, out_width) = (self.output.height(), self.output.width());
        let mut result = Array::zeros(self.output);
        let planes = inputs[0].data.chunks_exact(height * width);
        for (plane, out) in planes.zip(result.data.chunks_exact_mut(out_height * out_width)) {
            for (i, value) in out.iter_mut().enumerate() {
                let (rows, columns) =
                    (neighbours(self.how, 0, i / out_width, height), neighbours(self.how, 1, i % out_width, width));
                *value = 0.0;
                for (y, a) in rows {
                    for (x, b) in columns {
                        *value += a * b * plane[y * width + x];
                    }
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        match self.how {
            How::Repeat(factors) => Primitive::Move(repeat(self.input, factors)),
            How::Resize(resize) => Primitive::Resize(resize),
        }
    }
}

/// The pixels that output `i` lies between along an axis, and how much of each it has.
fn neighbours(how: How, axis: usize, i: usize, len: usize) -> [(usize, f64); 2] {
    match how {
        How::Repeat(factors) => [(i / factors[axis], 1.0), (i / factors[axis], 0.0)],
        How::Resize(Resize::Nearest { step }) => {
            let at = ((i as f32 * step[axis]) as usize).min(len - 1);
            [(at, 1.0), (at, 0.0)]
        }
        How::Resize(Resize::Bilinear { step, align_corners }) => {
            let at = if align_corners { i as f64 * step[axis] } else { (i as f64 + 0.5) * step[axis] - 0.5 };
            let at = at.max(0.0);
            let first = (at as usize).min(len - 1);
            let rest = (at - first as f64).clamp(0.0, 1.0);
            [(first, 1.0 - rest), ((first + 1).min(len - 1), rest)]
        }
    }
}
