//! What the fuser hands on: steps, each one kernel call, between views of buffers; and how the weights are packed.

mod display;
mod pack;
mod share;
pub mod tiling;
mod touch;

pub use pack::{Norm, Pack};
pub use touch::Touch;

use crate::ops::{self, Axis, Binary, Reduction, Resize, Window};
use crate::options::Options;
use crate::shape::Shape;

/// Index of a buffer in [`Plan::buffers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub usize);

/// Where a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the workspace.
    Arena,
    /// It is an input of the net.
    Input(usize),
    /// It is an output of the net.
    Output(usize),
    /// In the packed weights, at this offset: a `param`.
    Weights(usize),
}

/// A stretch of floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Where.
    pub home: Home,
    /// How many floats.
    pub len: usize,
}

/// A feature map in a buffer, channels-last: channel `c` of pixel `p` stands at `offset + p * stride + c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Which buffer.
    pub buffer: BufferId,
    /// Where in it the first pixel's first channel stands.
    pub offset: usize,
    /// Rows.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Floats from pixel to pixel.
    pub stride: usize,
}

impl View {
    /// A buffer's whole content as a map without gaps.
    #[must_use]
    pub fn dense(buffer: BufferId, shape: Shape) -> View {
        let channels = shape.channels();
        View { buffer, offset: 0, height: shape.height(), width: shape.width(), channels, stride: channels }
    }

    /// Height times width.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Its sizes.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::map(self.channels, self.height, self.width)
    }

    /// Floats from the first to the last, gaps included.
    #[must_use]
    pub fn extent(&self) -> usize {
        (self.pixels() - 1) * self.stride + self.channels
    }

    /// Whether its pixels follow one another without gaps.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        self.stride == self.channels || self.pixels() == 1
    }

    /// `len` channels (rows for [`Axis::Height`]) from `start`.
    ///
    /// # Panics
    /// For the width: a run of columns is no view.
    #[must_use]
    pub fn run(&self, axis: Axis, start: usize, len: usize) -> View {
        match axis {
            Axis::Channels => View { offset: self.offset + start, channels: len, ..*self },
            Axis::Height => View { offset: self.offset + start * self.width * self.stride, height: len, ..*self },
            Axis::Width => panic!("a run of columns is not a view"),
        }
    }

    /// Each row taken for one pixel: for what works on columns of a dense view.
    #[must_use]
    pub fn rows_as_pixels(&self) -> View {
        debug_assert!(self.is_dense());
        View { width: 1, channels: self.width * self.channels, stride: self.width * self.channels, ..*self }
    }
}

/// A function of one number, in single assignment: value 0 is the argument, value `i + 1` the result of `ops[i]`; the last
/// value is the result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unary {
    /// In order.
    pub ops: Vec<UnaryOp>,
}

/// One operation of a [`Unary`]; operands are numbers of earlier values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnaryOp {
    /// An activation.
    Activation(ops::Activation, usize),
    /// `value op scalar`, or the other way round.
    Scalar {
        /// Which.
        op: Binary,
        /// The number.
        scalar: f64,
        /// Whether the number stands on the left.
        reversed: bool,
        /// The operand.
        value: usize,
    },
    /// `a op b`.
    Binary(Binary, usize, usize),
}

impl Unary {
    /// Whether it gives its argument back.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.ops.is_empty()
    }
}

/// A range of the packed weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First float.
    pub at: usize,
    /// Floats.
    pub len: usize,
}

/// Where a convolution reads its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weights {
    /// Packed at load.
    Packed(Range),
    /// Packed at load, then multiplied by a gate into scratch memory by an earlier step.
    Gated(View),
}

/// One kernel call.
#[derive(Clone, Debug)]
pub struct Step {
    /// The path of the layer that names it.
    pub path: String,
    /// What it does.
    pub work: Work,
    /// The weights of later steps that are fetched meanwhile.
    pub prefetch: Prefetch,
    /// Why it is a step: what became a part of it, and what did not; a line each.
    pub why: Vec<String>,
}

impl Step {
    /// One that fetches nothing, and of which nothing is to be said yet.
    #[must_use]
    pub fn new(path: String, work: Work) -> Step {
        Step { path, work, prefetch: Prefetch::default(), why: Vec::new() }
    }

