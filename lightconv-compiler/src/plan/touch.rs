//! What a step touches and how, and how many products it sums.

use super::{BufferId, Expansion, Projection, Range, View, Weights, Work};

/// How a step touches some memory: a view of a buffer, or a range of the packed weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch<V = View, R = Range> {
    /// An earlier step or the caller wrote it.
    Read(V),
    /// For others to read.
    Written(V),
    /// Nobody reads it after the step.
    Scratch(V),
    /// Packed weights.
    Packed(R),
}

impl Touch {
    /// The view, where it is not packed weights.
    #[must_use]
    pub fn view(self) -> Option<View> {
        match self {
            Touch::Read(view) | Touch::Written(view) | Touch::Scratch(view) => Some(view),
            Touch::Packed(_) => None,
        }
    }
}

impl Work {
    /// All that it touches, each by a name of its own, in the order in which its function takes them.
    #[must_use]
    pub fn operands(&self) -> Vec<(String, Touch)> {
        let mut operands = Vec::new();
        self.clone().touch(&mut |name, touch| {
            let touch = match touch {
                Touch::Read(view) => Touch::Read(*view),
                Touch::Written(view) => Touch::Written(*view),
                Touch::Scratch(view) => Touch::Scratch(*view),
                Touch::Packed(range) => Touch::Packed(*range),
            };
            operands.push((name.to_owned(), touch));
        });
        operands
    }

    /// The same work wherever its operands lie: equal for steps that can share a function.
    #[must_use]
    pub fn placeless(&self) -> Work {
        let mut work = self.clone();
        work.touch(&mut |_, touch| match touch {
            Touch::Read(view) | Touch::Written(view) | Touch::Scratch(view) => {
                (view.buffer, view.offset) = (BufferId(0), 0);
            }
            Touch::Packed(range) => range.at = 0,
        });
        work
    }

    /// The views that it reads.
    #[must_use]
    pub fn reads(&self) -> Vec<View> {
        self.views(|touch| if let Touch::Read(view) = touch { Some(view) } else { None })
    }

    /// All views that it writes for others to read.
    #[must_use]
    pub fn written(&self) -> Vec<View> {
        self.views(|touch| if let Touch::Written(view) = touch { Some(view) } else { None })
    }

    /// The view that it writes for others to read; the map, where it writes the means of its rows too.
    ///
    /// # Panics
    /// Never: every step writes one.
    #[must_use]
    pub fn output(&self) -> View {
        self.written()[0]
    }

    /// Scratch that nobody reads after the step.
    #[must_use]
    pub fn scratch(&self) -> Vec<View> {
        self.views(|touch| if let Touch::Scratch(view) = touch { Some(view) } else { None })
    }

    fn views(&self, which: impl Fn(Touch) -> Option<View>) -> Vec<View> {
        self.operands().into_iter().filter_map(|(_, touch)| which(touch)).collect()
    }

    /// Floats of packed weights that it reads.
    #[must_use]
    pub fn packed(&self) -> usize {
        let len = |touch: Touch| if let Touch::Packed(range) = touch { range.len } else { 0 };
        self.operands().into_iter().map(|(_, touch)| len(touch)).sum()
    }

