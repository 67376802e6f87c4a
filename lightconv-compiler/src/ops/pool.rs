//! Pooling: windows of a maximum or a mean, PyTorch's adaptive mean, and the global one.

use super::args::{Bound, Padding};
use super::window::{pair, slide, taps};
use super::{AXES, ArgSpec, Array, Axis, LayerSpec, OpCost, OpError, Operator, Primitive, Window};
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
        build: Some(build_max),
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
        build: Some(build_avg),
        doc: "AvgPool2d(kernel_size, stride = kernel_size, padding = 0, ceil_mode = false, count_include_pad = true): the mean \
              over a window of [C, H, W] (torch.nn.AvgPool2d)",
    },
    LayerSpec {
        name: "AdaptiveAvgPool2d",
        args: &[ArgSpec::required("output_size"), ArgSpec::named("functional")],
        build: Some(build_adaptive),
        doc: "AdaptiveAvgPool2d(output_size): means over as many bins as the output has pixels; `none` keeps the input's size; \
              `functional = true` counts as torch.nn.functional.adaptive_avg_pool2d (torch.nn.AdaptiveAvgPool2d)",
    },
    LayerSpec {
        name: "GlobalAvgPool",
        args: &[],
        build: Some(build_global),
        doc: "GlobalAvgPool: [C, H, W] to [C], the mean of each channel (x.mean((2, 3)))",
    },
    LayerSpec {
        name: "Mean",
        args: &[ArgSpec::required("axis").words(AXES)],
        build: Some(build_mean),
        doc: "Mean(axis): the mean along `height`, `width` or both, `[height, width]`, which are kept as 1 \
              (x.mean((2, 3), keepdim=True)); along `channels` not yet",
    },
];

fn build_max(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    if args.bool("return_indices", false)? {
        return Err(OpError::argument(
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
    let input @ [channels, height, width] = single_map("AdaptiveAvgPool2d", inputs)?;
    let [oh, ow] = args.output_size("output_size", [height, width])?;
    let spelling = if args.bool("functional", false)? { Spelling::Function } else { Spelling::Module };
    let output = addressable("AdaptiveAvgPool2d", Shape::map(channels, oh, ow))?;
    Ok(Rc::new(Adaptive { input, output, spelling }))
}

fn build_global(_: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input = single_map("GlobalAvgPool", inputs)?;
    Ok(Rc::new(Adaptive { input, output: Shape::Vector(input[0]), spelling: Spelling::Global }))
}

fn build_mean(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let input @ [channels, height, width] = single_map("Mean", inputs)?;
    let axes = args.axes("axis", Shape::map(channels, height, width))?;
    if axes.contains(&Axis::Channels) {
        return Err(OpError::argument("axis", "`Mean` along `channels` is not supported yet")
            .help("along `height` and `width` it is"));
    }
    let kept = |axis: Axis, size: usize| if axes.contains(&axis) { 1 } else { size };
    let (oh, ow) = (kept(Axis::Height, height), kept(Axis::Width, width));
    Ok(Rc::new(Adaptive { input, output: Shape::map(channels, oh, ow), spelling: Spelling::Mean(axes) }))
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
    Mean(Vec<Axis>),
}

#[derive(Debug)]
struct Adaptive {
    input: [usize; 3],
    output: Shape,
    spelling: Spelling,
}

impl Operator for Adaptive {
    fn name(&self) -> &'static str {
        match self.spelling {
            Spelling::Module | Spelling::Function => "AdaptiveAvgPool2d",
            Spelling::Global => "GlobalAvgPool",
            Spelling::Mean(_) => "Mean",
        }
    }

    fn describe(&self) -> String {
        let size = pair([self.output.height(), self.output.width()]);
        match &self.spelling {
            Spelling::Global => "GlobalAvgPool".to_owned(),
            Spelling::Mean(axes) => {
                let words: Vec<_> = axes.iter().map(|axis| axis.word()).collect();
                match words[..] {
                    [word] => format!("Mean({word})"),
                    _ => format!("Mean([{}])", words.join(", ")),
                }
            }
            Spelling::Module => format!("AdaptiveAvgPool2d({size})"),
            Spelling::Function => format!("AdaptiveAvgPool2d({size}, functional = true)"),
        }
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let [c, h, w] = self.input;
        let n = elements(Shape::map(c, h, w));
        let (ptflops, fvcore) = match self.spelling {
            Spelling::Module => (n.saturating_mul(2), n),
            Spelling::Function => (n, n),
            Spelling::Global | Spelling::Mean(_) => (0, 0),
        };
        OpCost { ptflops, fvcore, ..OpCost::default() }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let mut result = Array::zeros(self.output);
        let [_, height, width] = self.input;
        let (oh, ow) = (self.output.height(), self.output.width());
        let bin = |i: usize, input: usize, output: usize| i * input / output..((i + 1) * input).div_ceil(output);
        let planes = inputs[0].data.chunks_exact(height * width);
        for (plane, means) in planes.zip(result.data.chunks_exact_mut(oh * ow)) {
            for (i, mean) in means.iter_mut().enumerate() {
                let (rows, columns) = (bin(i / ow, height, oh), bin(i % ow, width, ow));
                let count = rows.len() * columns.len();
                let sum: f64 = rows.map(|y| plane[y * width..][columns.clone()].iter().sum::<f64>()).sum();
                *mean = sum / count as f64;
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::AdaptiveAvgPool
    }
}
