//! From weights by name to the floats that kernels read: checked, batch norm folded, in panels.
//!
//! Generated code says by static tables what it wants and where it is to lie ([`Pack`]); this is what carries them out, so
//! that a net of a hundred layers is a hundred rows of data and not a hundred pieces of code.

use crate::arena::AlignedBox;
use crate::error::Error;
use crate::info::WeightInfo;
use crate::kernels::{PANEL, WinogradKernel, packed_len, winograd_len};
use crate::sqrt::sqrt;
use crate::weights::{WeightFault, Weights, WeightsReport};
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

/// One piece of the packed weights. `at` is where it begins, in floats; the weights are indices into the net's
/// [`WeightInfo`] table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pack {
    /// A convolution or linear layer, in panels (see [`kernels`](crate::kernels)), a group after the other.
    Conv {
        /// Where.
        at: usize,
        /// Shape `[outputs, inputs, taps…]`.
        weight: usize,
        /// Shape `[outputs]`.
        bias: Option<usize>,
        /// The batch norm that follows.
        norm: Option<Norm>,
        /// Output channels of all groups together.
        outputs: usize,
        /// Input channels of one group.
        inputs: usize,
        /// Kernel height times width.
        taps: usize,
        /// Groups.
        groups: usize,
        /// Whether the weight is that of a transposed convolution: `[groups * inputs, outputs / groups, taps…]`, its taps in
        /// the opposite order.
        transposed: bool,
    },
    /// A depthwise convolution, in panels.
    Depthwise {
        /// Where.
        at: usize,
        /// Shape `[channels, 1, taps…]`.
        weight: usize,
        /// Shape `[channels]`.
        bias: Option<usize>,
        /// The batch norm that follows.
        norm: Option<Norm>,
        /// Channels.
        channels: usize,
        /// Kernel height times width.
        taps: usize,
        /// Whether it is a transposed convolution: the taps come in the opposite order.
        transposed: bool,
    },
    /// A convolution of 3x3, as the components of [`kernels::winograd`](crate::kernels::winograd()).
    Winograd {
        /// Where.
        at: usize,
        /// Shape `[outputs, inputs, 3, 3]`.
        weight: usize,
        /// Shape `[outputs]`.
        bias: Option<usize>,
        /// The batch norm that follows.
        norm: Option<Norm>,
        /// Output channels.
        outputs: usize,
        /// Input channels.
        inputs: usize,
        /// Output pixels of a tile along an axis.
        side: usize,
    },
    /// A batch norm on its own: the factors, then, at the next multiple of 8 of `channels`, the summands. Missing
    /// channels are zeros.
    Affine {
        /// Where.
        at: usize,
        /// The batch norm.
        norm: Norm,
        /// Channels.
        channels: usize,
    },
    /// As [`Affine`](Pack::Affine), with the factors alone: the summands are zeros.
    Scale {
        /// Where.
        at: usize,
        /// The factors, shape `[channels]`, or `[1]`: one for all channels.
        gamma: usize,
        /// Channels.
        channels: usize,
    },
    /// A tensor as it is, channels-last.
    Raw {
        /// Where.
        at: usize,
        /// Shape `dims`, but for axes of length 1.
        weight: usize,
        /// Channels, height, width.
        dims: [usize; 3],
    },
}

/// A batch norm, as indices into the net's [`WeightInfo`] table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// PyTorch's `weight`.
    pub gamma: usize,
    /// PyTorch's `bias`.
    pub beta: usize,
    /// PyTorch's `running_mean`.
    pub mean: usize,
    /// PyTorch's `running_var`.
    pub variance: usize,
    /// Added to the variance.
    pub eps: f64,
}

/// Packed weights: 64-byte aligned floats.
#[derive(Clone, Debug)]
pub struct Packed {
    floats: AlignedBox,
}

impl Packed {
    /// The floats.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        self.floats.as_slice()
    }
}

