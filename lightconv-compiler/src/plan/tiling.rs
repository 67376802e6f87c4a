//! The tiles of a step on a backend: for the code that is emitted, and for whoever reads the plan.

use super::{View, Work};
use crate::ops::Window;
use crate::tiles::{self, Machine, Tile};

/// The tile of a convolution: of a line of pixels that lie one behind the other.
#[must_use]
pub fn conv(machine: Machine, input: View, output: View, window: &Window, groups: usize, is_padded: bool) -> Tile {
    let pointwise = window.kernel == [1, 1] && window.stride == [1, 1];
    let line = if pointwise && !is_padded { output.pixels() } else { output.width };
    let products = input.channels / groups * window.kernel[0] * window.kernel[1];
    tiles::conv(machine, line, products, output.channels / groups)
}

impl Work {
    /// The tiles of its kernel on a machine, where it has some: of a convolution `14x2+1`, 14 pixels by 2 vectors of output
    /// channels, with 1 for the panels left over, or `8x3 in pairs`, two products a lane; of a depthwise convolution `8`, so many columns of a vector of channels.
    #[must_use]
    pub fn tiles(&self, machine: Machine) -> Option<String> {
        match self {
            Work::Conv { input, output, window, groups, pad, .. } => {
                Some(written(conv(machine, *input, *output, window, *groups, pad.is_some())))
            }
            Work::Winograd { output, least, .. } => Some(written(tiles::winograd(machine, *least, output.channels))),
            Work::Depthwise { output, .. } => Some(tiles::depthwise(machine, output.width).to_string()),
            Work::Joined { input, output, middle, expand, project, .. } => {
                let slice = tiles::slice(machine, input.width, middle.channels());
                let projection = tiles::conv(machine, middle.width(), middle.channels(), output.channels);
                let parts = [
                    expand.as_ref().map(|_| written(slice)),
                    Some(tiles::depthwise(machine, output.width).to_string()),
                    project.as_ref().map(|_| written(projection)),
                ];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" then "))
            }
            _ => None,
        }
    }
}

fn written(Tile { rows, vectors, rest, half, .. }: Tile) -> String {
    if vectors == 1 && half > 1 {
        // vectors of 16, all panels together with the last of 8
        return format!("{rows}x{} in pairs", 2 * half - 1);
    }
    let mut text = format!("{rows}x{vectors}");
    for more in [rest, half].into_iter().filter(|&n| n > 0) {
        text += &format!("+{more}");
    }
    text
}
