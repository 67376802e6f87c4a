//! The tiles of a step on a backend: for the code that is emitted, and for whoever reads the plan.

use super::{View, Work};
use crate::ops::Window;
use crate::options::Options;
use crate::shape::Shape;
use crate::tiles::{self, Line, Machine, Tile};
use std::fmt;

/// The tiles of a kernel that has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tiling {
    /// Of a convolution, by Winograd's algorithm or not.
    Conv(Tile),
    /// Output columns that a depthwise convolution does at once.
    Depthwise(usize),
    /// Of a joined step.
    Joined {
        /// Of the expansion; its vectors are those of a slice of channels.
        slice: Tile,
        /// Columns of the depthwise convolution.
        columns: usize,
        /// Of the projection.
        project: Option<Tile>,
    },
    /// Of a depthwise convolution that is joined with its projection alone.
    Separable {
        /// Columns of the depthwise convolution.
        columns: usize,
        /// Of the projection.
        project: Tile,
    },
}

impl Work {
    /// The tiles of its kernel on a machine, where it has some.
    #[must_use]
    pub fn tiling(&self, machine: Machine, options: Options) -> Option<Tiling> {
        Some(match self {
            Work::Conv { input, output, window, groups, pad, .. } => {
                let line = line(window, pad.is_some(), *output);
                let products = input.channels / groups * window.kernel[0] * window.kernel[1];
                Tiling::Conv(tiles::conv(machine, options, line, products, output.channels / groups))
            }
            Work::Winograd { input, output, tiles, blocks, .. } => {
                let channels = [input.channels, output.channels];
                Tiling::Conv(tiles::winograd(machine, options, *tiles, *blocks, channels))
            }
            Work::Depthwise { output, window, .. } => {
                Tiling::Depthwise(tiles::depthwise(machine, options, *window, output.width))
            }
            Work::Joined { input, output, window, middle, expand, project, band, .. } => Tiling::Joined {
                slice: {
                    let [height, width] = expand.window.kernel;
                    let products = input.channels * height * width;
                    tiles::slice(machine, options, expand.shape.width(), products, middle.channels())
                },
                columns: tiles::depthwise(machine, options, *window, output.width),
                project: project.as_ref().map(|_| projection(machine, options, rows(*middle, *band), *middle, *output)),
            },
            Work::Separable { output, window, middle, band, .. } => Tiling::Separable {
                columns: tiles::depthwise(machine, options, *window, output.width),
                project: projection(machine, options, rows(*middle, *band), *middle, *output),
            },
            _ => return None,
        })
    }
}

/// The lines of a convolution's output.
pub(crate) fn line(window: &Window, is_padded: bool, output: View) -> Line {
    let is_map = window.kernel == [1, 1] && window.stride == [1, 1] && !is_padded;
    let pixels = if is_map { output.pixels() } else { output.width };
    Line { pixels, least: pixels, is_map }
}

/// What is projected at once: as many rows as a band has, or fewer where it is the last of a thread's.
pub(crate) fn rows(middle: Shape, band: usize) -> Line {
    Line { pixels: band * middle.width(), least: middle.width(), is_map: false }
}

/// The tile of a pointwise convolution of the `line`s of `middle`.
fn projection(machine: Machine, options: Options, line: Line, middle: Shape, output: View) -> Tile {
    tiles::conv(machine, options, line, middle.channels(), output.channels)
}

/// A convolution's as `14x2+1`, 14 pixels by 2 vectors of output channels, with 1 for the panels left over, or `8x3 in pairs`, two
/// products a lane; a depthwise convolution's as `8`, so many columns of a vector of channels.
impl fmt::Display for Tiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tiling::Conv(tile) => write!(f, "{tile}"),
            Tiling::Depthwise(columns) => write!(f, "{columns}"),
            Tiling::Joined { slice, columns, project } => {
                write!(f, "{slice} then {columns}")?;
                project.map_or(Ok(()), |tile| write!(f, " then {tile}"))
            }
            Tiling::Separable { columns, project } => write!(f, "{columns} then {project}"),
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tile { rows, vectors, rest, half, takes_full, tail, .. } = self;
        if *takes_full {
            // vectors of 16, all panels: of a full one two vectors of pairs, of one of 8 one
            write!(f, "{rows}x{} in pairs", half + 1)?;
        } else {
            write!(f, "{rows}x{vectors}")?;
            [rest, half].into_iter().filter(|&&n| n > 0).try_for_each(|more| write!(f, "+{more}"))?;
        }
        if *tail > 0 { write!(f, " last {tail}") } else { Ok(()) }
    }
}