    /// Visits what it touches, an operand at a time: the one place that says it, for each kind of work.
    fn touch(&mut self, visit: &mut dyn FnMut(&str, Touch<&mut View, &mut Range>)) {
        use Touch::{Packed, Read, Scratch, Written};
        match self {
            Work::Conv { input, output, weights, residual, pad, pairs, .. } => {
                visit("src", Read(input));
                pad.iter_mut().for_each(|pad| visit("pad", Scratch(pad)));
                pairs.iter_mut().for_each(|pairs| visit("pairs", Scratch(pairs)));
                match weights {
                    Weights::Packed(range) => visit("weights", Packed(range)),
                    Weights::Gated(view) => visit("weights", Read(view)),
                }
                visit("dst", Written(output));
                residual.iter_mut().for_each(|residual| visit("residual", Read(residual)));
            }
            Work::Winograd { input, output, weights, residual, scratch, .. } => {
                visit("src", Read(input));
                visit("scratch", Scratch(scratch));
                visit("weights", Packed(weights));
                visit("dst", Written(output));
                residual.iter_mut().for_each(|residual| visit("residual", Read(residual)));
            }
            Work::Depthwise { input, output, weights, residual, means, .. } => {
                visit("src", Read(input));
                visit("weights", Packed(weights));
                visit("dst", Written(output));
                residual.iter_mut().for_each(|residual| visit("residual", Read(residual)));
                means.iter_mut().for_each(|means| visit("means", Written(means)));
            }
            Work::Joined { input, output, expand, weights, project, means, ring, .. } => {
                visit("src", Read(input));
                visit("ring", Scratch(ring));
                visit("weights", Packed(weights));
                let Expansion { weights, pad, .. } = &mut **expand;
                pad.iter_mut().for_each(|pad| visit("pad", Scratch(pad)));
                visit("expand", Packed(weights));
                visit("dst", Written(output));
                project.iter_mut().for_each(|project| project.touch(visit));
                means.iter_mut().for_each(|means| visit("means", Written(means)));
            }
            Work::Separable { input, output, weights, project, .. } => {
                visit("src", Read(input));
                visit("weights", Packed(weights));
                visit("dst", Written(output));
                project.touch(visit);
            }
            Work::ScalePanels { weights, gate, output, .. } => {
                visit("weights", Packed(weights));
                visit("gate", Read(gate));
                visit("dst", Written(output));
            }
            Work::Binary { a, b, output, .. } | Work::MatMul { a, b, output, .. } => {
                visit("a", Read(a));
                visit("b", Read(b));
                visit("dst", Written(output));
            }
            Work::Affine { input, output, weights, .. }
            | Work::Prelu { input, output, weights }
            | Work::ChannelConv { input, output, weights, .. } => {
                visit("src", Read(input));
                visit("weights", Packed(weights));
                visit("dst", Written(output));
            }
            Work::LayerNorm { input, output, weight, bias, .. } => {
                visit("src", Read(input));
                visit("weight", Packed(weight));
                visit("bias", Packed(bias));
                visit("dst", Written(output));
            }
            Work::GroupNorm { input, output, weight, bias, stats, .. } => {
                visit("src", Read(input));
                visit("weight", Packed(weight));
                visit("bias", Packed(bias));
                visit("stats", Scratch(stats));
                visit("dst", Written(output));
            }
            Work::Attention { query, key, value, output, scratch, .. } => {
                visit("query", Read(query));
                visit("key", Read(key));
                visit("value", Read(value));
                visit("scratch", Scratch(scratch));
                visit("dst", Written(output));
            }
            Work::ChannelShuffle { parts, output } => {
                for (i, part) in parts.iter_mut().enumerate() {
                    visit(&format!("part{i}"), Read(part));
                }
                visit("dst", Written(output));
            }
            Work::MaxPool { input, output, .. }
            | Work::AvgPool { input, output, .. }
            | Work::AdaptivePool { input, output, .. }
            | Work::Unary { input, output, .. }
            | Work::Copy { input, output }
            | Work::Move { input, output, .. }
            | Work::Resize { input, output, .. }
            | Work::Flatten { input, output }
            | Work::Softmax { input, output, .. } => {
                visit("src", Read(input));
                visit("dst", Written(output));
            }
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
                let [height, width] = expand.window.kernel;
                let expansion = expand.shape.elements() * input.channels * height * width;
                let projection = project.as_ref().map_or(0, |_| size(output) * middle.channels());
                expansion + middle.elements() * window.kernel[0] * window.kernel[1] + projection
            }
            Work::Separable { output, middle, window, .. } => {
                middle.elements() * window.kernel[0] * window.kernel[1] + size(output) * middle.channels()
            }
            _ => 0,
        }
    }
}

impl Projection {
    /// As [`Work::operands`] of the step, but for the output.
    fn touch(&mut self, visit: &mut dyn FnMut(&str, Touch<&mut View, &mut Range>)) {
        visit("rows", Touch::Scratch(&mut self.rows));
        visit("project", Touch::Packed(&mut self.weights));
        self.pairs.iter_mut().for_each(|pairs| visit("pairs", Touch::Scratch(pairs)));
        self.residual.iter_mut().for_each(|residual| visit("residual", Touch::Read(residual)));
    }
}
