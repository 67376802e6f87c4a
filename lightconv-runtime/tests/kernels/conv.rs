//! Convolution: channel tails, windows, borders, groups, strides, gaps, epilogues, blocks, and the tiles that planners use.

use crate::backends::{ByWidth, Job, everywhere};
use crate::data::{Exact, Random, at, check, in_parts, map};
use lightconv_runtime::activation::{Activation, Identity, Relu, Sigmoid};
use lightconv_runtime::kernels::{
    Conv, Map, NoResidual, Residual, Shortcut, Span, Upcoming, WeightPanels, Window, conv, scale_panels,
};
use lightconv_runtime::memory::Dst;
use lightconv_runtime::simd::Simd;

/// Rounding errors, relative to the sum of the absolute products.
const BOUND: f64 = 1e-6;

/// A convolution with its numbers.
pub struct Case {
    conv: Conv,
    src: Vec<f32>,
    residual: Vec<f32>,
    /// `[output][tap][input of the group]`
    weights: Vec<f32>,
    bias: Vec<f32>,
    packed: Vec<f32>,
    /// Floats of room for padded copies.
    pad_len: usize,
    exact: Vec<Exact>,
}

impl Case {
    fn new(conv: Conv) -> Self {
        let mut random = Random::new(7);
        let (inputs, outputs) = (conv.input.channels / conv.groups, conv.output.channels);
        let k = conv.window.kernel[0] * conv.window.kernel[1] * inputs;
        let (src, residual) = (random.fill(conv.input.extent()), random.fill(conv.output.extent()));
        let (weights, bias) = (random.fill(outputs * k), random.fill(outputs));
        Case::of(conv, src, residual, weights, bias)
    }

    fn of(conv: Conv, src: Vec<f32>, residual: Vec<f32>, weights: Vec<f32>, bias: Vec<f32>) -> Self {
        let outputs = conv.output.channels;
        let k = weights.len() / outputs;
        let packed = pack(&weights, &bias, conv.groups, outputs / conv.groups, k);
        let exact = naive(&conv, &src, &weights, &bias);
        Case { conv, src, residual, weights, bias, packed, pad_len: conv.pad_len(), exact }
    }

    /// The tile of `MR` pixels with all epilogues.
    #[inline(always)]
    fn tile<S: Simd, const MR: usize, const NV: usize, const RV: usize, const HV: usize>(&self, s: S, what: &str) {
        self.ending::<S, MR, NV, RV, HV, 0>(s, what);
    }

    /// The same, the last tile of a map of `TR` pixels, if those are left.
    #[inline(always)]
    fn ending<S: Simd, const MR: usize, const NV: usize, const RV: usize, const HV: usize, const TR: usize>(
        &self,
        s: S,
        what: &str,
    ) {
        let is_map = self.conv.pad_len() == 0 && self.conv.window.kernel == [1, 1] && self.conv.window.stride == [1, 1];
        let pixels = if is_map { self.conv.output.pixels() } else { self.conv.output.width };
        if MR > pixels || TR > 0 && (!is_map || pixels % MR != TR) {
            return;
        }
        let what = &format!("{what} {MR}x{NV}x{RV}x{HV} last {TR} of {:?}", self.conv);
        self.one::<S, _, _, _, MR, NV, RV, HV, TR>(s, what, Identity, NoResidual, Identity, |e, _| e);
        let residual = Residual { src: self.residual[..].into(), stride: self.conv.output.stride };
        self.one::<S, _, _, _, MR, NV, RV, HV, TR>(s, what, Identity, residual, Relu, |e, r| {
            e.plus(r).then(|x| x.max(0.0))
        });
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        self.one::<S, _, _, _, MR, NV, RV, HV, TR>(s, what, Sigmoid, residual, Identity, |e, r| {
            e.then(sigmoid).plus(r)
        });
    }

