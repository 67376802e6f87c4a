//! Changes of shape: flatten, parts, runs of channels, shuffled channels; and `Dropout`, which changes nothing.

use super::args::Bound;
use super::conv::{check_whole_groups, near_divisors};
use super::{AXES, ArgSpec, Array, Axis, LayerSpec, OpError, Operator, Primitive, addressable, single, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "Flatten",
        args: &[ArgSpec::optional("start_dim"), ArgSpec::optional("end_dim")],
        build: build_flatten,
        doc: "Flatten: [C, H, W] to [C * H * W] in PyTorch's order, channel, height, width (torch.nn.Flatten)",
    },
    LayerSpec {
        name: "Chunk",
        args: &[ArgSpec::required("n"), ArgSpec::optional("axis").words(AXES)],
        build: build_chunk,
        doc: "Chunk(n, axis = channels): a tuple of n equal parts (torch.chunk)",
    },
    LayerSpec {
        name: "Split",
        args: &[ArgSpec::required("size"), ArgSpec::optional("axis").words(AXES)],
        build: build_split,
        doc: "Split(size or [sizes], axis = channels): a tuple of parts of that size, the last one smaller where it does not \
              divide, or of those sizes (torch.split)",
    },
    LayerSpec {
        name: "ChannelShuffle",
        args: &[ArgSpec::required("groups")],
        build: build_shuffle,
        doc: "ChannelShuffle(groups): the channels of [C, H, W] seen as [groups, C / groups] and transposed \
              (torch.nn.ChannelShuffle)",
    },
    LayerSpec {
        name: "Dropout",
        args: &[ArgSpec::optional("p"), ArgSpec::optional("inplace")],
        build: build_dropout,
        doc: "Dropout(p = 0.5): the identity, as in PyTorch's evaluation (torch.nn.Dropout)",
    },
];

/// Channels `start..start + len` of a tensor: `x[a..b]`.
pub fn slice(start: usize, len: usize, shape: Shape) -> Result<Rc<dyn Operator>, OpError> {
    let channels = shape.channels();
    match start.checked_add(len) {
        Some(end) if end <= channels && len > 0 => {
            Ok(Rc::new(Parts { layer: "slice", axis: Axis::Channels, input: shape, start, lengths: vec![len] }))
        }
        Some(end) if len == 0 => Err(OpError::new(format!("the slice {start}..{end} of {shape} is empty"))),
        end => {
            let end = end.unwrap_or(usize::MAX);
            Err(OpError::new(format!("the slice {start}..{end} reaches beyond the {channels} channels of {shape}"))
                .help(format!("a slice takes channels, from 0 up to and without {channels}")))
        }
    }
}

fn build_flatten(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single("Flatten", inputs)?;
    for (name, all) in [("start_dim", 1), ("end_dim", -1)] {
        let found = args.int(name, Some(all))?;
        if found != all {
            return Err(OpError::value(
                name,
                format!("`Flatten` gives a vector: `{name}` must be {all}, found {found}"),
            ));
        }
    }
    let output = addressable("Flatten", Shape::Vector(input.elements()))?;
    Ok(Rc::new(Reshape { layer: "Flatten", output, primitive: Primitive::Flatten }))
}

fn build_dropout(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    args.float("p", Some(0.5))?;
    args.bool("inplace", false)?;
    Ok(Rc::new(Reshape { layer: "Dropout", output: single("Dropout", inputs)?, primitive: Primitive::Identity }))
}

fn build_chunk(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single("Chunk", inputs)?;
    let count = args.positive("n", None)?;
    let axis = args.axis("axis", input)?;
    let size = axis.size(input);
    if !size.is_multiple_of(count) {
        let word = axis.word();
        return Err(OpError::argument(
            "n",
            format!("`Chunk({count})` does not divide the {word} of {input}, {size}, into equal parts"),
        )
        .help(format!("{} parts would be equal", near_divisors(size, count))));
    }
    Ok(Rc::new(Parts { layer: "Chunk", axis, input, start: 0, lengths: vec![size / count; count] }))
}

