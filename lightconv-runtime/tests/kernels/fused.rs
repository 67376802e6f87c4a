//! The joined depthwise convolution: with an expansion, a projection and both, against the three done one by one in f64.

use crate::backends::{ByWidth, everywhere};
use crate::conv::pack;
use crate::data::{Exact, Random, check, in_parts, map};
use lightconv_runtime::activation::{Identity, Relu, Relu6, Silu};
use lightconv_runtime::kernels::{
    Conv, Depthwise, Expand, Fused, Keep, Map, Means, NoMeans, NoResidual, Project, Residual, Window, fused, separable,
};
use lightconv_runtime::memory::{Dst, Src};
use lightconv_runtime::simd::Simd;

/// Relative to the sum of the absolute products, those of the convolutions before included.
const BOUND: f64 = 1e-6;

struct Case {
    /// The expansion.
    first: Conv,
    sizes: Fused,
    output: Map,
    src: Vec<f32>,
    residual: Vec<f32>,
    /// Packed weights of the expansion, the depthwise convolution and the projection.
    packed: [Vec<f32>; 3],
    /// What is expected of each form.
    direct: Vec<Exact>,
    expanded: Vec<Exact>,
    projected: Vec<Exact>,
    both: Vec<Exact>,
}

impl Case {
    fn new(sizes: Fused, outputs: usize) -> Self {
        Case::behind(sizes.input, square(1, 1, 0, 1), sizes, outputs)
    }

    /// With an expansion by a window over another map.
    fn behind(source: Map, window: Window, sizes: Fused, outputs: usize) -> Self {
        let mut random = Random::new(5);
        let (inputs, hidden) = (source.channels, sizes.middle.channels);
        let output = Map { channels: hidden, stride: hidden, ..sizes.input };
        let first = Conv { input: source, output, window, groups: 1, block: 1 };
        let taps = sizes.window.kernel[0] * sizes.window.kernel[1];
        let products = inputs * window.kernel[0] * window.kernel[1];
        let src = random.fill(source.extent());
        let mut layer = |outputs: usize, k: usize| (random.fill(outputs * k), random.fill(outputs));
        let (expand, filter, project) = (layer(hidden, products), layer(hidden, taps), layer(outputs, hidden));
        let output = Map { channels: outputs, stride: outputs + 3, ..sizes.middle };
        let residual = random.fill(output.extent());
        let at = |p: usize| (0..inputs).map(move |c| p * source.stride + c);
        let input: Vec<Exact> = (0..source.pixels()).flat_map(at).map(|i| Exact::of(f64::from(src[i]))).collect();
        let windows = windows(&first, &input);
        let wide: Vec<Exact> =
            pointwise(&windows, products, &expand).into_iter().map(|e| e.then(|x| x.clamp(0.0, 6.0))).collect();
        let silu = |x: f64| x / (1.0 + (-x).exp());
        let expanded: Vec<Exact> = depthwise(&sizes, &wide, &filter).into_iter().map(|e| e.then(silu)).collect();
        // without an expansion the input has the hidden channels already
        let direct =
            if source == sizes.input && inputs == hidden { depthwise(&sizes, &input, &filter) } else { vec![] };
        let direct: Vec<Exact> = direct.into_iter().map(|e| e.then(|x| x.max(0.0))).collect();
        let projected = pointwise(&direct, hidden, &project);
        let both = pointwise(&expanded, hidden, &project);
        let packed = [
            pack(&expand.0, &expand.1, 1, hidden, products),
            pack(&filter.0, &filter.1, 1, hidden, taps),
            pack(&project.0, &project.1, 1, outputs, hidden),
        ];
        Case { first, sizes, output, src, residual, packed, direct, expanded, projected, both }
    }

    /// The expansion, in tiles of which the last of a row has `TR` pixels.
    #[inline(always)]
    fn expanded<
        S: Simd,
        const MR: usize,
        const NV: usize,
        const RV: usize,
        const HV: usize,
        const TR: usize,
        const TX: usize,
    >(
        &self,
        s: S,
        ring: Dst,
        pad: Dst,
        what: &str,
    ) {
        let [first, filter, _] = [0, 1, 2].map(|i| Src::from(&self.packed[i][..]));
        let (src, middle) = (Src::from(&self.src[..]), self.sizes.middle);
        let expand = Expand::<_, MR, TR> { conv: self.first, pad, weights: first, act: Relu6 };
        let dst = in_parts(middle, |part, dst| {
            let drain = Keep { dst, means: NoMeans };
            fused::<S, _, _, _, MR, NV, RV, HV, TR, TX>(s, part, self.sizes, src, expand, ring, filter, Silu, drain);
        });
        check(what, middle, &dst, BOUND, |y, x, c| self.expanded[(y * middle.width + x) * middle.channels + c]);
    }