    #[inline(always)]
    fn one<S, A, R, B, const MR: usize, const NV: usize, const RV: usize, const HV: usize, const TR: usize>(
        &self,
        s: S,
        what: &str,
        act: A,
        residual: R,
        after: B,
        exact: impl Fn(Exact, f32) -> Exact,
    ) where
        S: Simd,
        A: Activation,
        R: Shortcut,
        B: Activation,
    {
        let output = self.conv.output;
        let (mut pad, mut pairs) = (vec![f32::NAN; self.pad_len], vec![f32::NAN; self.conv.pairs_len()]);
        let (src, pad, packed) = (self.src[..].into(), Dst::from(&mut pad[..]), self.packed[..].into());
        let pairs = Dst::from(&mut pairs[..]);
        // something to fetch, which is the same for whoever looks at what comes out
        let span = |at, len, is_shared| Span { at, len, is_shared };
        let spans = [span(0, self.src.len(), true), span(1, self.src.len() / 2, false)];
        let dst = in_parts(output, |part, dst| {
            let upcoming = Upcoming::new(src, &spans, part, 100 * self.src.len());
            conv::<S, A, R, B, MR, NV, RV, HV, TR>(
                s, part, self.conv, src, pad, pairs, packed, upcoming, dst, act, residual, after,
            );
        });
        check(what, output, &dst, BOUND, |y, x, c| {
            let i = (y * output.width + x) * output.channels + c;
            exact(self.exact[i], self.residual[at(output, y, x, c)])
        });
    }
}

/// The tiles that a backend of each width may be planned to use.
impl ByWidth for Case {
    #[inline(always)]
    fn four<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 4, 4, 2>(s, backend);
        self.tile::<S, 2, 4, 0, 2>(s, backend);
        self.tile::<S, 3, 4, 0, 2>(s, backend);
        self.ending::<S, 4, 4, 0, 2, 2>(s, backend);
    }

    #[inline(always)]
    fn eight<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 4, 2, 1>(s, backend);
        self.tile::<S, 2, 2, 0, 1>(s, backend);
        self.tile::<S, 5, 2, 0, 1>(s, backend);
        self.tile::<S, 6, 2, 0, 1>(s, backend);
        self.ending::<S, 5, 2, 0, 1, 2>(s, backend);
        self.ending::<S, 6, 2, 0, 1, 1>(s, backend);
    }

    #[inline(always)]
    fn sixteen<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 4, 1, 1>(s, backend);
        // without a panel of 8 the last full one goes in pairs
        self.tile::<S, 4, 2, 1, 1>(s, backend);
        self.tile::<S, 7, 3, 1, 1>(s, backend);
        self.tile::<S, 14, 2, 1, 1>(s, backend);
        self.tile::<S, 14, 1, 0, 1>(s, backend);
        self.ending::<S, 14, 2, 1, 1, 4>(s, backend);
        self.ending::<S, 14, 2, 1, 1, 7>(s, backend);
        // the panel of 8 with the only one before it
        let channels = self.conv.output.channels / self.conv.groups;
        if channels.is_multiple_of(16) || channels % 16 > 8 {
            self.tile::<S, 4, 2, 1, 0>(s, backend);
            self.tile::<S, 7, 3, 1, 0>(s, backend);
        }
        if (17..=24).contains(&channels) {
            self.tile::<S, 8, 1, 0, 2>(s, backend);
            self.tile::<S, 3, 1, 0, 2>(s, backend);
        }
    }
}

/// Panels of 16, the last one of 8 where it is enough: biases, then the weights of each tap and input channel.
pub fn pack(weights: &[f32], bias: &[f32], groups: usize, outputs: usize, k: usize) -> Vec<f32> {
    let mut packed = vec![];
    for group in 0..groups {
        let mut first = 0;
        while first < outputs {
            let width = if outputs - first <= 8 { 8 } else { 16 };
            let lane = |l: usize| (first + l < outputs).then_some(group * outputs + first + l);
            packed.extend((0..width).map(|l| lane(l).map_or(0.0, |o| bias[o])));
            for i in 0..k {
                packed.extend((0..width).map(|l| lane(l).map_or(0.0, |o| weights[o * k + i])));
            }
            first += width;
        }
    }
    packed
}

