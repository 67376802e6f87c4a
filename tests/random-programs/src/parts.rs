//! Statements that put tensors together along an axis and take them apart.

use crate::layers;
use crate::net::{Tensor, Writer};
use crate::shape::{AXES, divisor};

/// Tensors, and what layers make of them, one after the other along an axis.
pub(crate) fn concatenation(writer: &mut Writer) -> Option<()> {
    let first = writer.tensor();
    let axis = if first.shape.sides.is_some() && writer.choices.once_in(3) { writer.choices.within(1..=2) } else { 0 };
    let agrees = |t: &Tensor| t.shape.resized(axis, 1) == first.shape.resized(axis, 1);
    let mut parts = vec![first.name.clone()];
    let mut size = first.shape.sizes()[axis];
    let mut degree = first.degree;
    for _ in 0..writer.choices.within(1..=2) {
        let other = writer.tensor_that(agrees)?;
        size += other.shape.sizes()[axis];
        degree = degree.max(other.degree);
        let text = if writer.choices.below(2) == 0 { String::new() } else { writer.level_chain(other.shape, 1) };
        parts.push(format!("{}{text}", other.name));
    }
    let shape = first.shape.resized(axis, size);
    let axis = if axis == 0 { String::new() } else { format!("(axis = {})", AXES[axis]) };
    let shuffle = if axis.is_empty() && shape.sides.is_some() && writer.choices.once_in(3) {
        format!(" -> ChannelShuffle({})", divisor(writer.choices, shape.channels))
    } else {
        String::new()
    };
    shape.is_small().then(|| writer.bind(&format!("({}) -> Concat{axis}{shuffle}", parts.join(", ")), shape, degree))
}

/// A `for` in a tuple.
pub(crate) fn branches(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let groups = divisor(writer.choices, t.shape.channels);
    if groups > 5 {
        return None;
    }
    let c = t.shape.channels / groups;
    let layer = layers::same_shape(writer.choices, t.shape.with_channels(c));
    let label = writer.fresh("b");
    let (join, shape) = match writer.choices.below(2) {
        0 => ("Concat", t.shape),
        _ => ("Sum", t.shape.with_channels(c)),
    };
    if groups == 1 && join == "Sum" {
        return None;
    }
    let slice = format!("{}[g * {c}..(g + 1) * {c}]", t.name);
    writer.bind(
        &format!("(for g in 0..{groups} {{ {slice} -> \"{label}.{{g}}\": {} }}) -> {join}", layer.text),
        shape,
        t.degree,
    );
    Some(())
}

/// `Chunk` and `Split`: several tensors at once.
pub(crate) fn parts(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let axis = if t.shape.sides.is_some() { writer.choices.of(&[0, 0, 1, 2]) } else { 0 };
    let size = t.shape.sizes()[axis];
    let count = divisor(writer.choices, size);
    let (text, sizes) = match writer.choices.below(3) {
        0 if (2..=4).contains(&count) => (format!("Chunk({count}"), vec![size / count; count]),
        1 if size >= 3 => {
            let part = size.div_ceil(2);
            (format!("Split({part}"), vec![part, size - part])
        }
        _ if size >= 2 => {
            let part = writer.choices.within(1..=size - 1);
            (format!("Split([{part}, {}]", size - part), vec![part, size - part])
        }
        _ => return None,
    };
    let axis_text = if axis == 0 { String::new() } else { format!(", axis = {}", AXES[axis]) };
    let names: Vec<String> = sizes.iter().map(|_| writer.fresh("p")).collect();
    writer.state(format!("let ({}) = {} -> {text}{axis_text});", names.join(", "), t.name));
    for (name, size) in names.into_iter().zip(sizes) {
        writer.tensors.push(Tensor { name, shape: t.shape.resized(axis, size), degree: t.degree });
    }
    Some(())
}

pub(crate) fn slice(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let c = t.shape.channels;
    let from = writer.choices.below(c);
    let to = writer.choices.within(from + 1..=c);
    let (range, len) = match writer.choices.below(3) {
        0 => (format!("..{to}"), to),
        1 => (format!("{from}.."), c - from),
        _ => (format!("{from}..{to}"), to - from),
    };
    let layers = writer.choices.within(0..=2);
    let (text, shape) = writer.chain(t.shape.with_channels(len), layers);
    writer.bind(&format!("{}[{range}]{text}", t.name), shape, t.degree);
    Some(())
}
