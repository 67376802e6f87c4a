//! Layers that put numbers elsewhere: transpositions, shuffles, borders, other sizes.

use crate::Choices;
use crate::layers::Layer;
use crate::shape::{AXES, Shape, divisor};

pub(crate) fn rearranged(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let sides = input.sides?;
    let c = input.channels;
    let block = choices.within(2..=3);
    let small = sides.map(|side| side / block);
    let fits = sides == small.map(|side| side * block);
    let deep = Shape::map(c * block * block, small);
    match choices.below(5) {
        0 => {
            let first = choices.below(3);
            let second = (first + choices.within(1..=2)) % 3;
            let mut out = input.sizes();
            out.swap(first, second);
            let [a, b] = [AXES[first], AXES[second]];
            let text = choices.of(&[format!("Transpose({a}, {b})"), format!("Transpose(axis = {a}, axis = {b})")]);
            Some(Layer::plain(text, Shape::map(out[0], [out[1], out[2]])))
        }
        1 => {
            let groups = divisor(choices, c);
            Some(Layer::plain(format!("ChannelShuffle({groups})"), input))
        }
        2 => {
            let out = Shape::map(c / (block * block), sides.map(|side| side * block));
            c.is_multiple_of(block * block).then(|| Layer::plain(format!("PixelShuffle({block})"), out))
        }
        3 => fits.then(|| Layer::plain(format!("PixelUnshuffle({block})"), deep)),
        _ => {
            let order = choices.of(&["", ", order = focus", ", order = contract", ", order = onnx"]);
            fits.then(|| Layer::plain(format!("SpaceToDepth({block}{order})"), deep))
        }
    }
}

pub(crate) fn padded(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let [a, b, c, d] = [0; 4].map(|_| choices.within(0..=3));
    match (choices.below(3), input.sides) {
        (0, Some([height, width])) => {
            let shape = Shape::map(input.channels, [height + c + d, width + a + b]);
            Some(Layer::plain(format!("ZeroPad2d([{a}, {b}, {c}, {d}])"), shape))
        }
        (1, Some(sides)) => {
            Some(Layer::plain(format!("ZeroPad2d({a})"), Shape::map(input.channels, sides.map(|side| side + 2 * a))))
        }
        _ => {
            let shape = input.with_channels(input.channels + a + b);
            Some(Layer::plain(format!("ZeroPadChannels({a}, {b})"), shape))
        }
    }
}

pub(crate) fn upsampled(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let sides @ [height, width] = input.sides?;
    let mode = choices.of(&[
        "",
        ", mode = nearest",
        ", mode = bilinear",
        ", mode = bilinear, align_corners = true",
        ", mode = bilinear, align_corners = false",
    ]);
    let (text, out) = match choices.below(4) {
        0 => ("scale_factor = 2".to_owned(), sides.map(|side| side * 2)),
        1 => ("scale_factor = [3, 1]".to_owned(), [height * 3, width]),
        2 => ("scale_factor = 1.5".to_owned(), sides.map(|side| side * 3 / 2)),
        _ => {
            let [height, width] = [0; 2].map(|_| choices.within(1..=11));
            (format!("size = ({height}, {width})"), [height, width])
        }
    };
    Some(Layer::plain(format!("Upsample({text}{mode})"), Shape::map(input.channels, out)))
}

pub(crate) fn flat(_: &mut Choices, input: Shape) -> Option<Layer> {
    (input.elements() <= 600).then(|| Layer::plain("Flatten", Shape::vector(input.elements())))
}