    /// Whether it fetches weights of later steps.
    #[must_use]
    pub fn fetches(&self) -> bool {
        !self.prefetch.ranges.is_empty()
    }
}

/// Weights that are fetched into L2 before the steps that read them.
#[derive(Clone, Debug, Default)]
pub struct Prefetch {
    /// Runs of packed weights, each with whether threads share the step that reads them.
    pub ranges: Vec<(Range, bool)>,
    /// Floats that the steps until then read and write besides.
    pub beside: usize,
}

/// A loop of a [`Work::Move`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stride {
    /// Turns.
    pub count: usize,
    /// Floats of the input from turn to turn.
    pub input: usize,
    /// Likewise of the output.
    pub output: usize,
}

/// The dense convolution, most often a pointwise one, before a joined depthwise one.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Its window.
    pub window: Window,
    /// The shape of what it gives, which is never there as a whole.
    pub shape: Shape,
    /// Its weights.
    pub weights: Range,
    /// Its activation.
    pub act: Unary,
    /// Scratch for a padded copy of the rows that one of its rows is made of, where its window reaches outside.
    pub pad: Option<View>,
}

/// The pointwise convolution after a joined depthwise one.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Its weights.
    pub weights: Range,
    /// Scratch for them in pairs, where there is a last panel of 8.
    pub pairs: Option<View>,
    /// Before the residual.
    pub act: Unary,
    /// Added.
    pub residual: Option<View>,
    /// After it.
    pub after: Unary,
    /// Scratch for the rows of its input that are there at once.
    pub rows: View,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Work {
    /// A convolution or linear layer: `after(act(weights * input + bias) + residual)`.
    Conv {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The window.
        window: Window,
        /// Groups.
        groups: usize,
        /// Its weights.
        weights: Weights,
        /// Before the residual.
        act: Unary,
        /// Added.
        residual: Option<View>,
        /// After it.
        after: Unary,
        /// Scratch for the padded input, where the window reaches outside.
        pad: Option<View>,
        /// Scratch for weights in pairs, where there is a last panel of 8.
        pairs: Option<View>,
    },
    /// A convolution of 3x3 with a stride of 1 by Winograd's algorithm: as `Conv`.
    Winograd {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The window.
        window: Window,
        /// Its weights.
        weights: Range,
        /// Before the residual.
        act: Unary,
        /// Added.
        residual: Option<View>,
        /// After it.
        after: Unary,
        /// Outputs of a tile along an axis.
        side: usize,
        /// The tiles of the map.
        tiles: usize,
        /// Into how many blocks, transformed one after the other, they fall, evenly.
        blocks: usize,
        /// Scratch for their components.
        scratch: View,
    },
    /// A convolution of each channel with itself: as `Conv`.
    Depthwise {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The window.
        window: Window,
        /// Its weights.
        weights: Range,
        /// Before the residual.
        act: Unary,
        /// Added.
        residual: Option<View>,
        /// After it.
        after: Unary,
        /// Written too, where a global average follows: the mean of each row.
        means: Option<View>,
    },
    /// A depthwise convolution with the convolution before it, and perhaps the pointwise one after it, row by row.
    Joined {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The shape of what the depthwise convolution gives.
        middle: Shape,
        /// Its window.
        window: Window,
        /// Rows of it that are made at once.
        band: usize,
        /// The convolution before it.
        expand: Box<Expansion>,
        /// Its weights.
        weights: Range,
        /// Its activation.
        act: Unary,
        /// The pointwise convolution after it.
        project: Option<Projection>,
        /// Written too, where there is no such convolution and a global average follows: the mean of each row.
        means: Option<View>,
        /// Scratch for the rows that it reads.
        ring: View,
    },
    /// A depthwise convolution with the pointwise one after it, row by row.
    Separable {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The shape of what the depthwise convolution gives.
        middle: Shape,
        /// Its window.
        window: Window,
        /// Rows of it that are made at once.
        band: usize,
        /// Its weights.
        weights: Range,
        /// Its activation.
        act: Unary,
        /// The pointwise convolution after it.
        project: Projection,
    },
    /// Packed weights times a gate, a factor for each input channel.
    ScalePanels {
        /// The packed weights.
        weights: Range,
        /// The factors.
        gate: View,
        /// Scratch, written.
        output: View,
        /// Output channels.
        outputs: usize,
        /// Input channels.
        inputs: usize,
        /// Taps.
        taps: usize,
    },
    /// Maximum over a window, then `act`.
    MaxPool {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The window.
        window: Window,
        /// Then.
        act: Unary,
    },
    /// Mean over a window, then `act`.
    AvgPool {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The window.
        window: Window,
        /// Whether padding counts.
        count_include_pad: bool,
        /// Then.
        act: Unary,
    },
    /// Adaptive pooling to the output's size and channels, then `act`.
    AdaptivePool {
        /// Mean or maximum.
        reduction: Reduction,
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Then.
        act: Unary,
    },
    /// A function of each number.
    Unary {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Which.
        act: Unary,
    },
    /// A function of two numbers, broadcast, then `act`.
    Binary {
        /// Which.
        op: Binary,
        /// Left.
        a: View,
        /// Right.
        b: View,
        /// Written.
        output: View,
        /// Then.
        act: Unary,
    },
    /// A factor and a summand for each channel, then `act`.
    Affine {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Factors, then summands.
        weights: Range,
        /// Then.
        act: Unary,
    },
    /// Below zero, a slope for each channel.
    Prelu {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The slopes.
        weights: Range,
    },
    /// The same numbers elsewhere.
    Copy {
        /// Read.
        input: View,
        /// Written.
        output: View,
    },
    /// The channels of maps of one size in turn.
    ChannelShuffle {
        /// Read: channel `c` of part `g` becomes channel `c * parts + g`.
        parts: Vec<View>,
        /// Written.
        output: View,
    },
    /// The same numbers in other places.
    Move {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Whether places that no loop reaches become zeros.
        fill: bool,
        /// Floats of the input before the first number moved.
        from: usize,
        /// Likewise of the output.
        to: usize,
        /// Nested loops, the last one innermost.
        loops: Vec<Stride>,
    },
    /// A map of another size.
    Resize {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// How.
        how: Resize,
    },
    /// By the mean and variance of each pixel's channels, a factor and a summand for each channel, then `act`.
    LayerNorm {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// The factors.
        weight: Range,
        /// The summands.
        bias: Range,
        /// Added to the variance.
        eps: f64,
        /// Then.
        act: Unary,
    },
    /// By the mean and variance of each group of channels: as `LayerNorm`.
    GroupNorm {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Groups.
        groups: usize,
        /// The factors.
        weight: Range,
        /// The summands.
        bias: Range,
        /// Added to the variance.
        eps: f64,
        /// Then.
        act: Unary,
        /// Scratch for the statistics.
        stats: View,
    },
    /// A vector convolved across its channels, then `act`.
    ChannelConv {
        /// Read: one pixel.
        input: View,
        /// Written.
        output: View,
        /// The taps.
        weights: Range,
        /// Then.
        act: Unary,
    },
    /// The matrix product, channel by channel, then `act`.
    MatMul {
        /// Left.
        a: View,
        /// Right.
        b: View,
        /// Written.
        output: View,
        /// Then.
        act: Unary,
    },
    /// Attention over pixels.
    Attention {
        /// Read: the pixels that attend.
        query: View,
        /// Read: the pixels attended to.
        key: View,
        /// Read: what they have to say.
        value: View,
        /// Written.
        output: View,
        /// Heads of queries, keys and values.
        heads: [usize; 3],
        /// Scratch for the keys of a head and the scores of some pixels.
        scratch: View,
    },
    /// From channels-last to channel, height, width.
    Flatten {
        /// Read.
        input: View,
        /// Written: a vector.
        output: View,
    },
    /// Exponentials over their sum along an axis.
    Softmax {
        /// Read.
        input: View,
        /// Written.
        output: View,
        /// Along which.
        axis: Axis,
    },
}

/// A net as its kernels run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All buffers.
    pub buffers: Vec<Buffer>,
    /// In the order in which they run.
    pub steps: Vec<Step>,
    /// The packing of the weights.
    pub packs: Vec<Pack>,
    /// Floats of the packed weights.
    pub packed_len: usize,
    /// How it was chosen, and the tiles are.
    pub options: Options,
}
