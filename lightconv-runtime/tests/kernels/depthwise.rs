//! Depthwise convolution: kernels, strides, dilations, borders, channel tails, gaps, epilogues.

use crate::backends::{Job, everywhere};
use crate::conv::pack;
use crate::data::{Exact, Random, at, check, in_parts, map};
use lightconv_runtime::activation::{Activation, Identity, Relu, Silu};
use lightconv_runtime::kernels::{Depthwise, Means, NoMeans, NoResidual, Residual, Shortcut, Window, depthwise};
use lightconv_runtime::memory::Dst;
use lightconv_runtime::simd::Simd;

const BOUND: f64 = 1e-6;

struct Case {
    sizes: Depthwise,
    src: Vec<f32>,
    residual: Vec<f32>,
    packed: Vec<f32>,
    exact: Vec<Exact>,
}

impl Case {
    fn new(sizes: Depthwise) -> Self {
        let mut random = Random::new(11);
        let (taps, channels) = (sizes.window.kernel[0] * sizes.window.kernel[1], sizes.output.channels);
        let (src, residual) = (random.fill(sizes.input.extent()), random.fill(sizes.output.extent()));
        let (weights, bias) = (random.fill(channels * taps), random.fill(channels));
        let packed = pack(&weights, &bias, 1, channels, taps);
        let exact = naive(&sizes, &src, &weights, &bias);
        Case { sizes, src, residual, packed, exact }
    }

    #[inline(always)]
    fn one<S: Simd, A: Activation, R: Shortcut, B: Activation, const TX: usize>(
        &self,
        s: S,
        backend: &str,
        (act, residual, after): (A, R, B),
        exact: impl Fn(Exact, f32) -> Exact,
    ) {
        let output = self.sizes.output;
        let (src, packed) = (self.src[..].into(), self.packed[..].into());
        let dst = in_parts(output, |part, dst| {
            depthwise::<S, _, _, _, _, TX>(s, part, self.sizes, src, packed, dst, act, residual, after, NoMeans);
        });
        let exact = |y: usize, x: usize, c: usize| {
            let i = (y * output.width + x) * output.channels + c;
            exact(self.exact[i], self.residual[at(output, y, x, c)])
        };
        check(&format!("{backend} x{TX} of {:?}", self.sizes), output, &dst, BOUND, exact);

        let rows = map(output.height, 1, output.channels, 0);
        let mut kept = vec![f32::NAN; output.extent()];
        let dst = Dst::from(&mut kept[..]);
        let means = in_parts(rows, |part, means| {
            let means = Means { dst: means };
            depthwise::<S, _, _, _, _, TX>(s, part, self.sizes, src, packed, dst, act, residual, after, means);
        });
        check(&format!("{backend} x{TX}, means of {:?}", self.sizes), rows, &means, BOUND, |y, _, c| {
            Exact::mean((0..output.width).map(|x| exact(y, x, c)))
        });
    }
}

impl Job for Case {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let residual = Residual { src: self.residual[..].into(), stride: self.sizes.output.stride };
        let silu = |x: f64| x / (1.0 + (-x).exp());
        self.one::<S, _, _, _, 1>(s, backend, (Identity, NoResidual, Identity), |e, _| e);
        self.one::<S, _, _, _, 3>(s, backend, (Identity, residual, Relu), |e, r| e.plus(r).then(|x| x.max(0.0)));
        self.one::<S, _, _, _, 4>(s, backend, (Silu, residual, Identity), |e, r| e.then(silu).plus(r));
    }
}

fn naive(sizes: &Depthwise, src: &[f32], weights: &[f32], bias: &[f32]) -> Vec<Exact> {
    let Window { kernel, stride, padding, dilation } = sizes.window;
    let mut all = vec![];
    for y in 0..sizes.output.height {
        for x in 0..sizes.output.width {
            for c in 0..sizes.output.channels {
                let mut sum = Exact::of(f64::from(bias[c]));
                for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
                    let row = (y * stride[0] + ky * dilation[0]).checked_sub(padding[0]);
                    let column = (x * stride[1] + kx * dilation[1]).checked_sub(padding[1]);
                    let (Some(row), Some(column)) = (row, column) else { continue };
                    if row < sizes.input.height && column < sizes.input.width {
                        let product = f64::from(src[at(sizes.input, row, column, c)])
                            * f64::from(weights[(c * kernel[0] + ky) * kernel[1] + kx]);
                        sum.value += product;
                        sum.size += product.abs();
                    }
                }
                all.push(sum);
            }
        }
    }
    all
}