/// The definition, in plain loops.
pub fn naive(conv: &Conv, src: &[f32], weights: &[f32], bias: &[f32]) -> Vec<Exact> {
    let Window { kernel, stride, padding, dilation } = conv.window;
    let (inputs, outputs) = (conv.input.channels / conv.groups, conv.output.channels / conv.groups);
    let mut all = vec![];
    for y in 0..conv.output.height {
        for x in 0..conv.output.width {
            for o in 0..conv.output.channels {
                let mut sum = Exact::of(f64::from(bias[o]));
                for ky in 0..kernel[0] {
                    for kx in 0..kernel[1] {
                        let row = (y * stride[0] + ky * dilation[0]).checked_sub(padding[0]);
                        let column = (x * stride[1] + kx * dilation[1]).checked_sub(padding[1]);
                        let (Some(row), Some(column)) = (row, column) else { continue };
                        if row >= conv.input.height || column >= conv.input.width {
                            continue;
                        }
                        for i in 0..inputs {
                            let a = src[at(conv.input, row, column, o / outputs * inputs + i)];
                            let w = weights[((o * kernel[0] + ky) * kernel[1] + kx) * inputs + i];
                            sum.value += f64::from(a) * f64::from(w);
                            sum.size += (f64::from(a) * f64::from(w)).abs();
                        }
                    }
                }
                all.push(sum);
            }
        }
    }
    all
}

/// The number of outputs that a window has along an axis.
fn outputs(len: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Option<usize> {
    Some((len + 2 * padding).checked_sub((kernel - 1) * dilation + 1)? / stride + 1)
}

fn window(kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], dilation: [usize; 2]) -> Window {
    Window { kernel, stride, padding, dilation }
}

/// A case on a map of 6 by 17.
fn on(w: Window, inputs: usize, channels: usize, groups: usize, gap: usize, block: usize) -> Option<Case> {
    let size = |i: usize, len| outputs(len, w.kernel[i], w.stride[i], w.padding[i], w.dilation[i]);
    let output = map(size(0, 6)?, size(1, 17)?, channels, gap);
    Some(Case::new(Conv { input: map(6, 17, inputs, 2 * gap), output, window: w, groups, block }))
}

const POINTWISE: ([usize; 2], [usize; 2], [usize; 2], [usize; 2]) = ([1, 1], [1, 1], [0, 0], [1, 1]);

#[test]
fn pointwise_with_every_tail_of_channels() {
    let (k, s, p, d) = POINTWISE;
    for channels in (1..=33).chain([40, 48, 56, 64, 72, 80]) {
        everywhere(&on(window(k, s, p, d), 5, channels, 1, channels % 3, 1).unwrap());
    }
    for inputs in 1..=33 {
        everywhere(&on(window(k, s, p, d), inputs, 24, 1, inputs % 2, 1).unwrap());
    }
}

#[test]
fn the_last_tile_of_a_small_map() {
    for (channels, block) in [(8, 1), (16, 1), (40, 1), (48, 3), (41, 1000)] {
        for inputs in [6, 300] {
            let maps = [inputs, channels].map(|channels| map(7, 7, channels, 3));
            let conv = Conv {
                input: maps[0],
                output: maps[1],
                window: window([1, 1], [1, 1], [0, 0], [1, 1]),
                groups: 1,
                block,
            };
            everywhere(&Case::new(conv));
        }
    }
}

#[test]
fn blocks_of_tiles() {
    let (k, s, p, d) = POINTWISE;
    for block in [1, 2, 3, 7, 1000] {
        everywhere(&on(window(k, s, p, d), 9, 41, 1, 0, block).unwrap());
        everywhere(&on(window([3, 3], s, [1, 1], d), 3, 20, 1, 1, block).unwrap());
    }
}

