//! Winograd's convolution: both tiles, map sizes about the tile's, borders, dilations, channel tails, gaps, blocks, epilogues.

use crate::backends::{ByWidth, everywhere};
use crate::conv::naive;
use crate::data::{Exact, Random, at, check, in_parts, map};
use lightconv_runtime::activation::{Activation, Identity, Relu, Sigmoid};
use lightconv_runtime::kernels::{
    Conv, NoResidual, Residual, Shortcut, Window, Winograd, WinogradKernel, winograd, winograd_len,
};
use lightconv_runtime::simd::Simd;

/// Rounding errors of tiles of 4x4, and of 5x5, relative to the largest sum of absolute products: each output has part in the error of its
/// whole tile.
const BOUNDS: [f64; 2] = [1e-6, 2e-6];

/// A convolution with its numbers.
struct Case {
    sizes: Winograd,
    src: Vec<f32>,
    residual: Vec<f32>,
    packed: Vec<f32>,
    exact: Vec<Exact>,
}

impl Case {
    fn new(sizes: Winograd) -> Self {
        let Winograd { input, output, padding, dilation, .. } = sizes;
        let mut random = Random::new(11);
        let (src, residual) = (random.fill(input.extent()), random.fill(output.extent()));
        let (weights, bias) = (random.fill(output.channels * 9 * input.channels), random.fill(output.channels));
        let packed = pack(&weights, &bias, input.channels, sizes.side);
        let window = Window { kernel: [3, 3], stride: [1, 1], padding, dilation };
        let mut exact = naive(&Conv { input, output, window, groups: 1, block: 1 }, &src, &weights, &bias);
        let largest = exact.iter().fold(0.0_f64, |most, e| most.max(e.size));
        for e in &mut exact {
            e.size = largest;
        }
        Case { sizes, src, residual, packed, exact }
    }

    /// The tile of `MR` with all epilogues.
    #[inline(always)]
    fn tile<S: Simd, const MR: usize, const NV: usize, const RV: usize>(&self, s: S, what: &str) {
        if MR > self.sizes.tiles() / self.sizes.blocks {
            return;
        }
        match self.sizes.side {
            4 => self.epilogues::<S, 6, 4, MR, NV, RV>(s, what),
            side => {
                assert_eq!(side, 5);
                self.epilogues::<S, 7, 5, MR, NV, RV>(s, what);
            }
        }
    }

    #[inline(always)]
    fn epilogues<S: Simd, const IN: usize, const OUT: usize, const MR: usize, const NV: usize, const RV: usize>(
        &self,
        s: S,
        what: &str,
    ) {
        let what = &format!("{what} {MR}x{NV}x{RV} of {:?}", self.sizes);
        self.one::<S, _, _, _, IN, OUT, MR, NV, RV>(s, what, Identity, NoResidual, Identity, |e, _| e);
        let residual = Residual { src: self.residual[..].into(), stride: self.sizes.output.stride };
        self.one::<S, _, _, _, IN, OUT, MR, NV, RV>(s, what, Identity, residual, Relu, |e, r| {
            e.plus(r).then(|x| x.max(0.0))
        });
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        self.one::<S, _, _, _, IN, OUT, MR, NV, RV>(s, what, Sigmoid, residual, Identity, |e, r| {
            e.then(sigmoid).plus(r)
        });
    }

    #[inline(always)]
    fn one<S, A, R, B, const IN: usize, const OUT: usize, const MR: usize, const NV: usize, const RV: usize>(
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
        let output = self.sizes.output;
        let mut scratch = vec![f32::NAN; self.sizes.scratch_len()];
        let (src, scratch, packed) = (self.src[..].into(), (&mut scratch[..]).into(), self.packed[..].into());
        let dst = in_parts(output, |part, dst| {
            winograd::<S, A, R, B, IN, OUT, MR, NV, RV>(
                s, part, self.sizes, src, scratch, packed, dst, act, residual, after,
            );
        });
        check(what, output, &dst, BOUNDS[OUT - 4], |y, x, c| {
            let i = (y * output.width + x) * output.channels + c;
            exact(self.exact[i], self.residual[at(output, y, x, c)])
        });
    }
}

