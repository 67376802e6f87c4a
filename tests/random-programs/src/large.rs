//! Programs of larger maps: what the compiler or the runtime does for them alone is not met by the small ones.

use crate::Choices;
use crate::layers;
use crate::shape::Shape;

/// A program of one kind or the other.
pub(crate) fn program(choices: &mut Choices) -> String {
    if choices.below(2) == 0 { convolutions(choices) } else { residual(choices) }
}

/// Dense 3 x 3 convolutions with stride 1 on maps and channels large enough for a fast algorithm, or for several threads.
fn convolutions(choices: &mut Choices) -> String {
    let mut shape = Shape::map(choices.within(8..=40), [0; 2].map(|_| choices.within(12..=30)));
    let input = shape;
    let mut text = String::new();
    let mut work = 0;
    for i in 0..choices.within(1..=3) {
        let dilation = choices.of(&[1, 1, 1, 2]);
        let padding = choices.of(&[dilation, 0, 1, 2]);
        let out = choices.of(&[shape.channels, 16, 17, 24, 31, 32, 40, 48, 64]);
        let sides = shape.sides.unwrap_or_default().map(|side| side + 2 * padding - 2 * dilation);
        let next = Shape::map(out, sides);
        work += next.elements() * shape.channels * 9;
        if i > 0 && work > 6_000_000 {
            break;
        }
        let bias = choices.of(&["", ", bias = false"]);
        text += &format!(" -> c{i}: Conv2d({out}, 3, padding = {padding}, dilation = {dilation}{bias})");
        if choices.below(2) == 1 {
            text += &format!(" -> n{i}: BatchNorm2d");
        }
        text += &format!(" -> {}", layers::act(choices));
        shape = next;
    }
    let result = if shape == input && choices.below(2) == 0 { format!("x + (x{text})") } else { format!("x{text}") };
    format!("pub net Test(x: {input}) -> {shape} {{\n    {result}\n}}\n")
}

/// An inverted residual on a map so large that its three convolutions run as one kernel.
fn residual(choices: &mut Choices) -> String {
    let (c, out) = (choices.within(5..=13), choices.within(5..=18));
    let out = if choices.below(2) == 0 { c } else { out };
    let (stride, k) = (choices.within(1..=2), choices.of(&[3, 5]));
    let sides = [0; 2].map(|_| choices.within(52..=67));
    let hidden = (210_000 / (sides[0] * sides[1])).next_multiple_of(choices.of(&[1, 3, 8])) + 1;
    let halved = sides.map(|side| (side - 1) / stride + 1);
    let [first, second, third] = [0; 3].map(|_| layers::act(choices));
    let residual = stride == 1 && out == c;
    let (before, after) = if residual { ("x + (", ")") } else { ("", "") };
    let (input, output) = (Shape::map(c, sides), Shape::map(out, halved));
    format!(
        "pub net Test(x: {input}) -> {output} {{
    {before}x -> conv: [
        Conv2d({hidden}, 1, bias = false), BatchNorm2d, {first},
        Conv2d({hidden}, {k}, stride = {stride}, padding = {k} / 2, groups = {hidden}, bias = false), BatchNorm2d, {second},
        Conv2d({out}, 1, bias = false), BatchNorm2d, {third},
    ]{after}
}}
"
    )
}