#[test]
fn every_window() {
    for kernel in [[1, 1], [2, 2], [3, 3], [5, 5], [1, 7], [4, 1]] {
        for stride in [[1, 1], [2, 2], [3, 1]] {
            for padding in [[0, 0], [1, 1], [2, 3]] {
                for dilation in [[1, 1], [2, 2], [1, 3]] {
                    if let Some(case) = on(window(kernel, stride, padding, dilation), 3, 12, 1, 0, 1) {
                        everywhere(&case);
                    }
                }
            }
        }
    }
}

/// More products than one chain has: of a run, of taps that touch each other, of taps that do not; a row, as they take long in a
/// debug build.
fn long_sums() -> impl Iterator<Item = Conv> {
    let windows = [([1, 1], [1, 1], 1000), ([3, 3], [1, 1], 40), ([3, 3], [2, 2], 40), ([2, 3], [1, 2], 300)];
    windows.into_iter().map(|(kernel, dilation, inputs)| Conv {
        input: map(dilation[0] * (kernel[0] - 1) + 1, 17, inputs, 0),
        output: map(1, outputs(17, kernel[1], 1, 0, dilation[1]).unwrap(), 56, 0),
        window: window(kernel, [1, 1], [0, 0], dilation),
        groups: 1,
        block: 2,
    })
}

#[test]
fn sums_longer_than_a_chain() {
    for conv in long_sums() {
        everywhere(&Case::new(conv));
    }
}

#[test]
fn long_sums_do_not_lose_small_products() {
    for conv in long_sums() {
        let (outputs, k) = (conv.output.channels, conv.input.channels * conv.window.kernel[0] * conv.window.kernel[1]);
        // added to the bias one by one, none of them would change it
        let (src, weights) = (vec![1.0; conv.input.extent()], vec![2f32.powi(-25); outputs * k]);
        let residual = vec![0.0; conv.output.extent()];
        everywhere(&Case::of(conv, src, residual, weights, vec![1.0; outputs]));
    }
}

#[test]
fn padding_that_differs_from_side_to_side() {
    // TensorFlow's SAME of an even size at stride 2: nothing above and left, one row and column below and right
    for (padding, output) in [([0, 0], [3, 9]), ([1, 0], [4, 9]), ([0, 2], [3, 10])] {
        let conv = Conv {
            input: map(6, 17, 4, 1),
            output: map(output[0], output[1], 19, 1),
            window: window([3, 3], [2, 2], padding, [1, 1]),
            groups: 1,
            block: 2,
        };
        everywhere(&Case::new(conv));
    }
}

#[test]
fn padded_rows_by_bands() {
    // padded rows of 2,304 floats: 28 at once
    for (stride, dilation, block) in [(1, 1, 3), (2, 3, 1)] {
        let conv = Conv {
            input: map(40, 9, 256, 0),
            output: map(outputs(40, 3, stride, 1, dilation).unwrap(), 9, 8, 0),
            window: window([3, 1], [stride, 1], [1, 0], [dilation, 1]),
            groups: 1,
            block,
        };
        assert!(conv.pad_len() < 40 * 9 * 256, "not at once");
        everywhere(&Case::new(conv));
    }
}

