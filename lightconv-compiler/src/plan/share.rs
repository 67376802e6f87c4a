//! Which steps are shared among threads, and the scratch memory that each thread then needs for itself.

use super::{Plan, View, Work};
use crate::sizes::LINE;

/// Operations, in multiplications and what takes as long, below which a step is done by one thread: the others would take as long
/// to have a look at what it reads.
const LEAST: usize = 32 * 1024;

/// Multiplications that take as long as it takes to read or write a number.
const MOVE: usize = 8;

impl Work {
    /// Whether threads share it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.operations().is_some_and(|operations| operations >= LEAST)
    }

    /// Whether its kernel can do a part of the work.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.operations().is_some()
    }

    /// About as many multiplications as it takes time; `None` where the kernel does all or nothing.
    fn operations(&self) -> Option<usize> {
        let size = |view: &View| view.pixels() * view.channels;
        Some(match self {
            Work::Conv { .. }
            | Work::Winograd { .. }
            | Work::Depthwise { .. }
            | Work::Joined { .. }
            | Work::Separable { .. } => self.macs(),
            Work::MaxPool { output, window, .. } | Work::AvgPool { output, window, .. } => {
                size(output) * window.kernel[0] * window.kernel[1] * MOVE
            }
            // a run of channels each
            Work::AdaptivePool { input, output, .. } if input.channels == output.channels => size(input) * MOVE,
            Work::ScalePanels { output, .. }
            | Work::Unary { output, .. }
            | Work::Binary { output, .. }
            | Work::Affine { output, .. }
            | Work::Prelu { output, .. }
            | Work::Copy { output, .. }
            | Work::ChannelShuffle { output, .. }
            | Work::Resize { output, .. } => size(output) * MOVE,
            Work::AdaptivePool { .. }
            | Work::Move { .. }
            | Work::LayerNorm { .. }
            | Work::GroupNorm { .. }
            | Work::ChannelConv { .. }
            | Work::MatMul { .. }
            | Work::Attention { .. }
            | Work::Flatten { .. }
            | Work::Softmax { .. } => return None,
        })
    }

    /// Where a piece of its scratch memory begins among all of them, in a thread's own memory.
    #[must_use]
    pub fn own_scratch(&self, view: &View) -> usize {
        let before = self.scratch().into_iter().take_while(|other| other != view);
        before.map(|view| view.extent().next_multiple_of(LINE)).sum()
    }
}

impl Plan {
    /// Floats of scratch memory that each thread but the first needs for itself.
    #[must_use]
    pub fn own_scratch_len(&self) -> usize {
        let shared = self.steps.iter().filter(|step| step.work.is_shared());
        let len = |work: &Work| work.scratch().iter().map(|view| view.extent().next_multiple_of(LINE)).sum();
        shared.map(|step| len(&step.work)).max().unwrap_or(0)
    }
}
