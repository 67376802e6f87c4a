//! Layers of one input, as text with the shape that they give.

use crate::Choices;
use crate::moves;
use crate::shape::{AXES, Shape, channels, divisor};
use crate::windows;

/// A layer that fits an input.
pub(crate) struct Layer {
    pub text: String,
    pub shape: Shape,
    /// Whether it needs a label.
    pub weighted: bool,
}

impl Layer {
    pub fn plain(text: impl Into<String>, shape: Shape) -> Layer {
        Layer { text: text.into(), shape, weighted: false }
    }

    pub fn weighted(text: impl Into<String>, shape: Shape) -> Layer {
        Layer { text: text.into(), shape, weighted: true }
    }
}

/// Writes a layer for an input, if it can take one of that shape.
type Kind = fn(&mut Choices, Shape) -> Option<Layer>;

/// Every kind; those that matter most several times.
const KINDS: &[Kind] = &[
    activation,
    windows::pointwise,
    windows::dense_3x3,
    windows::dense_3x3,
    windows::depthwise,
    windows::dense,
    windows::grouped,
    windows::same_shape,
    windows::transposed,
    windows::pool,
    windows::pool,
    linear,
    linear_at_pixels,
    norm,
    norm,
    softmax,
    channel_conv,
    adaptive_pool,
    global_pool,
    reduction,
    moves::rearranged,
    moves::rearranged,
    moves::padded,
    moves::upsampled,
    moves::flat,
    shipped,
    shipped,
];

/// A layer for an input of that shape.
pub(crate) fn layer(choices: &mut Choices, input: Shape) -> Layer {
    for _ in 0..8 {
        let kind = choices.of(KINDS);
        if let Some(layer) = kind(choices, input)
            && layer.shape.is_small()
        {
            return layer;
        }
    }
    Layer::plain("ReLU", input)
}

/// One that keeps the shape.
pub(crate) fn same_shape(choices: &mut Choices, input: Shape) -> Layer {
    let kinds: &[Kind] = &[activation, windows::same_shape, windows::same_shape, norm, softmax];
    for _ in 0..4 {
        let kind = choices.of(kinds);
        if let Some(layer) = kind(choices, input) {
            return layer;
        }
    }
    Layer::plain("Sigmoid", input)
}

/// An activation's text, of no weights.
pub(crate) fn act(choices: &mut Choices) -> &'static str {
    choices.of(&[
        "ReLU",
        "Identity",
        "ReLU6",
        "Hardswish",
        "Hardsigmoid",
        "Sigmoid",
        "SiLU",
        "Tanh",
        "GELU",
        "Mish",
        "LeakyReLU",
        "LeakyReLU(0.2)",
        "LeakyReLU(negative_slope = 1.5)",
        "ELU",
        "ELU(alpha = 0.5)",
        "HSwish",
        "Dropout",
    ])
}

fn activation(choices: &mut Choices, input: Shape) -> Option<Layer> {
    match choices.below(12) {
        10 => Some(Layer::weighted("PReLU", input)),
        11 => Some(Layer::weighted(format!("PReLU({})", input.channels), input)),
        _ => Some(Layer::plain(act(choices), input)),
    }
}

fn linear(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let out = channels(choices);
    let bias = choices.of(&["", ", bias = false"]);
    input.sides.is_none().then(|| Layer::weighted(format!("Linear({out}{bias})"), Shape::vector(out)))
}

fn linear_at_pixels(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let out = channels(choices);
    let text = choices.of(&["axis = channels", "bias = false, axis = channels"]);
    Some(Layer::weighted(format!("Linear({out}, {text})"), Shape::map(out, input.sides?)))
}

/// Norms of few numbers that hardly differ would enlarge every error, so those are left out.
fn norm(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let eps = choices.of(&["1e-3", "1e-5", "0.1"]);
    let text = match choices.below(6) {
        0 if input.sides.is_some() => "BatchNorm2d".to_owned(),
        1 if input.sides.is_some() => format!("BatchNorm2d({}, eps = {eps})", input.channels),
        2 if input.sides.is_some() && input.channels >= 6 => format!("LayerNorm2d(eps = {eps})"),
        3 | 4 => {
            let groups = divisor(choices, input.channels);
            if input.elements() / groups < 8 {
                return None;
            }
            format!("GroupNorm({groups}, eps = {eps})")
        }
        5 => "Scale".to_owned(),
        _ => return None,
    };
    Some(Layer::weighted(text, input))
}