/// A case whose errors are bounded in terms of the largest output instead: twice the bounds of it.
fn by_outputs(sizes: Winograd) -> Case {
    let mut case = Case::new(sizes);
    let largest = case.exact.iter().fold(0.0_f64, |most, e| most.max(e.value.abs()));
    case.exact.iter_mut().for_each(|e| e.size = 2.0 * largest);
    case
}

/// The tiles that a backend of each width may be planned to use.
impl ByWidth for Case {
    #[inline(always)]
    fn four<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 4, 0>(s, backend);
        self.tile::<S, 2, 8, 4>(s, backend);
    }

    #[inline(always)]
    fn eight<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 4, 2>(s, backend);
        self.tile::<S, 6, 2, 0>(s, backend);
    }

    #[inline(always)]
    fn sixteen<S: Simd>(&self, s: S, backend: &str) {
        self.tile::<S, 1, 2, 1>(s, backend);
        self.tile::<S, 5, 2, 1>(s, backend);
        self.tile::<S, 7, 1, 0>(s, backend);
    }
}

/// From `[output][tap][input]`.
fn pack(weights: &[f32], bias: &[f32], inputs: usize, side: usize) -> Vec<f32> {
    let outputs = bias.len();
    let padded = outputs.next_multiple_of(16);
    let mut packed = vec![0.0; winograd_len(outputs, inputs, side)];
    packed[..outputs].copy_from_slice(bias);
    let (transform, components) = (WinogradKernel::new(side), (side + 2) * (side + 2));
    for output in 0..outputs {
        for input in 0..inputs {
            let kernel = std::array::from_fn(|tap| f64::from(weights[(output * 9 + tap) * inputs + input]));
            for (i, x) in transform.components(kernel).enumerate() {
                packed[padded + (output / 16 * components + i) * inputs * 16 + input * 16 + output % 16] = x as f32;
            }
        }
    }
    packed
}

/// An output of these sizes that a window moves over an input for, by both tiles; at most `block` of them at once.
fn on(size: [usize; 2], padding: [usize; 2], dilation: [usize; 2], channels: [usize; 2], gap: usize, block: usize) {
    let reach = |axis: usize| (size[axis] + 2 * dilation[axis]).saturating_sub(2 * padding[axis]).max(1);
    let input = map(reach(0), reach(1), channels[0], 2 * gap);
    let output = map(size[0], size[1], channels[1], gap);
    for side in [4, 5] {
        let mut sizes = Winograd { input, output, padding, dilation, side, blocks: 1 };
        sizes.blocks = sizes.tiles().div_ceil(block);
        everywhere(&Case::new(sizes));
    }
}

#[test]
fn every_size_about_a_tile() {
    for height in 1..=11 {
        for width in [1, 2, 3, 4, 5, 6, 8, 9, 10, 13] {
            on([height, width], [1, 1], [1, 1], [3, 18], 0, 7);
        }
    }
}

#[test]
fn every_tail_of_channels() {
    for outputs in (1..=17).chain([24, 31, 32, 33, 40, 48, 64, 80]) {
        on([6, 10], [1, 1], [1, 1], [5, outputs], outputs % 3, 6);
    }
    for inputs in 1..=33 {
        on([5, 9], [1, 1], [1, 1], [inputs, 16], inputs % 2, 5);
    }
}

/// With many channels outputs are small beside their products, and sums of them in one chain would err by more.
#[test]
fn many_channels() {
    for inputs in [64, 65, 130, 700] {
        for side in [4, 5] {
            let (input, output) = (map(10, 10, inputs, 0), map(10, 10, 32, 0));
            let mut sizes = Winograd { input, output, padding: [1, 1], dilation: [1, 1], side, blocks: 1 };
            sizes.blocks = sizes.tiles().div_ceil(9);
            everywhere(&by_outputs(sizes));
        }
    }
}

#[test]
fn every_dilation_and_border() {
    for dilation in [[1, 1], [2, 2], [1, 3], [4, 2]] {
        for padding in [[0, 0], [1, 1], [2, 3], [5, 0]] {
            for size in [[3, 11], [11, 8], [1, 2]] {
                on(size, padding, dilation, [4, 20], 1, 8);
            }
        }
    }
}

#[test]
fn blocks_of_tiles() {
    // 15 tiles
    for block in [1, 2, 4, 7, 8, 14, 15] {
        on([12, 17], [1, 1], [1, 1], [9, 36], 0, block);
    }
}