fn build_split(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single("Split", inputs)?;
    let axis = args.axis("axis", input)?;
    let size = axis.size(input);
    let lengths = if let Some(Arg::List(items)) = args.get("size") {
        let mut lengths = Vec::new();
        for item in items {
            lengths.push(Bound::new(vec![("size", item.clone())]).positive("size", None)?);
        }
        let sum = lengths.iter().fold(0, |sum: usize, len| sum.saturating_add(*len));
        if sum != size {
            let message = format!("the parts are {sum} together, but the {} of {input} are {size}", axis.word());
            return Err(OpError::argument("size", message));
        }
        lengths
    } else {
        let each = args.positive("size", None)?.min(size);
        (0..size).step_by(each).map(|at| each.min(size - at)).collect()
    };
    Ok(Rc::new(Parts { layer: "Split", axis, input, start: 0, lengths }))
}

fn build_shuffle(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [channels, height, width] = single_map("ChannelShuffle", inputs)?;
    let shape = Shape::map(channels, height, width);
    let groups = args.positive("groups", None)?;
    check_whole_groups("ChannelShuffle", "groups", groups, shape)?;
    Ok(Rc::new(Shuffle { shape, groups }))
}

/// The same elements, in the same or in PyTorch's order.
#[derive(Debug)]
struct Reshape {
    layer: &'static str,
    output: Shape,
    primitive: Primitive,
}

impl Operator for Reshape {
    fn name(&self) -> &'static str {
        self.layer
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        vec![inputs[0].reshape(self.output)]
    }

    fn lower(&self) -> Primitive {
        self.primitive.clone()
    }
}

/// Runs along an axis, one after the other from `start`.
#[derive(Debug)]
struct Parts {
    layer: &'static str,
    axis: Axis,
    input: Shape,
    start: usize,
    lengths: Vec<usize>,
}

impl Operator for Parts {
    fn name(&self) -> &'static str {
        self.layer
    }

    fn describe(&self) -> String {
        let what = match (self.layer, &self.lengths[..]) {
            ("slice", lengths) => return format!("x[{}..{}]", self.start, self.start + lengths[0]),
            ("Chunk", lengths) => lengths.len().to_string(),
            (_, lengths) => format!("{lengths:?}"),
        };
        match self.axis {
            Axis::Channels => format!("{}({what})", self.layer),
            axis => format!("{}({what}, axis = {})", self.layer, axis.word()),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        self.lengths.iter().map(|&len| self.axis.resize(self.input, len)).collect()
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let step = step_along(self.axis, self.input);
        let block = self.axis.size(self.input) * step;
        let mut from = self.start * step;
        let mut parts = Vec::new();
        for &len in &self.lengths {
            let rows = inputs[0].data.chunks_exact(block);
            let data = rows.flat_map(|row| row[from..from + len * step].iter().copied()).collect();
            parts.push(Array { dims: self.axis.resize(self.input, len).dims(), data });
            from += len * step;
        }
        parts
    }

    fn lower(&self) -> Primitive {
        Primitive::Slice { axis: self.axis, start: self.start, lengths: self.lengths.clone() }
    }
}

/// Channel `g * C / groups + c` becomes channel `c * groups + g`.
#[derive(Debug)]
struct Shuffle {
    shape: Shape,
    groups: usize,
}

impl Operator for Shuffle {
    fn name(&self) -> &'static str {
        "ChannelShuffle"
    }

    fn describe(&self) -> String {
        format!("ChannelShuffle({})", self.groups)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.shape]
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.shape);
        let (pixels, len) = (self.shape.pixels(), self.shape.channels() / self.groups);
        for (from, plane) in inputs[0].data.chunks_exact(pixels).enumerate() {
            let to = from % len * self.groups + from / len;
            result.data[to * pixels..][..pixels].copy_from_slice(plane);
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::ChannelShuffle { groups: self.groups }
    }
}

/// Elements from one index of an axis to the next.
pub fn step_along(axis: Axis, shape: Shape) -> usize {
    match axis {
        Axis::Channels => shape.pixels(),
        Axis::Height => shape.width(),
        Axis::Width => 1,
    }
}
