//! Layers with windows: convolutions of every kind, and pools.

use crate::Choices;
use crate::layers::Layer;
use crate::shape::{Shape, channels, divisor, pair};

/// A window's arguments.
struct Window {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Before and after; `None` is SAME.
    padding: Option<[usize; 2]>,
}

impl Window {
    /// Pixels from the first tap to the last.
    fn reach(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// The size of what it gives; `None` where it does not fit.
    fn slide(&self, sides: [usize; 2], ceil: bool) -> Option<[usize; 2]> {
        let mut out = [0; 2];
        for axis in 0..2 {
            let (size, stride) = (sides[axis], self.stride[axis]);
            out[axis] = match self.padding {
                None => size.div_ceil(stride),
                Some(padding) => {
                    let room = (size + 2 * padding[axis]).checked_sub(self.reach(axis))?;
                    let whole = room / stride + 1;
                    let begins_inside = whole * stride < size + padding[axis];
                    whole + usize::from(ceil && room % stride != 0 && begins_inside)
                }
            };
        }
        Some(out)
    }

    /// `, stride = 2, padding = 1`: what differs from the default, as pairs or numbers.
    fn arguments(&self, choices: &mut Choices, default_stride: [usize; 2]) -> String {
        let mut text = String::new();
        if self.stride != default_stride || choices.once_in(8) {
            let name = choices.of(&["stride = ", ""]);
            text += &format!(", {name}{}", pair(choices, self.stride));
        }
        match self.padding {
            None => text += ", padding = same",
            Some([0, 0]) => {}
            Some(padding) => text += &format!(", padding = {}", pair(choices, padding)),
        }
        if self.dilation != [1, 1] {
            text += &format!(", dilation = {}", pair(choices, self.dilation));
        }
        text
    }
}

/// Two numbers of a list, equal ones as a rule.
fn two(choices: &mut Choices, list: &[usize]) -> [usize; 2] {
    let a = choices.of(list);
    let b = if choices.once_in(4) { choices.of(list) } else { a };
    [a, b]
}

/// A window with its arguments; `most` bounds the padding by the reach along an axis.
fn window(choices: &mut Choices, kernels: &[usize], most: fn(usize) -> usize) -> Window {
    let kernel = two(choices, kernels);
    let stride = two(choices, &[1, 1, 1, 2, 2, 3]);
    let dilation = two(choices, &[1, 1, 1, 1, 2, 3]);
    let mut window = Window { kernel, stride, dilation, padding: None };
    if !choices.once_in(6) {
        let middle = [0, 1].map(|axis| window.reach(axis) / 2);
        let any = [0, 1].map(|axis| choices.within(0..=most(window.reach(axis))));
        window.padding = Some(choices.of(&[middle, any, [0, 0]]));
    }
    window
}

/// Multiply-accumulates that a debug build does in a blink.
fn is_cheap(output: Shape, taps: usize) -> bool {
    output.is_small() && output.elements() * taps <= 600_000
}

/// A `Conv2d` by its parts.
fn conv(choices: &mut Choices, input: Shape, out: usize, window: &Window, groups: usize) -> Option<Layer> {
    let shape = Shape::map(out, window.slide(input.sides?, false)?);
    if !is_cheap(shape, input.channels / groups * window.kernel[0] * window.kernel[1]) {
        return None;
    }
    let kernel = pair(choices, window.kernel);
    let arguments = window.arguments(choices, [1, 1]);
    let name = if arguments.is_empty() { choices.of(&["", "", "kernel_size = "]) } else { "" };
    let mut text = format!("Conv2d({out}, {name}{kernel}{arguments}");
    if groups > 1 {
        text += &format!(", groups = {groups}");
    }
    text += choices.of(&["", ", bias = false", ", bias = true"]);
    if choices.once_in(10) {
        text += &format!(", in_channels = {}", input.channels);
    }
    Some(Layer::weighted(text + ")", shape))
}

pub(crate) fn pointwise(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let window = Window { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: Some([0, 0]) };
    let out = channels(choices);
    conv(choices, input, out, &window, 1)
}

/// Dense, 3 x 3, stride 1: what fast algorithms are for, on maps and channels that fill none of their tiles.
pub(crate) fn dense_3x3(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let dilation = choices.of(&[1, 1, 1, 2, 3]);
    let padding = choices.of(&[dilation, 0, 1, 2, 3]);
    let padding = [padding, if choices.once_in(6) { 0 } else { padding }];
    let padding = if choices.once_in(6) { None } else { Some(padding) };
    let window = Window { kernel: [3, 3], stride: [1, 1], dilation: [dilation; 2], padding };
    let out = channels(choices);
    conv(choices, input, out, &window, 1)
}

pub(crate) fn dense(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let window = window(choices, &[3, 1, 2, 3, 4, 5, 7], |reach| reach - 1);
    let out = channels(choices);
    conv(choices, input, out, &window, 1)
}

pub(crate) fn depthwise(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let window = window(choices, &[3, 2, 3, 5, 7], |reach| reach - 1);
    conv(choices, input, input.channels, &window, input.channels)
}

pub(crate) fn grouped(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let groups = divisor(choices, input.channels);
    let window = window(choices, &[3, 1, 2, 3, 5], |reach| reach - 1);
    let out = groups * choices.within(1..=6);
    conv(choices, input, out, &window, groups)
}

/// Of the input's shape: a convolution with odd sides and stride 1.
pub(crate) fn same_shape(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let kernel = two(choices, &[1, 3, 5]);
    let dilation = choices.of(&[1, 1, 2]);
    let padding = Some([0, 1].map(|axis| (kernel[axis] - 1) * dilation / 2));
    let window = Window { kernel, stride: [1, 1], dilation: [dilation; 2], padding };
    let groups = if choices.once_in(3) { divisor(choices, input.channels) } else { 1 };
    conv(choices, input, input.channels, &window, groups)
}

pub(crate) fn transposed(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let sides = input.sides?;
    let (kernel, stride) = (two(choices, &[2, 1, 3, 4]), two(choices, &[2, 1, 3]));
    let dilation = two(choices, &[1, 1, 1, 2]);
    let mut out = [0; 2];
    let (mut padding, mut extra) = ([0; 2], [0; 2]);
    for axis in 0..2 {
        let reach = (kernel[axis] - 1) * dilation[axis] + 1;
        let full = (sides[axis] - 1) * stride[axis] + reach;
        padding[axis] = choices.within(0..=2).min((full - 1) / 2);
        extra[axis] = if choices.once_in(3) { stride[axis].max(dilation[axis]) - 1 } else { 0 };
        out[axis] = full - 2 * padding[axis] + extra[axis];
    }
    let groups = if choices.once_in(3) { divisor(choices, input.channels) } else { 1 };
    let outputs = groups * choices.within(1..=5);
    let shape = Shape::map(outputs, out);
    if !is_cheap(shape, input.channels / groups * kernel[0] * kernel[1]) {
        return None;
    }
    let mut text = format!("ConvTranspose2d({outputs}, {}, {}", pair(choices, kernel), pair(choices, stride));
    for (name, value, default) in [("padding", padding, 0), ("output_padding", extra, 0), ("dilation", dilation, 1)] {
        if value != [default; 2] {
            text += &format!(", {name} = {}", pair(choices, value));
        }
    }
    if groups > 1 {
        text += &format!(", groups = {groups}");
    }
    Some(Layer::weighted(text + choices.of(&[")", ", bias = false)"]), shape))
}

pub(crate) fn pool(choices: &mut Choices, input: Shape) -> Option<Layer> {
    let is_max = choices.below(2) == 0;
    let mut window = window(choices, &[2, 3, 3, 5], |reach| reach / 2);
    if !is_max {
        window.dilation = [1, 1];
    }
    if let Some(padding) = &mut window.padding {
        for (axis, padding) in padding.iter_mut().enumerate() {
            // a dilated window may lie in the padding alone, where PyTorch gives minus infinity
            *padding = if window.dilation[axis] > 1 { 0 } else { (*padding).min(window.kernel[axis] / 2) };
        }
    }
    if window.padding.is_none() {
        window.dilation = [1, 1];
    }
    let ceil = window.padding.is_some() && choices.once_in(3);
    if choices.once_in(3) {
        window.stride = window.kernel;
    }
    let shape = Shape::map(input.channels, window.slide(input.sides?, ceil)?);
    let kernel = pair(choices, window.kernel);
    let mut text = format!("{}({kernel}", if is_max { "MaxPool2d" } else { "AvgPool2d" });
    text += &window.arguments(choices, window.kernel);
    if ceil {
        text += ", ceil_mode = true";
    }
    if !is_max && choices.once_in(3) {
        text += ", count_include_pad = false";
    }
    shape.is_small().then(|| Layer::plain(text + ")", shape))
}
