//! What is chosen by a model and could be chosen otherwise: for benches, which try the alternatives.

/// How a net is planned. Nets get the default: what the models say is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Depthwise convolutions joined with the pointwise ones beside them.
    pub join: Way,
    /// Dense convolutions by Winograd's algorithm.
    pub winograd: Way,
    /// Which size of its tiles, in the order of the model.
    pub winograd_tile: usize,
    /// Which tile of a convolution, in the order of the model: 0 is the best.
    pub tile: usize,
    /// Likewise that of the expansion of a joined step.
    pub slice: usize,
    /// Likewise the columns that a depthwise kernel does at once.
    pub columns: usize,
    /// Floats of activations that go through one column group of a convolution before the next group's turn.
    pub block_floats: usize,
}

/// Whether something that can be done is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Where the model says that it pays.
    Model,
    /// Wherever it can be.
    Always,
    /// Nowhere.
    Never,
}

impl Way {
    /// The answer, if the model's is `pays`.
    #[must_use]
    pub fn or(self, pays: bool) -> bool {
        match self {
            Way::Model => pays,
            Way::Always => true,
            Way::Never => false,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            join: Way::Model,
            winograd: Way::Model,
            winograd_tile: 0,
            tile: 0,
            slice: 0,
            columns: 0,
            // a quarter of the smallest L2 met (512 KiB)
            block_floats: 32 * 1024,
        }
    }
}
