//! What the fuser knows of an operator: the few things that kernels do.

use crate::shape::Shape;

/// An axis of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Channels.
    Channels,
    /// Rows.
    Height,
    /// Columns.
    Width,
}

impl Axis {
    /// Its word in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Axis::Channels => "channels",
            Axis::Height => "height",
            Axis::Width => "width",
        }
    }

    /// A shape's size along it.
    #[must_use]
    pub fn size(self, shape: Shape) -> usize {
        match self {
            Axis::Channels => shape.channels(),
            Axis::Height => shape.height(),
            Axis::Width => shape.width(),
        }
    }

    /// The shape with another size along it; a vector has channels only.
    #[must_use]
    pub fn resize(self, shape: Shape, size: usize) -> Shape {
        match (self, shape) {
            (Axis::Channels, _) => shape.with_channels(size),
            (Axis::Height, Shape::Map { channels, width, .. }) => Shape::Map { channels, height: size, width },
            (Axis::Width, Shape::Map { channels, height, .. }) => Shape::Map { channels, height, width: size },
            (_, Shape::Vector(_)) => shape,
        }
    }
}

/// Geometry of a sliding window; `[vertical, horizontal]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Taps.
    pub kernel: [usize; 2],
    /// Steps.
    pub stride: [usize; 2],
    /// Padding before: top, left.
    pub before: [usize; 2],
    /// Padding after: bottom, right. With `ceil_mode` the last window may reach past it; what lies there never counts.
    pub after: [usize; 2],
    /// Distance of taps.
    pub dilation: [usize; 2],
}