/// Takes the `wanted` tensors out of `weights` and packs them into `len` floats.
///
/// # Errors
/// When any is missing, has another shape or type, has elements that are not finite, or a variance is not positive: all
/// such faults in one error. Or when there is no memory.
///
/// # Panics
/// When the tables do not agree with each other, which is a bug of the compiler that made them.
pub fn pack(net: &str, weights: &Weights, wanted: &[WeightInfo], packs: &[Pack], len: usize) -> Result<Packed, Error> {
    let mut faults = Vec::new();
    let taken: Vec<Option<Cow<'_, [f32]>>> = wanted.iter().map(|info| take(weights, info, &mut faults)).collect();
    check_variances(wanted, packs, &taken, &mut faults);
    let mut floats = AlignedBox::try_zeroed(if faults.is_empty() { len } else { 0 })?;
    if faults.is_empty() {
        // nothing is missing any more, so every piece is there
        let taken: Vec<&[f32]> = taken.iter().flatten().map(|floats| &**floats).collect();
        for pack in packs {
            let (name, piece) = write(pack, &taken, floats.as_mut_slice());
            if !all_finite(piece) {
                faults.push(WeightFault::Overflow { name: wanted[name].name });
            }
        }
    }
    if faults.is_empty() {
        return Ok(Packed { floats });
    }
    Err(Error::weights(WeightsReport::new(net, weights, wanted.iter().map(|info| info.name), faults)))
}

/// The elements of a wanted tensor, or what is wrong with it.
fn take<'a>(weights: &'a Weights, info: &WeightInfo, faults: &mut Vec<WeightFault>) -> Option<Cow<'a, [f32]>> {
    let WeightInfo { name, shape, .. } = *info;
    let Some(weight) = weights.take(name) else {
        faults.push(WeightFault::Missing { name, shape, nearest: None });
        return None;
    };
    if weight.shape() != shape {
        faults.push(WeightFault::Shape { name, expected: shape, found: weight.shape().to_vec() });
        return None;
    }
    let Some(floats) = weight.floats() else {
        faults.push(WeightFault::Dtype { name, found: weight.dtype_of().to_string() });
        return None;
    };
    if !all_finite(&floats) {
        let mut bad = floats.iter().enumerate().filter(|(_, x)| !x.is_finite());
        if let Some((first, value)) = bad.next() {
            faults.push(WeightFault::NotFinite { name, first, value: *value, count: 1 + bad.count() });
        }
        return None;
    }
    Some(floats)
}

