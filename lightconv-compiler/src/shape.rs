//! Shapes of tensors.

use std::fmt;

/// The most elements a tensor may have: 2^31, 8 GiB of f32.
pub const MAX_ELEMENTS: usize = 1 << 31;

/// The static shape of a tensor; the batch is never named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `[C]`: a vector, as after a global average or a `Linear`.
    Vector(usize),
    /// `[C, H, W]`: a feature map.
    Map {
        /// Channels.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
}

impl Shape {
    /// `[channels, height, width]`.
    #[must_use]
    pub fn map(channels: usize, height: usize, width: usize) -> Shape {
        Shape::Map { channels, height, width }
    }

    /// Channels, or the length of a vector.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Shape::Vector(n) => n,
            Shape::Map { channels, .. } => channels,
        }
    }

    /// Rows; 1 for a vector.
    #[must_use]
    pub fn height(self) -> usize {
        match self {
            Shape::Vector(_) => 1,
            Shape::Map { height, .. } => height,
        }
    }

    /// Columns; 1 for a vector.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Shape::Vector(_) => 1,
            Shape::Map { width, .. } => width,
        }
    }

    /// Height times width.
    #[must_use]
    pub fn pixels(self) -> usize {
        self.height() * self.width()
    }

    /// Channels times pixels.
    #[must_use]
    pub fn elements(self) -> usize {
        self.channels() * self.pixels()
    }

    /// The same with other channels.
    #[must_use]
    pub fn with_channels(self, channels: usize) -> Shape {
        match self {
            Shape::Vector(_) => Shape::Vector(channels),
            Shape::Map { height, width, .. } => Shape::Map { channels, height, width },
        }
    }

    /// The sizes as written: one or three.
    #[must_use]
    pub fn dims(self) -> Vec<usize> {
        match self {
            Shape::Vector(n) => vec![n],
            Shape::Map { channels, height, width } => vec![channels, height, width],
        }
    }

    /// Whether it can be addressed: no size is 0 and the elements are at most [`MAX_ELEMENTS`].
    #[must_use]
    pub fn is_addressable(self) -> bool {
        let n = self.dims().into_iter().try_fold(1usize, usize::checked_mul);
        n.is_some_and(|n| n > 0 && n <= MAX_ELEMENTS)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.dims())
    }
}