    #[inline(always)]
    fn all<S: Simd, const MR: usize, const NV: usize, const RV: usize, const HV: usize, const TX: usize>(
        &self,
        s: S,
        backend: &str,
    ) {
        let Fused { input, middle, window, band } = self.sizes;
        let mut ring = vec![f32::NAN; self.sizes.ring_len()];
        let mut rows = vec![f32::NAN; band * middle.width * middle.channels];
        let [first, filter, project] = [0, 1, 2].map(|i| Src::from(&self.packed[i][..]));
        let src = Src::from(&self.src[..]);
        let what = |form: &str| {
            format!("{backend} {form} {MR}x{NV},{RV},{HV} x{TX}: {input:?} {middle:?} {window:?} by {band}")
        };
        let residual = Residual { src: Src::from(&self.residual[..]), stride: self.output.stride };

        let ring = Dst::from(&mut ring[..]);
        let mut pad = vec![f32::NAN; self.first.row_pad_len()];
        let pad = Dst::from(&mut pad[..]);
        self.expanded::<S, MR, NV, RV, HV, 0, TX>(s, ring, pad, &what("expanded"));
        let with_tails = what("expanded in tiles of which the last of a row has what is left");
        match input.width % MR {
            1 => self.expanded::<S, MR, NV, RV, HV, 1, TX>(s, ring, pad, &with_tails),
            2 => self.expanded::<S, MR, NV, RV, HV, 2, TX>(s, ring, pad, &with_tails),
            3 => self.expanded::<S, MR, NV, RV, HV, 3, TX>(s, ring, pad, &with_tails),
            _ => {}
        }
        let expand = Expand::<_, MR, 0> { conv: self.first, pad, weights: first, act: Relu6 };

        let all_rows = map(middle.height, 1, middle.channels, 0);
        let mut kept = vec![f32::NAN; middle.extent()];
        let kept = Dst::from(&mut kept[..]);
        let means = in_parts(all_rows, |part, means| {
            let drain = Keep { dst: kept, means: Means { dst: means } };
            fused::<S, _, _, _, MR, NV, RV, HV, 0, TX>(s, part, self.sizes, src, expand, ring, filter, Silu, drain);
        });
        check(&what("means of expanded rows"), all_rows, &means, BOUND, |y, _, c| {
            Exact::mean((0..middle.width).map(|x| self.expanded[(y * middle.width + x) * middle.channels + c]))
        });

        let packed = Map { stride: middle.channels, ..middle };
        let rows = Dst::from(&mut rows[..]);
        let line = Conv { input: packed, output: self.output, window: square(1, 1, 0, 1), groups: 1, block: 1 };
        let mut pairs = vec![f32::NAN; line.pairs_len()];
        let pairs = Dst::from(&mut pairs[..]);
        let sizes = Fused { middle: packed, ..self.sizes };
        let dst = in_parts(self.output, |part, dst| {
            let drain = Project::<_, _, _, MR, NV, RV, HV> {
                rows,
                weights: project,
                pairs,
                dst,
                output: self.output,
                block: 1,
                act: Identity,
                residual,
                after: Relu,
            };
            fused::<S, _, _, _, MR, NV, RV, HV, 0, TX>(s, part, sizes, src, expand, ring, filter, Silu, drain);
        });
        let at = |y: usize, x: usize, c: usize| (y * middle.width + x) * self.output.channels + c;
        check(&what("expanded and projected"), self.output, &dst, BOUND, |y, x, c| {
            let r = self.residual[(y * middle.width + x) * self.output.stride + c];
            self.both[at(y, x, c)].plus(r).then(|v| v.max(0.0))
        });

        if self.direct.is_empty() {
            return;
        }
        let whole = Depthwise { input, output: middle, window };
        let dst = in_parts(self.output, |part, dst| {
            let drain = Project::<_, _, _, MR, NV, RV, HV> {
                rows,
                weights: project,
                pairs,
                dst,
                output: self.output,
                block: 3,
                act: Silu,
                residual: NoResidual,
                after: Identity,
            };
            separable::<S, _, _, TX>(s, part, whole, band, src, filter, Relu, drain);
        });
        let silu = |x: f64| x / (1.0 + (-x).exp());
        check(&what("projected"), self.output, &dst, BOUND, |y, x, c| self.projected[at(y, x, c)].then(silu));
    }
}

