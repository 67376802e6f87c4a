//! How weights are packed at load.

/// Batch norm to fold: indices into the net's weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// `weight`.
    pub gamma: usize,
    /// `bias`.
    pub beta: usize,
    /// `running_mean`.
    pub mean: usize,
    /// `running_var`.
    pub variance: usize,
    /// Added to the variance.
    pub eps: f64,
}

/// How one layer's weights are packed at load; weights are named by their index in the net's list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pack {
    /// Panels of a convolution.
    Conv {
        /// First float.
        at: usize,
        /// The kernel.
        weight: usize,
        /// The bias.
        bias: Option<usize>,
        /// Batch norm after it.
        norm: Option<Norm>,
        /// Output channels in all.
        outputs: usize,
        /// Input channels of a group.
        inputs: usize,
        /// Taps.
        taps: usize,
        /// Groups.
        groups: usize,
        /// Whether the kernel is that of a transposed convolution, `[in, out / groups, taps]`.
        transposed: bool,
    },
    /// Components of a convolution by Winograd's algorithm.
    Winograd {
        /// First float.
        at: usize,
        /// The kernel, 3x3.
        weight: usize,
        /// The bias.
        bias: Option<usize>,
        /// Batch norm after it.
        norm: Option<Norm>,
        /// Output channels.
        outputs: usize,
        /// Input channels.
        inputs: usize,
        /// Outputs of a tile along an axis.
        side: usize,
    },
    /// Panels of a depthwise convolution.
    Depthwise {
        /// First float.
        at: usize,
        /// The kernel.
        weight: usize,
        /// The bias.
        bias: Option<usize>,
        /// Batch norm after it.
        norm: Option<Norm>,
        /// Channels.
        channels: usize,
        /// Taps.
        taps: usize,
        /// Whether it is a transposed convolution, whose taps come in the opposite order.
        transposed: bool,
    },
    /// Factors and summands of a batch norm on its own.
    Affine {
        /// First float.
        at: usize,
        /// The batch norm.
        norm: Norm,
        /// Channels.
        channels: usize,
    },
    /// Factors without summands.
    Scale {
        /// First float.
        at: usize,
        /// The factors.
        weight: usize,
        /// Channels.
        channels: usize,
    },
    /// A tensor as it is, channels-last.
    Raw {
        /// First float.
        at: usize,
        /// The tensor.
        weight: usize,
        /// Channels, height, width.
        dims: [usize; 3],
    },
}