impl Window {
    /// Input pixels along an axis from the first that so many neighbouring outputs, at least one, read to the last, padding counted.
    #[must_use]
    pub fn span(&self, axis: usize, outputs: usize) -> usize {
        (outputs - 1) * self.stride[axis] + (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }
}

/// An activation function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `x`
    Identity,
    /// `max(x, 0)`
    Relu,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `x * relu6(x + 3) / 6`
    Hardswish,
    /// `relu6(x + 3) / 6`
    Hardsigmoid,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `x * sigmoid(x)`
    Silu,
    /// `tanh(x)`
    Tanh,
    /// `x * Phi(x)`, exact (by erf)
    Gelu,
    /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`, which approximates it
    GeluTanh,
    /// `x * tanh(softplus(x))`
    Mish,
    /// `x` or `slope * x` below zero
    LeakyRelu {
        /// PyTorch's `negative_slope`.
        slope: f64,
    },
    /// `x` or `alpha * (exp(x) - 1)` below zero
    Elu {
        /// PyTorch's `alpha`.
        alpha: f64,
    },
    /// `-x`
    Negate,
}

/// Arithmetic of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `max(a, b)`
    Max,
    /// `min(a, b)`
    Min,
}

/// One of the nested loops of a [`Move`]; steps are in channels, rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// Turns.
    pub count: usize,
    /// Steps in the input.
    pub input: [usize; 3],
    /// Steps in the output.
    pub output: [usize; 3],
}

/// Numbers put elsewhere: nested loops that step through input and output, the last one innermost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whether the output also has places that no loop reaches: they are zeros.
    pub fill: bool,
    /// Channel, row and column of the input where the loops begin.
    pub from: [usize; 3],
    /// Likewise of the output.
    pub to: [usize; 3],
    /// The loops.
    pub loops: Vec<Loop>,
}

/// How many numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// The largest.
    Max,
}

/// How a map of another size is made of its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resize {
    /// The pixel at `floor(i * step)`, in f32 as PyTorch has it.
    Nearest {
        /// Input pixels for an output pixel, vertical and horizontal.
        step: [f32; 2],
    },
    /// Between the four nearest, linearly: at `(i + 0.5) * step - 0.5`, or at `i * step` if the corners are aligned.
    Bilinear {
        /// Input pixels for an output pixel, vertical and horizontal.
        step: [f64; 2],
        /// PyTorch's `align_corners`.
        align_corners: bool,
    },
}

/// What an operator is to the fuser: the few things that kernels do.
///
/// Where weights are named, they are indices into [`Operator::weights`](super::Operator::weights).
#[derive(Clone, Debug, PartialEq)]
pub enum Primitive {
    /// The output is the input (same elements in the same order in memory, channels-last).
    Identity,
    /// A convolution (a `Linear` too): weight 0 is `[out, in / groups, kh, kw]` or `[out, in]`, weight 1 the bias if `bias`.
    Conv {
        /// The window.
        window: Window,
        /// Groups.
        groups: usize,
        /// Whether weight 1 is a bias.
        bias: bool,
    },
    /// A transposed convolution: every input pixel adds its products to the outputs of the window. Weight 0 is
    /// `[in, out / groups, kh, kw]`, weight 1 the bias if `bias`. The padding takes rows and columns off the output.
    ConvTranspose {
        /// The window, whose stride is that of the output.
        window: Window,
        /// Groups.
        groups: usize,
        /// Whether weight 1 is a bias.
        bias: bool,
    },
    /// Weights 0 to 3 are gamma, beta, running mean, running variance.
    BatchNorm {
        /// Added to the variance.
        eps: f64,
    },
    /// By the mean and variance of the channels of each pixel; weights 0 and 1 are a factor and a summand for each channel.
    LayerNorm {
        /// Added to the variance.
        eps: f64,
    },
    /// By the mean and variance of each group of channels; weights as for [`Primitive::LayerNorm`].
    GroupNorm {
        /// Groups.
        groups: usize,
        /// Added to the variance.
        eps: f64,
    },
    /// A vector convolved across its channels; weight 0 is `[1, 1, taps]`, the middle one for the channel itself.
    ChannelConv {
        /// How many, odd.
        taps: usize,
    },
    /// One number to one number.
    Activation(Activation),
    /// `x op scalar`, or `scalar op x` if `reversed`.
    Scalar {
        /// Which.
        op: Binary,
        /// The number.
        scalar: f64,
        /// Whether the number stands on the left.
        reversed: bool,
    },
    /// Two inputs, broadcast to the output's shape.
    Binary(Binary),
    /// A learnt tensor, weight 0, as an operand; no inputs.
    Param,
    /// Channel `c` is multiplied by weight 0 at `c`.
    ChannelScale,
    /// Below zero, channel `c` is multiplied by weight 0 at `c` (or its only element).
    Prelu,
    /// Maximum over a window; padding never wins.
    MaxPool(Window),
    /// Mean over a window.
    AvgPool {
        /// The window.
        window: Window,
        /// Whether padding counts in the divisor.
        count_include_pad: bool,
    },
    /// PyTorch's adaptive pooling; to `[1, 1]` it is the global one. A global one may also drop the axes, and one of several
    /// channels to one takes those together: see the output's shape.
    AdaptivePool(Reduction),
    /// A map of another size.
    Resize(Resize),
    /// The same numbers elsewhere.
    Move(Move),
    /// Exponentials over the sum along an axis.
    Softmax(Axis),
    /// The matrix product of two maps, channel by channel.
    MatMul,
    /// Queries, keys and values to attention over pixels; the channels of the queries are cut into heads, those of keys and
    /// values too, unless they have one head only that serves all.
    Attention {
        /// Heads of the queries.
        heads: usize,
        /// Of the keys: as many, or 1.
        key_heads: usize,
        /// Of the values: as many, or 1.
        value_heads: usize,
    },
    /// From channels-last to PyTorch's order (channel, height, width), as a vector.
    Flatten,
    /// Channel `g * C / groups + c` becomes channel `c * groups + g`.
    ChannelShuffle {
        /// Groups.
        groups: usize,
    },
    /// The sum of three or more inputs, broadcast to the output's shape (two are a [`Primitive::Binary`]).
    Sum,
    /// The inputs, one after the other along an axis.
    Concat(Axis),
    /// `start..start + len` along an axis; several outputs are consecutive runs of the given lengths from 0.
    Slice {
        /// Which axis.
        axis: Axis,
        /// Where the first output begins.
        start: usize,
        /// The length of each output along the axis.
        lengths: Vec<usize>,
    },
}