/// Every running variance that a batch norm takes the root of must be positive with `eps` added.
fn check_variances(
    wanted: &[WeightInfo],
    packs: &[Pack],
    taken: &[Option<Cow<'_, [f32]>>],
    faults: &mut Vec<WeightFault>,
) {
    for pack in packs {
        let norm = match pack {
            Pack::Conv { norm, .. } | Pack::Depthwise { norm, .. } | Pack::Winograd { norm, .. } => *norm,
            Pack::Affine { norm, .. } => Some(*norm),
            Pack::Scale { .. } | Pack::Raw { .. } => None,
        };
        let Some(Norm { variance, eps, .. }) = norm else {
            continue;
        };
        let name = wanted[variance].name;
        // a shared norm is told of once
        if faults.iter().any(|fault| fault.name() == name) {
            continue;
        }
        let bad = taken[variance].iter().flat_map(|v| v.iter()).enumerate().find(|(_, v)| !is_variance(**v, eps));
        if let Some((channel, value)) = bad {
            faults.push(WeightFault::Variance { name, channel, value: *value, eps });
        }
    }
}

fn is_variance(variance: f32, eps: f64) -> bool {
    f64::from(variance) + eps >= f64::MIN_POSITIVE
}

/// Writes one piece, and gives it back with the weight that it is made of.
fn write<'a>(pack: &Pack, taken: &[&[f32]], all: &'a mut [f32]) -> (usize, &'a [f32]) {
    match *pack {
        Pack::Conv { at, weight, bias, norm, outputs, inputs, taps, groups, transposed } => {
            let each = packed_len(outputs / groups, inputs * taps);
            let piece = &mut all[at..at + groups * each];
            let folded = Folded::new(outputs, bias, norm, taken);
            let turned = transposed.then(|| turn(taken[weight], outputs / groups, inputs, taps));
            let from =
                turned.as_deref().unwrap_or(taken[weight]).chunks_exact((outputs / groups * inputs * taps).max(1));
            for (group, (from, to)) in from.zip(piece.chunks_exact_mut(each.max(1))).enumerate() {
                folded.panels(group * (outputs / groups), from, inputs, taps, to);
            }
            (weight, piece)
        }
        Pack::Depthwise { at, weight, bias, norm, channels, taps, transposed } => {
            let piece = &mut all[at..at + packed_len(channels, taps)];
            let turned = transposed.then(|| turn(taken[weight], 1, 1, taps));
            let from = turned.as_deref().unwrap_or(taken[weight]);
            Folded::new(channels, bias, norm, taken).panels(0, from, 1, taps, piece);
            (weight, piece)
        }
        Pack::Winograd { at, weight, bias, norm, outputs, inputs, side } => {
            let piece = &mut all[at..at + winograd_len(outputs, inputs, side)];
            Folded::new(outputs, bias, norm, taken).components(taken[weight], inputs, side, piece);
            (weight, piece)
        }
        Pack::Affine { at, norm, channels } => {
            let half = channels.next_multiple_of(8);
            let piece = &mut all[at..at + 2 * half];
            let folded = Folded::new(channels, None, Some(norm), taken);
            for c in 0..channels {
                piece[c] = folded.factors[c] as f32;
                piece[half + c] = folded.biases[c] as f32;
            }
            (norm.gamma, piece)
        }
        Pack::Scale { at, gamma, channels } => {
            let piece = &mut all[at..at + 2 * channels.next_multiple_of(8)];
            match taken[gamma] {
                [one] => piece[..channels].fill(*one),
                each => piece[..channels].copy_from_slice(each),
            }
            (gamma, piece)
        }
        Pack::Raw { at, weight, dims: [channels, height, width] } => {
            let piece = &mut all[at..at + channels * height * width];
            for (c, plane) in taken[weight].chunks_exact((height * width).max(1)).enumerate() {
                for (pixel, from) in piece.chunks_exact_mut(channels).zip(plane) {
                    pixel[c] = *from;
                }
            }
            (weight, piece)
        }
    }
}

/// The kernel of a transposed convolution, `[groups, inputs, outputs, taps]`, as that of the convolution that it comes to,
/// `[groups, outputs, inputs, taps]` with the taps in the opposite order.
fn turn(from: &[f32], outputs: usize, inputs: usize, taps: usize) -> Vec<f32> {
    let mut to = Vec::with_capacity(from.len());
    for group in from.chunks_exact((outputs * inputs * taps).max(1)) {
        for output in 0..outputs {
            for input in 0..inputs {
                to.extend(group[(input * outputs + output) * taps..][..taps].iter().rev());
            }
        }
    }
    to
}

/// What a convolution's weights are multiplied by, and its biases, with the batch norm that follows folded in.
struct Folded {
    factors: Vec<f64>,
    biases: Vec<f64>,
}

impl Folded {
    fn new(channels: usize, bias: Option<usize>, norm: Option<Norm>, taken: &[&[f32]]) -> Folded {
        let (factors, biases) = (0..channels)
            .map(|c| {
                let at = |weight: usize| f64::from(taken[weight][c]);
                let bias = bias.map_or(0.0, at);
                let Some(norm) = norm else {
                    return (1.0, bias);
                };
                let factor = at(norm.gamma) / sqrt(at(norm.variance) + norm.eps);
                let bias = (bias - at(norm.mean)) * factor + at(norm.beta);
                (factor, bias)
            })
            .unzip();
        Folded { factors, biases }
    }

