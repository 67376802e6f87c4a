//! Layers that put the same numbers elsewhere, or zeros between them: transposition, space to depth and back, padding.
//!
//! All of them are one [`Move`]: nested loops that step through input and output along straight lines.

use super::args::Bound;
use super::conv::near_divisors;
use super::{AXES, ArgSpec, Array, Axis, LayerSpec, Loop, Move, OpError, Operator, Primitive};
use super::{addressable, single, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "Transpose",
        args: &[ArgSpec { repeated: true, ..ArgSpec::optional("axis").words(AXES) }],
        build: build_transpose,
        doc: "Transpose(axis = height, axis = width): two axes of [C, H, W] exchanged (torch.transpose)",
    },
    LayerSpec {
        name: "PixelShuffle",
        args: &[ArgSpec::required("upscale_factor")],
        build: build_pixel_shuffle,
        doc: "PixelShuffle(upscale_factor): [C * r * r, H, W] to [C, H * r, W * r] (torch.nn.PixelShuffle)",
    },
    LayerSpec {
        name: "PixelUnshuffle",
        args: &[ArgSpec::required("downscale_factor")],
        build: build_pixel_unshuffle,
        doc: "PixelUnshuffle(downscale_factor): [C, H * r, W * r] to [C * r * r, H, W] (torch.nn.PixelUnshuffle)",
    },
    LayerSpec {
        name: "SpaceToDepth",
        args: &[ArgSpec::required("block"), ArgSpec::optional("order").words(ORDERS)],
        build: build_space_to_depth,
        doc: "SpaceToDepth(block, order = focus): [C, H * b, W * b] to [b * b * C, H, W]; `focus`: as YOLOv5's Focus, the \
              row of a block's pixel runs fastest, `contract` (YOLOv5's Contract) and `onnx` (ONNX's SpaceToDepth): the column",
    },
    LayerSpec {
        name: "ZeroPad2d",
        args: &[ArgSpec::required("padding")],
        build: build_zero_pad,
        doc: "ZeroPad2d([left, right, top, bottom]): a border of zeros; one number for all four sides (torch.nn.ZeroPad2d)",
    },
    LayerSpec {
        name: "ZeroPadChannels",
        args: &[ArgSpec::required("before"), ArgSpec::optional("after")],
        build: build_zero_pad_channels,
        doc: "ZeroPadChannels(before, after = 0): channels of zeros (torch.nn.functional.pad(x, (0, 0, 0, 0, before, after)))",
    },
];

/// The orders of `SpaceToDepth`.
const ORDERS: &[&str] = &["focus", "contract", "onnx"];

/// A loop of `count` turns; steps are [channels, height, width].
fn turn(count: usize, input: [usize; 3], output: [usize; 3]) -> Loop {
    Loop { count, input, output }
}

/// One step along an axis: 0 is the channels.
fn unit(axis: usize) -> [usize; 3] {
    [0, 1, 2].map(|i| usize::from(i == axis))
}

fn build_transpose(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let size @ [channels, height, width] = single_map("Transpose", inputs)?;
    let axes = match args.get("axis") {
        Some(_) => args.axes("axis", Shape::map(channels, height, width))?,
        None => vec![Axis::Height, Axis::Width],
    };
    let [a, b] = axes[..] else {
        let message = format!("`Transpose` exchanges two axes, found {}", axes.len());
        return Err(OpError::value("axis", message).help("`Transpose(axis = height, axis = width)`"));
    };
    let index = |axis| match axis {
        Axis::Channels => 0,
        Axis::Height => 1,
        Axis::Width => 2,
    };
    // where each axis of the input goes
    let mut places = [0, 1, 2];
    places.swap(index(a), index(b));
    let mut output = size;
    output.swap(index(a), index(b));
    // the input's channels stand together: innermost they would be read in one run, as they are written where they stay
    let loops = [1, 2, 0].map(|axis| turn(size[axis], unit(axis), unit(places[axis]))).to_vec();
    let text = format!("Transpose(axis = {}, axis = {})", a.word(), b.word());
    Rearrange::whole("Transpose", text, output, loops)
}