fn softmax(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let axis = AXES[if input.sides.is_some() { choices.below(3) } else { 0 }];
    let text = if axis == "channels" { "Softmax".to_owned() } else { format!("Softmax(axis = {axis})") };
    Some(Layer::plain(text, input))
}

fn channel_conv(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let taps = choices.of(&[3, 1, 5, 7]);
    (input.pixels() == 1).then(|| Layer::weighted(format!("ChannelConv1d({taps})"), input))
}

fn adaptive_pool(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let sides = input.sides?;
    let name = choices.of(&["AdaptiveAvgPool2d", "AdaptiveMaxPool2d"]);
    let [height, width] = [0, 1].map(|_| choices.within(1..=7));
    let (size, out) = match choices.below(4) {
        0 => ("1".to_owned(), [1, 1]),
        1 => (format!("[{height}, {width}]"), [height, width]),
        2 => (format!("(none, {width})"), [sides[0], width]),
        _ => (format!("({height}, none)"), [height, sides[1]]),
    };
    let functional = if name == "AdaptiveAvgPool2d" && choices.once_in(4) { ", functional = true" } else { "" };
    Some(Layer::plain(format!("{name}({size}{functional})"), Shape::map(input.channels, out)))
}

fn global_pool(choices: &mut Choices, input: Shape) -> Option<Layer> {
    input.sides?;
    Some(Layer::plain(choices.of(&["GlobalAvgPool", "GlobalMaxPool"]), Shape::vector(input.channels)))
}

/// `Mean` and `Max` along some axes.
fn reduction(choices: &mut Choices, input: Shape) -> Option<Layer> {
    input.sides?;
    let name = choices.of(&["Mean", "Max"]);
    let (axes, indices): (&str, &[usize]) = choices.of(&[
        ("channels", &[0]),
        ("height", &[1]),
        ("axis = width", &[2]),
        ("[channels, height]", &[0, 1]),
        ("[height, width]", &[1, 2]),
        ("axis = [channels, width]", &[0, 2]),
        ("[channels, height, width]", &[0, 1, 2]),
    ]);
    let shape = indices.iter().fold(input, |shape, &axis| shape.resized(axis, 1));
    Some(Layer::plain(format!("{name}({axes})"), shape))
}

/// A block that comes with the library.
fn shipped(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let sides = input.sides?;
    let (c, out) = (input.channels, channels(choices));
    let half = |stride: usize| sides.map(|side| (side - 1) / stride + 1);
    let (text, shape) = match choices.below(6) {
        0 => (format!("SEBlock({})", choices.within(1..=c.min(4))), input),
        1 => {
            let (stride, ratio) = (choices.within(1..=2), choices.within(1..=3));
            let out = if stride == 1 && choices.below(2) == 0 { c } else { out };
            let se = if c * ratio >= 4 { choices.of(&["", ", use_se = true"]) } else { "" };
            let text = format!("InvertedResidual({out}, {stride}, expand_ratio = {ratio}{se})");
            (text, Shape::map(out, half(stride)))
        }
        2 => {
            let padding = choices.below(2);
            let out_sides = sides.map(|side| (side + 2 * padding).saturating_sub(2));
            let bias = choices.of(&["", ", bias = true"]);
            (format!("DepthwiseSeparableConv({out}, 3, padding = {padding}{bias})"), Shape::map(out, out_sides))
        }
        3 => {
            let (k, stride) = (choices.of(&[3, 1, 5]), choices.within(1..=2));
            let act = choices.of(&["", ", act = false"]);
            (format!("Conv({out}, {k}, {stride}{act})"), Shape::map(out, half(stride)))
        }
        4 => {
            let (k, stride) = (choices.of(&[3, 1, 5]), choices.within(1..=2));
            let act = choices.of(&["", ", act = false"]);
            (format!("DWConv({out}, k = {k}, s = {stride}{act})"), Shape::map(out, half(stride)))
        }
        _ => (format!("InvertedResidual(inp = {c}, oup = {c}, stride = 1, expand_ratio = 2)"), input),
    };
    (shape.elements() * c.max(9) * 4 <= 1_000_000).then(|| Layer::weighted(text, shape))
}