    /// One group: `from` is `[outputs, inputs, taps]`, its first output being channel `first` of all.
    fn panels(&self, first: usize, from: &[f32], inputs: usize, taps: usize, mut to: &mut [f32]) {
        let k = inputs * taps;
        let outputs = from.len() / k.max(1);
        for begin in (0..outputs).step_by(PANEL) {
            let left = outputs - begin;
            let width = if left <= 8 { 8 } else { PANEL };
            let (panel, rest) = core::mem::take(&mut to).split_at_mut(width * (k + 1));
            to = rest;
            let channels = first + begin..first + begin + left.min(PANEL);
            let (factors, biases) = (&self.factors[channels.clone()], &self.biases[channels]);
            let rows = &from[begin * k..(begin + factors.len()) * k];
            let (head, body) = panel.split_at_mut(width);
            for (to, bias) in head.iter_mut().zip(biases) {
                *to = *bias as f32;
            }
            if width == PANEL {
                fill::<PANEL>(rows, factors, inputs, taps, body);
            } else {
                fill::<8>(rows, factors, inputs, taps, body);
            }
        }
    }
}

impl Folded {
    /// Biases and components of kernels of 3x3, as [`winograd_len`] has them.
    fn components(&self, from: &[f32], inputs: usize, side: usize, to: &mut [f32]) {
        let outputs = self.biases.len();
        let (biases, to) = to.split_at_mut(outputs.next_multiple_of(PANEL));
        for (to, bias) in biases.iter_mut().zip(&self.biases) {
            *to = *bias as f32;
        }
        let (transform, component) = (WinogradKernel::new(side), inputs * PANEL);
        let panel = winograd_len(PANEL, inputs, side) - PANEL;
        for (i, kernel) in from.as_chunks::<9>().0.iter().enumerate() {
            let (output, input) = (i / inputs, i % inputs);
            let factor = self.factors[output];
            let components = transform.components(kernel.map(|x| f64::from(x) * factor));
            let first = output / PANEL * panel + input * PANEL + output % PANEL;
            for (to, x) in to[first..].iter_mut().step_by(component).zip(components) {
                *to = x as f32;
            }
        }
    }
}

/// The weights of a panel of `N` channels: from `[channel, input, tap]` to `[tap, input, channel]`, each times its factor.
fn fill<const N: usize>(rows: &[f32], factors: &[f64], inputs: usize, taps: usize, to: &mut [f32]) {
    let k = inputs * taps;
    let (to, _) = to.as_chunks_mut::<N>();
    if factors.len() == N {
        let rows: [&[f32]; N] = core::array::from_fn(|lane| &rows[lane * k..(lane + 1) * k]);
        let factors: [f64; N] = core::array::from_fn(|lane| factors[lane]);
        for (tap, to) in to.chunks_exact_mut(inputs.max(1)).enumerate() {
            for (input, to) in to.iter_mut().enumerate() {
                for lane in 0..N {
                    to[lane] = (f64::from(rows[lane][input * taps + tap]) * factors[lane]) as f32;
                }
            }
        }
        return;
    }
    for (lane, (row, factor)) in rows.chunks_exact(k.max(1)).zip(factors).enumerate() {
        for (tap, to) in to.chunks_exact_mut(inputs.max(1)).enumerate() {
            for (input, to) in to.iter_mut().enumerate() {
                to[lane] = (f64::from(row[input * taps + tap]) * factor) as f32;
            }
        }
    }
}

fn all_finite(floats: &[f32]) -> bool {
    // a whole chunk without branches is several at a time
    floats.chunks(1024).all(|chunk| chunk.iter().fold(true, |finite, x| finite & x.is_finite()))
}
