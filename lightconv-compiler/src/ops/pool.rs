//! Pooling: windows of a maximum or a mean, PyTorch's adaptive mean, and the global one.

use super::args::{Bound, Padding};
use super::window::{pair, slide, taps};
use super::{AXES, ArgSpec, Array, Axis, LayerSpec, OpCost, OpError, Operator, Primitive, Reduction, Window};
use super::{addressable, elements, single_map};
use crate::shape::Shape;
use crate::value::Arg;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "MaxPool2d",
        args: &[
            ArgSpec::required("kernel_size"),
            ArgSpec::optional("stride"),
            ArgSpec::optional("padding"),
            ArgSpec::optional("dilation"),
            ArgSpec::optional("return_indices"),
            ArgSpec::optional("ceil_mode"),
        ],
        build: build_max,
        doc: "MaxPool2d(kernel_size, stride = kernel_size, padding = 0, dilation = 1, ceil_mode = false): the maximum over a \
              window of [C, H, W]; padding never wins (torch.nn.MaxPool2d)",
    },
    LayerSpec {
        name: "AvgPool2d",
        args: &[
            ArgSpec::required("kernel_size"),
            ArgSpec::optional("stride"),
            ArgSpec::optional("padding"),
            ArgSpec::optional("ceil_mode"),
            ArgSpec::optional("count_include_pad"),
        ],
        build: build_avg,
        doc: "AvgPool2d(kernel_size, stride = kernel_size, padding = 0, ceil_mode = false, count_include_pad = true): the mean \
              over a window of [C, H, W] (torch.nn.AvgPool2d)",
    },
    LayerSpec {
        name: "AdaptiveAvgPool2d",
        args: &[ArgSpec::required("output_size"), ArgSpec::named("functional")],
        build: build_adaptive,
        doc: "AdaptiveAvgPool2d(output_size): means over as many bins as the output has pixels; `none` keeps the input's size; \
              `functional = true` counts as torch.nn.functional.adaptive_avg_pool2d (torch.nn.AdaptiveAvgPool2d)",
    },
    LayerSpec {
        name: "GlobalAvgPool",
        args: &[],
        build: build_global,
        doc: "GlobalAvgPool: [C, H, W] to [C], the mean of each channel (x.mean((2, 3)))",
    },
    LayerSpec {
        name: "AdaptiveMaxPool2d",
        args: &[ArgSpec::required("output_size")],
        build: build_adaptive_max,
        doc: "AdaptiveMaxPool2d(output_size): the largest of as many bins as the output has pixels (torch.nn.AdaptiveMaxPool2d)",
    },
    LayerSpec {
        name: "GlobalMaxPool",
        args: &[],
        build: build_global_max,
        doc: "GlobalMaxPool: [C, H, W] to [C], the largest of each channel (x.amax((2, 3)))",
    },
    LayerSpec {
        name: "Mean",
        args: &[ArgSpec::required("axis").words(AXES)],
        build: build_mean,
        doc: "Mean(axis): the mean along `channels`, `height`, `width` or a list of them, kept as 1 \
              (x.mean((2, 3), keepdim=True))",
    },
    LayerSpec {
        name: "Max",
        args: &[ArgSpec::required("axis").words(AXES)],
        build: build_largest,
        doc: "Max(axis): the largest along `channels`, `height`, `width` or a list of them, kept as 1 \
              (x.amax((2, 3), keepdim=True))",
    },
];

fn build_max(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    if args.bool("return_indices", false)? {
        return Err(OpError::value(
            "return_indices",
            "`return_indices = true` is not supported: the indices would be integers",
        ));
    }
    let dilation = args.pair("dilation", Some([1, 1]))?;
    build_pool("MaxPool2d", Kind::Max, dilation, args, inputs)
}

fn build_avg(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let count_include_pad = args.bool("count_include_pad", true)?;
    build_pool("AvgPool2d", Kind::Avg { count_include_pad }, [1, 1], args, inputs)
}