/// Wide maps, of which only the tiles that reach outside are copied: into room that would not do for more.
#[test]
fn borders() {
    for (kernel, stride, padding, dilation, groups, channels) in [
        ([3, 3], [2, 2], [1, 1], [1, 1], 1, 12),
        ([3, 3], [1, 1], [1, 1], [1, 1], 1, 16),
        ([3, 5], [1, 2], [2, 2], [2, 1], 1, 8),
        ([2, 3], [1, 1], [0, 2], [1, 2], 2, 16),
        ([3, 2], [2, 1], [1, 0], [1, 1], 1, 19),
        ([4, 1], [2, 1], [2, 0], [1, 1], 1, 7),
        // as TensorFlow's SAME: below and right only
        ([3, 3], [2, 2], [0, 0], [1, 1], 1, 12),
    ] {
        for (inputs, gap) in [(4, 0), (8, 1)] {
            let size = |i: usize, len: usize| len.div_ceil(stride[i]);
            let (input, output) = (map(4, 203, inputs, gap), map(size(0, 4), size(1, 203), channels, gap));
            let window = window(kernel, stride, padding, dilation);
            let conv = Conv { input, output, window, groups, block: 3 };
            let pad_len = conv.row_pad_len();
            assert!(pad_len < conv.pad_len(), "as much as for all rows");
            everywhere(&Case { pad_len, ..Case::new(conv) });
        }
    }
}

#[test]
fn groups() {
    for (groups, inputs, channels) in [(2, 6, 34), (3, 3, 3), (4, 8, 96), (2, 10, 26), (5, 5, 10)] {
        for (kernel, padding) in [([1, 1], [0, 0]), ([3, 3], [1, 1])] {
            everywhere(&on(window(kernel, [1, 1], padding, [1, 1]), inputs, channels, groups, 0, 1).unwrap());
            everywhere(&on(window(kernel, [2, 2], padding, [1, 1]), inputs, channels, groups, 3, 4).unwrap());
        }
    }
}

#[test]
fn one_pixel() {
    for (inputs, channels) in [(1, 1), (7, 10), (64, 100), (33, 130)] {
        let (k, s, p, d) = POINTWISE;
        let (input, output) = (map(1, 1, inputs, 0), map(1, 1, channels, 0));
        everywhere(&Case::new(Conv { input, output, window: window(k, s, p, d), groups: 1, block: 1 }));
    }
}

/// A convolution of a gated input, and the same with the gate in the weights.
struct Gated(Case, Vec<f32>);

impl Job for Gated {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Gated(case, gate) = self;
        let Conv { input, output, groups, window, .. } = case.conv;
        let taps = window.kernel[0] * window.kernel[1];
        let panels = WeightPanels { outputs: output.channels, inputs: input.channels, taps, groups };
        assert_eq!(panels.len(), case.packed.len());
        let scaled = in_parts(map(1, 1, panels.len(), 0), |part, dst| {
            scale_panels(s, part, panels, case.packed[..].into(), gate[..].into(), dst);
        });
        let inputs = input.channels / groups;
        let k = taps * inputs;
        let weights: Vec<f32> = (0..output.channels * k)
            .map(|i| case.weights[i] * gate[i / k / (output.channels / groups) * inputs + i % inputs])
            .collect();
        assert_eq!(scaled, pack(&weights, &case.bias, groups, output.channels / groups, k), "{backend}");
    }
}

#[test]
fn gates_in_weights() {
    for (groups, inputs, channels) in [(1, 5, 8), (1, 3, 24), (2, 6, 34), (1, 7, 13), (3, 9, 48)] {
        let case = on(window([2, 2], [1, 1], [0, 0], [1, 1]), inputs, channels, groups, 0, 1).unwrap();
        let gate = Random::new(3).fill(inputs);
        everywhere(&Gated(case, gate));
    }
}

#[test]
fn no_padded_copy_is_wanted_where_the_window_stays_inside() {
    let conv = |padding, output: Map| Conv {
        input: map(6, 17, 3, 0),
        output,
        window: window([3, 3], [2, 2], padding, [1, 1]),
        groups: 1,
        block: 1,
    };
    assert_eq!(conv([0, 0], map(2, 8, 1, 0)).pad_len(), 0);
    // a row below: 7 rows of 17 pixels of 3 channels
    assert_eq!(conv([0, 0], map(3, 8, 1, 0)).pad_len(), 7 * 17 * 3);
    assert_eq!(conv([1, 1], map(3, 9, 1, 0)).pad_len(), 7 * 19 * 3);
}