impl ByWidth for Case {
    #[inline(always)]
    fn four<S: Simd>(&self, s: S, backend: &str) {
        self.all::<S, 2, 4, 4, 2, 3>(s, backend);
    }

    #[inline(always)]
    fn eight<S: Simd>(&self, s: S, backend: &str) {
        self.all::<S, 3, 2, 2, 1, 4>(s, backend);
    }

    #[inline(always)]
    fn sixteen<S: Simd>(&self, s: S, backend: &str) {
        self.all::<S, 4, 2, 1, 1, 2>(s, backend);
    }
}

/// What each output of a convolution is made of, one after the other: rows, columns, channels; zeros outside.
fn windows(conv: &Conv, input: &[Exact]) -> Vec<Exact> {
    let Window { kernel, stride, padding, dilation } = conv.window;
    let Map { height, width, channels, .. } = conv.input;
    let mut all = vec![];
    for (y, x) in (0..conv.output.height).flat_map(|y| (0..conv.output.width).map(move |x| (y, x))) {
        for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
            let row = (y * stride[0] + ky * dilation[0]).checked_sub(padding[0]).filter(|&row| row < height);
            let column = (x * stride[1] + kx * dilation[1]).checked_sub(padding[1]).filter(|&column| column < width);
            let pixel = row.zip(column).map(|(row, column)| (row * width + column) * channels);
            all.extend((0..channels).map(|c| pixel.map_or(Exact::of(0.0), |pixel| input[pixel + c])));
        }
    }
    all
}

fn pointwise(input: &[Exact], inputs: usize, (weights, bias): &(Vec<f32>, Vec<f32>)) -> Vec<Exact> {
    let mut all = vec![];
    for pixel in input.chunks_exact(inputs) {
        for (row, &bias) in weights.chunks_exact(inputs).zip(bias) {
            let mut sum = Exact::of(f64::from(bias));
            for (&w, &x) in row.iter().zip(pixel) {
                add(&mut sum, w, x);
            }
            all.push(sum);
        }
    }
    all
}

fn add(sum: &mut Exact, w: f32, x: Exact) {
    sum.value += f64::from(w) * x.value;
    sum.size += f64::from(w).abs() * x.size;
}

fn depthwise(sizes: &Fused, input: &[Exact], (weights, bias): &(Vec<f32>, Vec<f32>)) -> Vec<Exact> {
    let Window { kernel, stride, padding, dilation } = sizes.window;
    let Map { height, width, channels, .. } = sizes.middle;
    let mut all = vec![];
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for c in 0..channels {
            let mut sum = Exact::of(f64::from(bias[c]));
            for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
                let row = (y * stride[0] + ky * dilation[0]).checked_sub(padding[0]);
                let column = (x * stride[1] + kx * dilation[1]).checked_sub(padding[1]);
                let (Some(row), Some(column)) = (row, column) else { continue };
                if row < sizes.input.height && column < sizes.input.width {
                    let w = weights[(c * kernel[0] + ky) * kernel[1] + kx];
                    add(&mut sum, w, input[(row * sizes.input.width + column) * channels + c]);
                }
            }
            all.push(sum);
        }
    }
    all
}

fn on(height: usize, width: usize, inputs: usize, hidden: usize, outputs: usize, window: Window) -> Option<Case> {
    let size = |i: usize, len: usize| {
        Some(
            (len + 2 * window.padding[i]).checked_sub((window.kernel[i] - 1) * window.dilation[i] + 1)?
                / window.stride[i]
                + 1,
        )
    };
    let middle = map(size(0, height)?, size(1, width)?, hidden, 5);
    Some(Case::new(Fused { input: map(height, width, inputs, 2), middle, window, band: 2 }, outputs))
}

fn square(kernel: usize, stride: usize, padding: usize, dilation: usize) -> Window {
    Window { kernel: [kernel; 2], stride: [stride; 2], padding: [padding; 2], dilation: [dilation; 2] }
}

#[test]
fn every_kernel_stride_and_dilation() {
    for kernel in [1, 2, 3, 5, 7] {
        for stride in 1..=3 {
            for dilation in 1..=3 {
                for padding in [0, kernel / 2 * dilation] {
                    if let Some(case) = on(9, 21, 8, 8, 11, square(kernel, stride, padding, dilation))
                        .filter(|c| c.sizes.middle.width >= 4)
                    {
                        everywhere(&case);
                    }
                }
            }
        }
    }
}