fn build_pixel_shuffle(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [channels, height, width] = single_map("PixelShuffle", inputs)?;
    let r = args.positive("upscale_factor", None)?;
    let Some(square) = r.checked_mul(r).filter(|square| channels.is_multiple_of(*square)) else {
        let message = format!("`PixelShuffle({r})` needs channels in multiples of {r} x {r}, found {channels}");
        return Err(OpError::argument("upscale_factor", message));
    };
    let channels = channels / square;
    let loops = vec![
        turn(height, [0, 1, 0], [0, r, 0]),
        turn(r, [r, 0, 0], [0, 1, 0]),
        turn(width, [0, 0, 1], [0, 0, r]),
        turn(r, [1, 0, 0], [0, 0, 1]),
        turn(channels, [square, 0, 0], [1, 0, 0]),
    ];
    let output = [channels, height.saturating_mul(r), width.saturating_mul(r)];
    Rearrange::whole("PixelShuffle", format!("PixelShuffle({r})"), output, loops)
}

/// The sides of a map in blocks of `block` pixels.
fn blocks(
    layer: &str,
    argument: &'static str,
    block: usize,
    [_, height, width]: [usize; 3],
) -> Result<[usize; 2], OpError> {
    for (side, size) in [("height", height), ("width", width)] {
        if !size.is_multiple_of(block) {
            let message = format!("`{layer}({block})` does not divide the {side}, {size}, into whole blocks");
            let help = format!("{} pixels would", near_divisors(size, block));
            return Err(OpError::argument(argument, message).help(help));
        }
    }
    Ok([height / block, width / block])
}

fn build_pixel_unshuffle(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single_map("PixelUnshuffle", inputs)?;
    let r = args.positive("downscale_factor", None)?;
    let [height, width] = blocks("PixelUnshuffle", "downscale_factor", r, input)?;
    let square = r.saturating_mul(r);
    let loops = vec![
        turn(height, [0, r, 0], [0, 1, 0]),
        turn(width, [0, 0, r], [0, 0, 1]),
        turn(r, [0, 1, 0], [r, 0, 0]),
        turn(r, [0, 0, 1], [1, 0, 0]),
        turn(input[0], [1, 0, 0], [square, 0, 0]),
    ];
    let output = [input[0].saturating_mul(square), height, width];
    Rearrange::whole("PixelUnshuffle", format!("PixelUnshuffle({r})"), output, loops)
}

fn build_space_to_depth(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, ..] = single_map("SpaceToDepth", inputs)?;
    let b = args.positive("block", None)?;
    let order = args.word("order", ORDERS)?;
    let [height, width] = blocks("SpaceToDepth", "block", b, input)?;
    let (row, column) = if order == "focus" { (1, b) } else { (b, 1) };
    let loops = vec![
        turn(height, [0, b, 0], [0, 1, 0]),
        turn(width, [0, 0, b], [0, 0, 1]),
        turn(b, [0, 1, 0], [row.saturating_mul(channels), 0, 0]),
        turn(b, [0, 0, 1], [column.saturating_mul(channels), 0, 0]),
        turn(channels, [1, 0, 0], [1, 0, 0]),
    ];
    let output = [channels.saturating_mul(b).saturating_mul(b), height, width];
    Rearrange::whole("SpaceToDepth", format!("SpaceToDepth({b}, order = {order})"), output, loops)
}

fn build_zero_pad(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single_map("ZeroPad2d", inputs)?;
    let sides @ [left, right, top, bottom] = args.sides("padding")?;
    let height = input[1].saturating_add(top).saturating_add(bottom);
    let width = input[2].saturating_add(left).saturating_add(right);
    let text = if sides == [left; 4] { left.to_string() } else { format!("{sides:?}") };
    Rearrange::padded(
        "ZeroPad2d",
        format!("ZeroPad2d({text})"),
        input,
        Shape::map(input[0], height, width),
        [0, top, left],
    )
}

