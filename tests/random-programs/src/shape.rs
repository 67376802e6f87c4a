//! Shapes, and the small text that arguments are made of.

use crate::Choices;
use std::fmt;

/// The shape of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub channels: usize,
    /// Height and width; `None` for a vector.
    pub sides: Option<[usize; 2]>,
}

impl Shape {
    pub fn vector(channels: usize) -> Shape {
        Shape { channels, sides: None }
    }

    pub fn map(channels: usize, [height, width]: [usize; 2]) -> Shape {
        Shape { channels, sides: Some([height, width]) }
    }

    pub fn with_channels(self, channels: usize) -> Shape {
        Shape { channels, ..self }
    }

    /// Channels, height, width.
    pub fn sizes(self) -> [usize; 3] {
        let [height, width] = self.sides.unwrap_or([1, 1]);
        [self.channels, height, width]
    }

    pub fn pixels(self) -> usize {
        let [_, height, width] = self.sizes();
        height * width
    }

    pub fn elements(self) -> usize {
        self.channels * self.pixels()
    }

    /// The same with another size along an axis: 0 is the channels.
    pub fn resized(self, axis: usize, size: usize) -> Shape {
        match (axis, self.sides) {
            (1, Some([_, width])) => Shape::map(self.channels, [size, width]),
            (2, Some([height, _])) => Shape::map(self.channels, [height, size]),
            _ => self.with_channels(size),
        }
    }

    /// Whether the net may hold it: unoptimised kernels and plain loops are to be quick.
    pub fn is_small(self) -> bool {
        self.elements() > 0 && self.elements() <= 6_000 && self.channels <= 200
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sides {
            Some([height, width]) => write!(f, "[{}, {height}, {width}]", self.channels),
            None => write!(f, "[{}]", self.channels),
        }
    }
}

pub(crate) const AXES: [&str; 3] = ["channels", "height", "width"];

/// A pair as the language has it: one number where both are the same.
pub(crate) fn pair(choices: &mut Choices, [a, b]: [usize; 2]) -> String {
    match (a == b, choices.below(3)) {
        (true, 0 | 1) => a.to_string(),
        (_, 2) => format!("[{a}, {b}]"),
        _ => format!("({a}, {b})"),
    }
}

/// A divisor of `n`; 1 is the simplest.
pub(crate) fn divisor(choices: &mut Choices, n: usize) -> usize {
    let divisors: Vec<usize> = (1..=n).filter(|d| n.is_multiple_of(*d)).collect();
    choices.of(&divisors)
}

/// Channels: few as a rule, about the panels' 8 and 16 now and then.
pub(crate) fn channels(choices: &mut Choices) -> usize {
    choices.of(&[4, 8, 1, 2, 3, 5, 6, 7, 9, 10, 12, 13, 15, 16, 17, 20, 23, 24, 25, 31, 32, 33, 40, 48, 49])
}
