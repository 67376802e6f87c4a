//! `Conv2d`: grouped, dilated, rectangular, with explicit or TensorFlow's SAME padding.

use super::args::{Bound, Padding};
use super::window::{pair, slide, taps};
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, WeightKind, WeightSpec, Window};
use super::{addressable, elements, product, single_map};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[LayerSpec {
    name: "Conv2d",
    args: &[
        ArgSpec::required("out_channels"),
        ArgSpec::required("kernel_size"),
        ArgSpec::optional("stride"),
        ArgSpec::optional("padding"),
        ArgSpec::optional("dilation"),
        ArgSpec::optional("groups"),
        ArgSpec::optional("bias"),
        ArgSpec::named("in_channels"),
    ],
    build,
    doc: "Conv2d(out_channels, kernel_size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true): a convolution of \
          [C, H, W]; `padding = same` is TensorFlow's; weights `weight` [out, C / groups, kh, kw] and `bias` (torch.nn.Conv2d)",
}];

/// The largest kernel size that is taken by position: `Conv2d(3, 32, 3)`, pasted with its input channels, must not
/// become a net with 32 x 32 kernels.
const LARGEST_POSITIONAL_KERNEL: usize = 15;

/// A convolution of an input of known shape.
#[derive(Debug)]
struct Conv2d {
    input: [usize; 3],
    output: Shape,
    window: Window,
    padding: Padding,
    groups: usize,
    bias: bool,
}

fn build(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map("Conv2d", inputs)?;
    args.check("in_channels", channels, "channels")?;
    let out_channels = args.positive("out_channels", None)?;
    let kernel = args.pair("kernel_size", None)?;
    check_positional_kernel("Conv2d", args, kernel)?;
    let stride = args.pair("stride", Some([1, 1]))?;
    let padding = args.padding("padding")?;
    let dilation = args.pair("dilation", Some([1, 1]))?;
    let groups = args.positive("groups", Some(1))?;
    let bias = args.bool("bias", true)?;
    check_groups(channels, out_channels, groups)?;
    let (window, [height, width]) = slide("Conv2d", [height, width], kernel, stride, padding, dilation, false)?;
    let output = addressable("Conv2d", Shape::map(out_channels, height, width))?;
    let weight = [out_channels, channels / groups, kernel[0], kernel[1]];
    check_weight("Conv2d", weight)?;
    Ok(Rc::new(Conv2d { input, output, window, padding, groups, bias }))
}

/// Refuses a large kernel by position.
pub fn check_positional_kernel(layer: &str, args: &Bound, kernel: [usize; 2]) -> Result<(), OpError> {
    if !args.is_by_position("kernel_size") || !is_large_kernel(kernel) {
        return Ok(());
    }
    let (message, help) = pasted_channels(layer, ["out_channels", "kernel_size"], kernel);
    Err(OpError::value("kernel_size", message).help(help))
}

/// Whether a kernel is too large to be given by position.
pub fn is_large_kernel(kernel: [usize; 2]) -> bool {
    kernel.iter().any(|&k| k > LARGEST_POSITIONAL_KERNEL)
}

/// The message and the help where a kernel size `k` by position is most likely a number of channels; `names` are those of the arguments.
pub fn pasted_channels(layer: &str, [channels, kernel]: [&str; 2], k: [usize; 2]) -> (String, String) {
    let (is_square, k) = (k[0] == k[1], pair(k));
    let message = format!(
        "`{layer}` takes {channels}, then {kernel}, and this would be a kernel size of {k}: input channels are inferred"
    );
    let name_it = format!("if such a kernel is meant, name it: `{kernel} = {k}`");
    // A pair is no number of channels.
    let help =
        if is_square { format!("leave the input channels out: `{layer}({k}, …)`; {name_it}") } else { name_it };
    (message, help)
}

/// Refuses a weight that cannot be addressed.
pub fn check_weight(layer: &str, weight: [usize; 4]) -> Result<(), OpError> {
    if product(&weight) <= crate::shape::MAX_ELEMENTS as u64 {
        return Ok(());
    }
    Err(OpError::new(format!("the weight {weight:?} of this `{layer}` has more than 2^31 elements")))
}

/// A kernel of that shape, and a bias of so many outputs if there is one.
pub fn weights(shape: Vec<usize>, fan_in: usize, bias: Option<usize>) -> Vec<WeightSpec> {
    let mut weights = vec![WeightSpec { name: "weight", shape, kind: WeightKind::Kernel { fan_in } }];
    weights.extend(bias.map(|out| WeightSpec { name: "bias", shape: vec![out], kind: WeightKind::Bias }));
    weights
}

/// A convolution as a person would write it: of the options, each with its default, those that differ.
pub fn written(layer: &str, out: usize, kernel: [usize; 2], options: &[(&str, String, &str)]) -> String {
    let mut text = format!("{layer}({out}, {}", pair(kernel));
    for (name, value, _) in options.iter().filter(|(_, value, default)| value != default) {
        text += &format!(", {name} = {value}");
    }
    text + ")"
}