/// A case on a map of `height` by `width`, where the window fits it.
fn on(height: usize, width: usize, channels: usize, gap: usize, w: Window) -> Option<Case> {
    let size = |i: usize, len: usize| {
        Some((len + 2 * w.padding[i]).checked_sub((w.kernel[i] - 1) * w.dilation[i] + 1)? / w.stride[i] + 1)
    };
    let output = map(size(0, height)?, size(1, width)?, channels, gap);
    Some(Case::new(Depthwise { input: map(height, width, channels, 2 * gap), output, window: w }))
}

#[test]
fn every_kernel_stride_and_dilation() {
    for kernel in 1..=9 {
        for stride in 1..=3 {
            for dilation in 1..=3 {
                for padding in [0, (kernel - 1) / 2 * dilation] {
                    let window = Window {
                        kernel: [kernel; 2],
                        stride: [stride; 2],
                        padding: [padding; 2],
                        dilation: [dilation; 2],
                    };
                    if let Some(case) = on(7, 11, 11, 0, window) {
                        everywhere(&case);
                    }
                }
            }
        }
    }
}

#[test]
fn every_tail_of_channels() {
    for channels in 1..=41 {
        let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
        everywhere(&on(4, 9, channels, channels % 3, window).unwrap());
    }
}

#[test]
fn rectangles_and_lopsided_padding() {
    for (kernel, stride, padding, dilation, output) in [
        ([1, 5], [1, 2], [0, 2], [1, 1], [8, 7]),
        ([5, 1], [2, 1], [2, 0], [1, 1], [4, 13]),
        // one row and column of zeros below and right only
        ([3, 3], [2, 2], [0, 0], [1, 1], [4, 7]),
        ([3, 2], [1, 1], [3, 1], [2, 4], [10, 12]),
        // a window wider than the map
        ([9, 15], [1, 1], [4, 7], [2, 1], [4, 13]),
    ] {
        let (input, output) = (map(8, 13, 10, 3), map(output[0], output[1], 10, 1));
        everywhere(&Case::new(Depthwise { input, output, window: Window { kernel, stride, padding, dilation } }));
    }
}

#[test]
fn row_by_row_and_tile_by_tile() {
    // pixels lie so far apart that the map does not stay in L2
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    everywhere(&on(5, 9, 20, 12_000, window).unwrap());
    // and so with every second row, and every third
    for dilation in [2, 3] {
        let window = Window { padding: [dilation; 2], dilation: [dilation; 2], ..window };
        everywhere(&on(9, 9, 20, 12_000, window).unwrap());
    }
    // several tiles at a border
    let wide = Window { kernel: [3, 9], padding: [1, 16], dilation: [1, 4], ..window };
    everywhere(&on(4, 30, 25, 4000, wide).unwrap());
    // an input row serves few output rows, and those of a window do not fit L1
    for kernel in [2, 3] {
        everywhere(&on(9, 75, 50, 7, Window { kernel: [kernel; 2], stride: [2, 2], ..window }).unwrap());
    }
}

#[test]
fn rows_that_share_no_input_are_done_apart() {
    // steps of 1, 2, 3 and of what has no common divisor or another than either
    for (stride, dilation) in [(1, 2), (1, 3), (2, 3), (3, 2), (4, 6), (2, 4), (4, 2)] {
        for kernel in [2, 3, 4, 5] {
            let padding = (kernel - 1) * dilation / 2;
            let window =
                Window { kernel: [kernel; 2], stride: [stride; 2], padding: [padding; 2], dilation: [dilation; 2] };
            everywhere(&on(23, 20, 24, 24, window).unwrap());
        }
    }
}
