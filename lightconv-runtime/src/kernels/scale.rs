//! Scaling packed weights by input channel: the gate of squeeze-and-excitation folded into the convolution after it.

use super::{PANEL, Panels, packed_len, panel_len};
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::Simd;

/// The sizes of packed weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightPanels {
    /// Output channels of all groups.
    pub outputs: usize,
    /// Input channels of all groups.
    pub inputs: usize,
    /// Taps.
    pub taps: usize,
    /// Groups.
    pub groups: usize,
}

impl WeightPanels {
    /// Floats of the packed weights.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.groups * packed_len(self.outputs / self.groups, self.taps * (self.inputs / self.groups))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Writes to `dst` the packed `weights` with those of input channel `c` multiplied by `gate[c]`, the biases unchanged:
/// convolving `x` with them is convolving `x * gate` with the old ones. `part` of the panels. `weights` and `dst` may be the same memory.
///
/// # Panics
/// When a view is too small for these sizes.
#[inline(always)]
pub fn scale_panels<S: Simd>(s: S, part: Part, panels: WeightPanels, weights: Src, gate: Src, dst: Dst) {
    let WeightPanels { taps, groups, .. } = panels;
    let (outputs, inputs) = (panels.outputs / groups, panels.inputs / groups);
    let Panels { full, half } = Panels::of(outputs);
    let (weights, dst) = (weights.cut(0, panels.len()), dst.cut(0, panels.len()));
    let each = full + usize::from(half);
    for panel_of_all in part.of(groups * each) {
        let (group, i) = (panel_of_all / each, panel_of_all % each);
        let gate = gate.cut(group * inputs, inputs);
        let at = group * packed_len(outputs, taps * inputs) + i * panel_len(PANEL, taps * inputs);
        if i < full {
            panel::<S, PANEL>(s, weights, gate, dst, at, taps, inputs);
        } else {
            panel::<S::Half, { PANEL / 2 }>(s.half(), weights, gate, dst, at, taps, inputs);
        }
    }
}

/// The panel of `WIDTH` outputs at `at`.
#[inline(always)]
fn panel<S: Simd, const WIDTH: usize>(
    s: S,
    weights: Src,
    gate: Src,
    dst: Dst,
    mut at: usize,
    taps: usize,
    inputs: usize,
) {
    for v in 0..WIDTH / S::LANES {
        dst.store(s, at + v * S::LANES, weights.load(s, at + v * S::LANES));
    }
    at += WIDTH;
    for _ in 0..taps {
        for ci in 0..inputs {
            let factor = s.splat(gate.get(ci));
            for v in 0..WIDTH / S::LANES {
                dst.store(s, at + v * S::LANES, s.mul(factor, weights.load(s, at + v * S::LANES)));
            }
            at += WIDTH;
        }
    }
}