#[test]
fn every_number_of_channels() {
    for hidden in (8..=104).step_by(8) {
        everywhere(&on(5, 9, hidden, hidden, hidden % 37 + 1, square(3, 1, 1, 1)).unwrap());
        everywhere(&on(5, 9, hidden % 13 + 1, hidden, hidden % 31 + 1, square(3, 2, 1, 1)).unwrap());
    }
}

#[test]
fn rows_that_are_made_in_blocks_of_columns() {
    for (width, hidden, window) in [
        (150, 24, square(3, 2, 1, 1)),
        (131, 72, square(3, 1, 1, 1)),
        (101, 40, square(5, 1, 2, 2)),
        (170, 16, square(2, 3, 0, 1)),
        // an output needs more columns than a block has
        (120, 32, Window { kernel: [7, 3], stride: [1, 1], padding: [3, 40], dilation: [1, 40] }),
    ] {
        everywhere(&on(7, width, hidden, hidden, 11, window).unwrap());
    }
}

#[test]
fn behind_a_wide_first_layer() {
    for (width, inputs, first) in
        [(203, 3, square(3, 2, 1, 1)), (96, 4, square(5, 1, 2, 1)), (99, 3, square(3, 1, 2, 2))]
    {
        let size = |i: usize, len: usize| {
            (len + 2 * first.padding[i] - (first.kernel[i] - 1) * first.dilation[i] - 1) / first.stride[i] + 1
        };
        for window in [square(3, 1, 1, 1), square(3, 2, 1, 1)] {
            let entered = map(size(0, 9), size(1, width), 24, 0);
            let half = |len: usize| len.div_ceil(window.stride[0]);
            let middle = map(half(entered.height), half(entered.width), 24, 5);
            everywhere(&Case::behind(
                map(9, width, inputs, 2),
                first,
                Fused { input: entered, middle, window, band: 3 },
                11,
            ));
        }
    }
}

#[test]
fn behind_a_first_layer() {
    for (inputs, hidden) in [(3, 16), (3, 24), (1, 8), (4, 40), (3, 48)] {
        for (kernel, stride, padding, dilation) in
            [(3, 2, 1, 1), (3, 2, 0, 1), (5, 1, 2, 1), (2, 2, 0, 1), (3, 1, 2, 2)]
        {
            let first = square(kernel, stride, padding, dilation);
            let source = map(15, 22, inputs, 2);
            let size = |len: usize| (len + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
            let entered = map(size(15), size(22), hidden, 0);
            for (window, less) in [(square(3, 1, 1, 1), 0), (square(3, 2, 1, 1), 1)] {
                let half = |len: usize| if less == 0 { len } else { len.div_ceil(2) };
                let middle = map(half(entered.height), half(entered.width), hidden, 5);
                everywhere(&Case::behind(source, first, Fused { input: entered, middle, window, band: 4 }, 11));
            }
        }
    }
}

/// As much padding as makes the size a whole number of strides, less above than below, and a row below that no window reaches.
#[test]
fn behind_a_first_layer_with_lopsided_padding() {
    for (padding, output) in [([0, 0], [8, 11]), ([0, 1], [6, 9])] {
        let first = Window { kernel: [3, 4], stride: [2, 2], padding, dilation: [1, 1] };
        let entered = map(output[0], output[1], 16, 0);
        let sizes = Fused { input: entered, middle: entered, window: square(3, 1, 1, 1), band: 1 };
        everywhere(&Case::behind(map(15, 21, 3, 0), first, sizes, 9));
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
        // a window larger than the map
        ([9, 15], [1, 1], [4, 7], [2, 1], [4, 13]),
    ] {
        let window = Window { kernel, stride, padding, dilation };
        let middle = map(output[0], output[1], 24, 0);
        everywhere(&Case::new(Fused { input: map(8, 13, 24, 3), middle, window, band: 100 }, 20));
    }
}

/// The rows that come next are fetched; the last ones of a map whose pixels lie apart end before its last pixel does.
#[test]
fn of_a_map_that_comes_from_memory() {
    for (window, height) in [(square(3, 1, 1, 1), 6), (square(3, 2, 1, 1), 3), (square(2, 1, 0, 2), 4)] {
        let width = if window.padding == [0, 0] { 58 } else { 60usize.div_ceil(window.stride[1]) };
        let sizes = Fused { input: map(6, 60, 8, 6000), middle: map(height, width, 8, 0), window, band: 1 };
        everywhere(&Case::new(sizes, 11));
        everywhere(&Case::new(Fused { band: 2, ..sizes }, 11));
    }
}