fn build_pool(
    layer: &'static str,
    kind: Kind,
    dilation: [usize; 2],
    args: &Bound,
    inputs: &[Shape],
) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map(layer, inputs)?;
    let kernel = args.pair("kernel_size", None)?;
    let stride = match args.get("stride") {
        None | Some(Arg::None) => kernel,
        Some(_) => args.pair("stride", None)?,
    };
    let padding = args.padding("padding")?;
    if let Padding::Explicit(p) = padding {
        for axis in 0..2 {
            let half = kernel[axis] / 2;
            if p[axis] > half {
                return Err(OpError::argument(
                    "padding",
                    format!("`padding` of `{layer}` must be at most half the kernel, {half}, found {}", p[axis]),
                )
                .help("a window beyond that could lie in the padding alone"));
            }
        }
    }
    let ceil_mode = args.bool("ceil_mode", false)?;
    let (window, [height, width]) = slide(layer, [height, width], kernel, stride, padding, dilation, ceil_mode)?;
    let output = addressable(layer, Shape::map(channels, height, width))?;
    Ok(Rc::new(Pool { layer, kind, input, output, window, padding, ceil_mode }))
}

fn build_adaptive(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let spelling = if args.bool("functional", false)? { Spelling::Function } else { Spelling::Module };
    build_bins("AdaptiveAvgPool2d", Reduction::Mean, spelling, args, inputs)
}

fn build_adaptive_max(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    build_bins("AdaptiveMaxPool2d", Reduction::Max, Spelling::Module, args, inputs)
}

fn build_bins(
    layer: &'static str,
    reduction: Reduction,
    spelling: Spelling,
    args: &Bound,
    inputs: &[Shape],
) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map(layer, inputs)?;
    let [oh, ow] = args.output_size("output_size", [height, width])?;
    let output = addressable(layer, Shape::map(channels, oh, ow))?;
    Ok(Rc::new(Adaptive { layer, reduction, input, output, spelling }))
}

fn build_global(_: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    global("GlobalAvgPool", Reduction::Mean, inputs)
}

fn build_global_max(_: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    global("GlobalMaxPool", Reduction::Max, inputs)
}

fn global(layer: &'static str, reduction: Reduction, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single_map(layer, inputs)?;
    Ok(Rc::new(Adaptive { layer, reduction, input, output: Shape::Vector(input[0]), spelling: Spelling::Global }))
}

fn build_mean(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    along("Mean", Reduction::Mean, args, inputs)
}

fn build_largest(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    along("Max", Reduction::Max, args, inputs)
}

fn along(
    layer: &'static str,
    reduction: Reduction,
    args: &Bound,
    inputs: &[Shape],
) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map(layer, inputs)?;
    let axes = args.axes("axis", Shape::map(channels, height, width))?;
    let kept = |axis: Axis, size: usize| if axes.contains(&axis) { 1 } else { size };
    let [oc, oh, ow] = [kept(Axis::Channels, channels), kept(Axis::Height, height), kept(Axis::Width, width)];
    Ok(Rc::new(Adaptive { layer, reduction, input, output: Shape::map(oc, oh, ow), spelling: Spelling::Axes(axes) }))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Max,
    Avg { count_include_pad: bool },
}

#[derive(Debug)]
struct Pool {
    layer: &'static str,
    kind: Kind,
    input: [usize; 3],
    output: Shape,
    window: Window,
    padding: Padding,
    ceil_mode: bool,
}

impl Pool {
    /// By how much PyTorch divides the sum of a window: its taps inside the input, or inside the padded input, along an axis.
    fn divisor(&self, axis: usize, output: usize, input: usize, count_include_pad: bool) -> usize {
        let window = &self.window;
        let start = output * window.stride[axis];
        let end = (start + window.kernel[axis]).min(window.before[axis] + input + window.after[axis]);
        if count_include_pad {
            return end - start;
        }
        end.min(window.before[axis] + input) - start.max(window.before[axis])
    }
}