fn build_zero_pad_channels(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let shape = single("ZeroPadChannels", inputs)?;
    let (before, after) = (args.natural("before", None)?, args.natural("after", Some(0))?);
    let channels = shape.channels().saturating_add(before).saturating_add(after);
    let text = format!("ZeroPadChannels({before}, {after})");
    let input = [shape.channels(), shape.height(), shape.width()];
    Rearrange::padded("ZeroPadChannels", text, input, shape.with_channels(channels), [before, 0, 0])
}

/// Each pixel so many times, down and across.
pub fn repeat([channels, height, width]: [usize; 3], [down, across]: [usize; 2]) -> Move {
    let loops = vec![
        turn(height, [0, 1, 0], [0, down, 0]),
        turn(down, [0, 0, 0], [0, 1, 0]),
        turn(width, [0, 0, 1], [0, 0, across]),
        turn(across, [0, 0, 0], [0, 0, 1]),
        turn(channels, [1, 0, 0], [1, 0, 0]),
    ];
    Move { fill: false, from: [0; 3], to: [0; 3], loops }
}

/// What a layer's `build` gives.
type Built = Result<Rc<dyn Operator>, OpError>;

/// A layer that only moves numbers.
#[derive(Debug)]
struct Rearrange {
    layer: &'static str,
    text: String,
    output: Shape,
    moved: Move,
}

impl Rearrange {
    /// Every number of the output is one of the input.
    fn whole(layer: &'static str, text: String, [c, h, w]: [usize; 3], loops: Vec<Loop>) -> Built {
        let output = addressable(layer, Shape::map(c, h, w))?;
        let moved = Move { fill: false, from: [0; 3], to: [0; 3], loops };
        Ok(Rc::new(Rearrange { layer, text, output, moved }))
    }

    /// The input within zeros, its first number at `to`.
    fn padded(layer: &'static str, text: String, input: [usize; 3], output: Shape, to: [usize; 3]) -> Built {
        let output = addressable(layer, output)?;
        let loops = [1, 2, 0].map(|axis| turn(input[axis], unit(axis), unit(axis))).to_vec();
        let fill = input != [output.channels(), output.height(), output.width()];
        Ok(Rc::new(Rearrange { layer, text, output, moved: Move { fill, from: [0; 3], to, loops } }))
    }
}

impl Operator for Rearrange {
    fn name(&self) -> &'static str {
        self.layer
    }

    fn describe(&self) -> String {
        self.text.clone()
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let Move { from, to, loops, .. } = &self.moved;
        let mut result = Array::zeros(self.output);
        let index = |dims: &[usize], at: [usize; 3]| match dims {
            [_, h, w] => (at[0] * h + at[1]) * w + at[2],
            _ => at[0],
        };
        let turns = loops.iter().map(|l| l.count).product();
        for turn in 0..turns {
            let (mut rest, mut source, mut target) = (turn, *from, *to);
            for Loop { count, input, output } in loops.iter().rev() {
                let i = rest % count;
                rest /= count;
                for axis in 0..3 {
                    source[axis] += i * input[axis];
                    target[axis] += i * output[axis];
                }
            }
            let (from, to) = (index(&inputs[0].dims, source), index(&result.dims, target));
            result.data[to] = inputs[0].data[from];
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Move(self.moved.clone())
    }
}

impl Bound {
    /// Borders of `ZeroPad2d`: left, right, top, bottom; or one number for all.
    fn sides(&self, name: &'static str) -> Result<[usize; 4], OpError> {
        match self.get(name) {
            Some(Arg::List(items)) if items.len() == 4 => {
                let mut sides = [0; 4];
                for (side, item) in sides.iter_mut().zip(items) {
                    *side = Bound::new(vec![(name, item.clone())]).natural(name, None)?;
                }
                Ok(sides)
            }
            Some(Arg::List(_)) => {
                let found = self.get(name).map(ToString::to_string).unwrap_or_default();
                let message = format!("`{name}` must be [left, right, top, bottom] or one integer, found {found}");
                Err(OpError::value(name, message))
            }
            _ => Ok([self.natural(name, None)?; 4]),
        }
    }
}