/// Checks that groups divide the channels.
pub fn check_groups(channels: usize, out_channels: usize, groups: usize) -> Result<(), OpError> {
    let fault = match (channels % groups, out_channels % groups) {
        (0, 0) => return Ok(()),
        (0, _) => format!("the {out_channels} output channels"),
        (_, 0) => format!("the {channels} input channels"),
        (_, _) => format!("the {channels} input channels and the {out_channels} output channels"),
    };
    let both = gcd(channels, out_channels);
    let mut help = format!("groups must divide both: {} would", near_divisors(both, groups));
    if groups == channels {
        let below = out_channels / groups * groups;
        let near = if below == 0 { groups.to_string() } else { format!("{below} or {}", below + groups) };
        help = format!(
            "a depthwise convolution gives a multiple of its input channels: {near} output channels; or {help}"
        );
    }
    Err(OpError::argument("groups", format!("`groups = {groups}` does not divide {fault}")).help(help))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Checks that a layer's groups divide the channels of its only input.
pub fn check_whole_groups(layer: &str, argument: &'static str, groups: usize, input: Shape) -> Result<(), OpError> {
    let channels = input.channels();
    if channels.is_multiple_of(groups) {
        return Ok(());
    }
    let message = format!("`{layer}({groups})` does not divide the channels of {input}, {channels}, into groups");
    Err(OpError::argument(argument, message).help(format!("{} groups would do", near_divisors(channels, groups))))
}

/// The divisors of `n` just below and above `wanted`, as words: `4 or 8`.
pub fn near_divisors(n: usize, wanted: usize) -> String {
    let (mut below, mut above) = (1, n);
    let mut low = 1;
    while low * low <= n {
        if n.is_multiple_of(low) {
            for d in [low, n / low] {
                if d <= wanted {
                    below = below.max(d);
                } else {
                    above = above.min(d);
                }
            }
        }
        low += 1;
    }
    if above <= wanted || below == above { below.to_string() } else { format!("{below} or {above}") }
}

impl Operator for Conv2d {
    fn name(&self) -> &'static str {
        "Conv2d"
    }

    fn describe(&self) -> String {
        let Window { kernel, stride, dilation, .. } = self.window;
        let padding = match self.padding {
            Padding::Explicit(p) => pair(p),
            Padding::Same => "same".to_owned(),
        };
        let options = [
            ("stride", pair(stride), "1"),
            ("padding", padding, "0"),
            ("dilation", pair(dilation), "1"),
            ("groups", self.groups.to_string(), "1"),
            ("bias", self.bias.to_string(), "true"),
        ];
        written("Conv2d", self.output.channels(), kernel, &options)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn weights(&self) -> Vec<WeightSpec> {
        let out = self.output.channels();
        let [kh, kw] = self.window.kernel;
        let width = self.input[0] / self.groups;
        weights(vec![out, width, kh, kw], width * kh * kw, self.bias.then_some(out))
    }

    fn cost(&self) -> OpCost {
        let [kh, kw] = self.window.kernel;
        let macs = elements(self.output).saturating_mul(product(&[self.input[0] / self.groups, kh, kw]));
        let biases = if self.bias { elements(self.output) } else { 0 };
        OpCost { macs, elementwise: 0, ptflops: macs.saturating_add(biases), fvcore: macs }
    }

    fn evaluate(&self, inputs: &[&Array], weights: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let [channels, height, width] = self.input;
        let (out_height, out_width) = (self.output.height(), self.output.width());
        let [kh, kw] = self.window.kernel;
        let (in_group, out_group) = (channels / self.groups, self.output.channels() / self.groups);
        // A column's input for each tap, worked out once: which outputs of a row a horizontal tap feeds.
        let columns = horizontal_runs(&self.window, out_width, width);
        for (o, plane) in result.data.chunks_exact_mut(out_height * out_width).enumerate() {
            plane.fill(if self.bias { weights[1].data[o] } else { 0.0 });
            for i in 0..in_group {
                let channel = o / out_group * in_group + i;
                let source = &inputs[0].data[channel * height * width..][..height * width];
                let taps_of = &weights[0].data[(o * in_group + i) * kh * kw..][..kh * kw];
                for (y, row) in plane.chunks_exact_mut(out_width).enumerate() {
                    taps(&self.window, 0, y, height, |ky, iy| {
                        let line = &source[iy * width..][..width];
                        for (run, &factor) in columns.iter().zip(&taps_of[ky * kw..][..kw]) {
                            let outputs = &mut row[run.first..run.end];
                            let inputs =
                                line.get(run.input..).unwrap_or_default().iter().step_by(self.window.stride[1]);
                            for (sum, &x) in outputs.iter_mut().zip(inputs) {
                                *sum += factor * x;
                            }
                        }
                    });
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Conv { window: self.window, groups: self.groups, bias: self.bias }
    }
}

/// The outputs `first..end` of a row that a horizontal tap feeds, the first from column `input`.
struct Run {
    first: usize,
    end: usize,
    input: usize,
}

fn horizontal_runs(window: &Window, outputs: usize, inputs: usize) -> Vec<Run> {
    let (stride, before) = (window.stride[1], window.before[1]);
    (0..window.kernel[1])
        .map(|tap| {
            let offset = tap * window.dilation[1];
            let first = before.saturating_sub(offset).div_ceil(stride).min(outputs);
            let end = (inputs + before).saturating_sub(offset).div_ceil(stride).clamp(first, outputs);
            Run { first, end, input: if first < end { first * stride + offset - before } else { 0 } }
        })
        .collect()
}
