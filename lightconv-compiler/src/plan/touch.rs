//! What a step reads and writes, and how many products it sums.

use super::{Expansion, View, Weights, Work};

impl Work {
    /// The views that it reads.
    #[must_use]
    pub fn reads(&self) -> Vec<View> {
        match self {
            Work::Conv { input, residual, weights, .. } => {
                let gated = match weights {
                    Weights::Gated(view) => Some(*view),
                    Weights::Packed(_) => None,
                };
                [Some(*input), *residual, gated].into_iter().flatten().collect()
            }
            Work::Depthwise { input, residual, .. } | Work::Winograd { input, residual, .. } => {
                [Some(*input), *residual].into_iter().flatten().collect()
            }
            Work::Joined { input, project, .. } => {
                [Some(*input), project.as_ref().and_then(|p| p.residual)].into_iter().flatten().collect()
            }
            Work::ScalePanels { gate, .. } => vec![*gate],
            Work::Binary { a, b, .. } => vec![*a, *b],
            Work::ChannelShuffle { parts, .. } => parts.clone(),
            Work::MatMul { a, b, .. } => vec![*a, *b],
            Work::Attention { query, key, value, .. } => vec![*query, *key, *value],
            Work::MaxPool { input, .. }
            | Work::AvgPool { input, .. }
            | Work::AdaptivePool { input, .. }
            | Work::Move { input, .. }
            | Work::Resize { input, .. }
            | Work::LayerNorm { input, .. }
            | Work::GroupNorm { input, .. }
            | Work::ChannelConv { input, .. }
            | Work::Unary { input, .. }
            | Work::Affine { input, .. }
            | Work::Prelu { input, .. }
            | Work::Copy { input, .. }
            | Work::Flatten { input, .. }
            | Work::Softmax { input, .. } => vec![*input],
        }
    }

    /// The view that it writes for others to read; the map, where it writes the means of its rows too.
    #[must_use]
    pub fn output(&self) -> View {
        match self {
            Work::Conv { output, .. }
            | Work::Winograd { output, .. }
            | Work::Depthwise { output, .. }
            | Work::Joined { output, .. }
            | Work::ScalePanels { output, .. }
            | Work::Binary { output, .. }
            | Work::MaxPool { output, .. }
            | Work::AvgPool { output, .. }
            | Work::AdaptivePool { output, .. }
            | Work::Move { output, .. }
            | Work::Resize { output, .. }
            | Work::LayerNorm { output, .. }
            | Work::GroupNorm { output, .. }
            | Work::ChannelConv { output, .. }
            | Work::MatMul { output, .. }
            | Work::Attention { output, .. }
            | Work::Unary { output, .. }
            | Work::Affine { output, .. }
            | Work::Prelu { output, .. }
            | Work::Copy { output, .. }
            | Work::ChannelShuffle { output, .. }
            | Work::Flatten { output, .. }
            | Work::Softmax { output, .. } => *output,
        }
    }

    /// All views that it writes for others to read.
    #[must_use]
    pub fn written(&self) -> Vec<View> {
        let means = if let Work::Joined { means, .. } = self { *means } else { None };
        [self.output()].into_iter().chain(means).collect()
    }

    /// Scratch that nobody reads after the step.
    #[must_use]
    pub fn scratch(&self) -> Vec<View> {
        match self {
            Work::Conv { pad, .. } => pad.iter().copied().collect(),
            Work::Joined { ring, expand, project, .. } => {
                let pad = expand.iter().filter_map(|expand| expand.pad);
                pad.chain(project.iter().map(|p| p.row)).chain([*ring]).collect()
            }
            Work::GroupNorm { stats, .. } => vec![*stats],
            Work::Attention { scratch, .. } | Work::Winograd { scratch, .. } => vec![*scratch],
            _ => Vec::new(),
        }
    }

    /// Products that a convolution sums, with the zeros of its padding; by Winograd's algorithm as many as without it. 0 for all else.
    #[must_use]
    pub fn macs(&self) -> usize {
        let size = |view: &View| view.pixels() * view.channels;
        match self {
            Work::Conv { input, output, window, groups, .. } => {
                size(output) * (input.channels / groups) * window.kernel[0] * window.kernel[1]
            }
            Work::Winograd { input, output, window, .. } => {
                size(output) * input.channels * window.kernel[0] * window.kernel[1]
            }
            Work::Depthwise { output, window, .. } => size(output) * window.kernel[0] * window.kernel[1],
            Work::Joined { input, output, middle, window, expand, project, .. } => {
                let expansion = expand.as_deref().map_or(0, |Expansion { window, shape, .. }| {
                    shape.elements() * input.channels * window.kernel[0] * window.kernel[1]
                });
                let projection = project.as_ref().map_or(0, |_| size(output) * middle.channels());
                expansion + middle.elements() * window.kernel[0] * window.kernel[1] + projection
            }
            _ => 0,
        }
    }

    /// Floats of packed weights that it reads.
    #[must_use]
    pub fn packed(&self) -> usize {
        match self {
            Work::Conv { weights: Weights::Packed(range), .. }
            | Work::Winograd { weights: range, .. }
            | Work::Depthwise { weights: range, .. }
            | Work::ScalePanels { weights: range, .. }
            | Work::Affine { weights: range, .. }
            | Work::Prelu { weights: range, .. }
            | Work::ChannelConv { weights: range, .. } => range.len,
            Work::Joined { expand, weights, project, .. } => {
                weights.len
                    + expand.as_ref().map_or(0, |expand| expand.weights.len)
                    + project.as_ref().map_or(0, |project| project.weights.len)
            }
            Work::LayerNorm { weight, bias, .. } | Work::GroupNorm { weight, bias, .. } => weight.len + bias.len,
            _ => 0,
        }
    }
}
