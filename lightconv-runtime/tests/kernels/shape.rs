//! Copies, flattening, channel shuffles, softmax.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, at, check, in_parts, map, untouched};
use lightconv_runtime::kernels::{Axis, Map, channel_shuffle, copy, flatten, softmax};
use lightconv_runtime::memory::Src;
use lightconv_runtime::simd::Simd;

struct Case {
    input: Map,
    output: Map,
    src: Vec<f32>,
}

impl Case {
    /// The numbers that a number is normalised with, itself among them.
    fn line(&self, axis: Axis, y: usize, x: usize, c: usize) -> Vec<f64> {
        let Map { height, width, channels, .. } = self.input;
        let value = |y, x, c| f64::from(self.src[at(self.input, y, x, c)]);
        match axis {
            Axis::Channels => (0..channels).map(|c| value(y, x, c)).collect(),
            Axis::Height => (0..height).map(|y| value(y, x, c)).collect(),
            Axis::Width => (0..width).map(|x| value(y, x, c)).collect(),
        }
    }
}

impl Job for Case {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Case { input, output, ref src } = *self;
        let what = &format!("{backend}, {input:?} to {output:?}");
        let dst = in_parts(output, |part, dst| copy(s, part, input, output, src[..].into(), dst));
        check(what, output, &dst, 0.0, |y, x, c| Exact::of(f64::from(src[at(input, y, x, c)])));

        let flat = map(1, 1, input.pixels() * input.channels, 0);
        let mut dst = untouched(flat);
        flatten(s, input, src[..].into(), (&mut dst[..]).into());
        check(what, flat, &dst, 0.0, |_, _, i| {
            let (c, pixel) = (i / input.pixels(), i % input.pixels());
            Exact::of(f64::from(src[at(input, pixel / input.width, pixel % input.width, c)]))
        });

        for axis in [Axis::Channels, Axis::Height, Axis::Width] {
            let mut dst = untouched(output);
            softmax(s, input, output, src[..].into(), (&mut dst[..]).into(), axis);
            check(&format!("{what}, {axis:?}"), output, &dst, 1e-6, |y, x, c| {
                let line = self.line(axis, y, x, c);
                let own = f64::from(src[at(input, y, x, c)]);
                let most = line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = line.iter().map(|x| (x - most).exp()).sum();
                let value = (own - most).exp() / sum;
                // the difference is rounded to f32; and what is below 3e-33 is taken for 0
                Exact { value, size: (value * (1.0 + 0.1 * (most - own))).max(3e-27) }
            });
        }
    }
}

#[test]
fn moves_and_normalises() {
    for channels in (1..=33).chain([70]) {
        for (height, width) in [(3, 5), (1, 1), (1, 7)] {
            let (input, output) = (map(height, width, channels, channels % 3), map(height, width, channels, 1));
            let src = Random::new(6).fill(input.extent()).into_iter().map(|x| 20.0 * x).collect();
            everywhere(&Case { input, output, src });
        }
    }
}

#[test]
fn large_and_hopeless_scores() {
    let input = map(1, 1, 21, 0);
    let mut src = Random::new(6).fill(21);
    src[3] = 1e30;
    src[20] = 1e30;
    src[7] = f32::NEG_INFINITY;
    everywhere(&Case { input, output: input, src });
}

/// NaN in a line of numbers is NaN in all of them.
struct NotANumber;

impl Job for NotANumber {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        for at in 0..19 {
            let mut x = [1.0; 19];
            x[at] = f32::NAN;
            for (axis, map) in
                [(Axis::Channels, map(1, 1, 19, 0)), (Axis::Height, map(19, 1, 1, 0)), (Axis::Width, map(1, 19, 1, 0))]
            {
                let mut y = [0.0; 19];
                softmax(s, map, map, x[..].into(), (&mut y[..]).into(), axis);
                assert!(y.iter().all(|y| y.is_nan()), "{backend}, NaN at {at}: {y:?}");
            }
        }
    }
}

#[test]
fn nan_spreads() {
    everywhere(&NotANumber);
}

/// A shuffle of `G` groups: the parts are runs of channels of one map, or maps of their own.
struct Shuffle<const G: usize> {
    part: Map,
    together: bool,
    gap: usize,
}

impl<const G: usize> Job for Shuffle<G> {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Map { height, width, channels, .. } = self.part;
        let whole = map(height, width, G * channels, self.gap);
        // a part of its own has pixels as far apart as it likes
        let strides: [usize; G] = std::array::from_fn(|g| if self.together { whole.stride } else { channels + g });
        let sources: [Vec<f32>; G] = std::array::from_fn(|g| {
            let seed = 3 + g as u64;
            Random::new(seed).fill((height * width - 1) * strides[g] + channels)
        });
        let mut joined = vec![0.0; whole.extent()];
        for (g, source) in sources.iter().enumerate().filter(|_| self.together) {
            for pixel in 0..whole.pixels() {
                let to = pixel * whole.stride + g * channels;
                joined[to..to + channels].copy_from_slice(&source[pixel * strides[g]..][..channels]);
            }
        }
        let parts: [(Src, usize); G] = std::array::from_fn(|g| {
            let src = if self.together { &joined[g * channels..] } else { &sources[g][..] };
            (src.into(), strides[g])
        });
        let dst = in_parts(whole, |part, dst| channel_shuffle(s, part, whole, parts, dst));
        // as torch.nn.ChannelShuffle: channels seen as [G, channels], transposed
        check(&format!("{backend}, {G} groups of {:?}", self.part), whole, &dst, 0.0, |y, x, c| {
            let (g, c) = (c % G, c / G);
            Exact::of(f64::from(sources[g][(y * width + x) * strides[g] + c]))
        });
    }
}

#[test]
fn shuffles_channels() {
    for channels in (1..=35).chain([58, 116]) {
        for (together, gap) in [(true, 0), (true, 3), (false, 0), (false, 2)] {
            let part = map(3, 2, channels, 0);
            everywhere(&Shuffle::<2> { part, together, gap });
            if channels < 10 {
                everywhere(&Shuffle::<1> { part, together, gap });
                everywhere(&Shuffle::<3> { part, together, gap });
                everywhere(&Shuffle::<8> { part, together, gap });
            }
        }
    }
}