impl Operator for Pool {
    fn name(&self) -> &'static str {
        self.layer
    }

    fn describe(&self) -> String {
        let mut text = format!("{}({}", self.layer, pair(self.window.kernel));
        if self.window.stride != self.window.kernel {
            text += &format!(", stride = {}", pair(self.window.stride));
        }
        match self.padding {
            Padding::Explicit([0, 0]) => {}
            Padding::Explicit(p) => text += &format!(", padding = {}", pair(p)),
            Padding::Same => text += ", padding = same",
        }
        if self.window.dilation != [1, 1] {
            text += &format!(", dilation = {}", pair(self.window.dilation));
        }
        if self.ceil_mode {
            text += ", ceil_mode = true";
        }
        if self.kind == (Kind::Avg { count_include_pad: false }) {
            text += ", count_include_pad = false";
        }
        text + ")"
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let [c, h, w] = self.input;
        OpCost { ptflops: elements(Shape::map(c, h, w)).saturating_mul(2), ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let [_, height, width] = self.input;
        let mut values = result.data.iter_mut();
        for plane in inputs[0].data.chunks_exact(height * width) {
            for y in 0..self.output.height() {
                for x in 0..self.output.width() {
                    let (mut sum, mut top) = (0.0, f64::NEG_INFINITY);
                    taps(&self.window, 0, y, height, |_, iy| {
                        taps(&self.window, 1, x, width, |_, ix| {
                            let value = plane[iy * width + ix];
                            sum += value;
                            if value > top || value.is_nan() {
                                top = value;
                            }
                        });
                    });
                    let value = match self.kind {
                        Kind::Max => top,
                        Kind::Avg { count_include_pad: pad } => {
                            sum / (self.divisor(0, y, height, pad) * self.divisor(1, x, width, pad)) as f64
                        }
                    };
                    if let Some(place) = values.next() {
                        *place = value;
                    }
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        match self.kind {
            Kind::Max => Primitive::MaxPool(self.window),
            Kind::Avg { count_include_pad } => Primitive::AvgPool { window: self.window, count_include_pad },
        }
    }
}

/// Which of PyTorch's spellings it is: they give the same and are counted differently.
#[derive(Clone, Debug, PartialEq)]
enum Spelling {
    Module,
    Function,
    /// `x.mean((2, 3))`
    Global,
    /// `x.mean(axes, keepdim=True)`
    Axes(Vec<Axis>),
}

#[derive(Debug)]
struct Adaptive {
    layer: &'static str,
    reduction: Reduction,
    input: [usize; 3],
    output: Shape,
    spelling: Spelling,
}

impl Operator for Adaptive {
    fn name(&self) -> &'static str {
        self.layer
    }

    fn describe(&self) -> String {
        let (layer, size) = (self.layer, pair([self.output.height(), self.output.width()]));
        match &self.spelling {
            Spelling::Global => layer.to_owned(),
            Spelling::Axes(axes) => {
                let words: Vec<_> = axes.iter().map(|axis| axis.word()).collect();
                match words[..] {
                    [word] => format!("{layer}({word})"),
                    _ => format!("{layer}([{}])", words.join(", ")),
                }
            }
            Spelling::Module => format!("{layer}({size})"),
            Spelling::Function => format!("{layer}({size}, functional = true)"),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let [c, h, w] = self.input;
        let n = elements(Shape::map(c, h, w));
        // fvcore knows the adaptive mean only; ptflops counts a module and the function that it calls
        let ptflops = match self.spelling {
            Spelling::Module => n.saturating_mul(2),
            Spelling::Function => n,
            Spelling::Global | Spelling::Axes(_) => 0,
        };
        let fvcore = if ptflops > 0 && self.reduction == Reduction::Mean { n } else { 0 };
        OpCost { ptflops, fvcore, ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let [channels, height, width] = self.input;
        let (oh, ow) = (self.output.height(), self.output.width());
        let bin = |i: usize, input: usize, output: usize| i * input / output..((i + 1) * input).div_ceil(output);
        for (i, value) in result.data.iter_mut().enumerate() {
            let planes = bin(i / (oh * ow), channels, self.output.channels());
            let (rows, columns) = (bin(i / ow % oh, height, oh), bin(i % ow, width, ow));
            let count = planes.len() * rows.len() * columns.len();
            let lines = planes.flat_map(|c| rows.clone().map(move |y| (c * height + y) * width));
            let numbers = lines.flat_map(|line| &inputs[0].data[line..line + width][columns.clone()]);
            *value = match self.reduction {
                Reduction::Mean => numbers.sum::<f64>() / count as f64,
                Reduction::Max => numbers.fold(f64::NEG_INFINITY, |a, &b| if b > a || b.is_nan() { b } else { a }),
            };
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::AdaptivePool(self.reduction)
    }
}
