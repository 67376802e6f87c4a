//! Normalisation by the input's own statistics: over the channels of a pixel, over groups of channels of a map.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, at, check, map, untouched};
use lightconv_runtime::activation::{Identity, Relu};
use lightconv_runtime::kernels::{Map, group_norm, layer_norm, stats_len};
use lightconv_runtime::simd::Simd;

const EPS: f64 = 1e-6;

struct Case {
    input: Map,
    output: Map,
    groups: usize,
    src: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    /// Error relative to the largest of the numbers that were summed up.
    bound: f64,
}

impl Case {
    fn value(&self, y: usize, x: usize, c: usize) -> f64 {
        f64::from(self.src[at(self.input, y, x, c)])
    }

    /// A number by the mean and the variance of those that it is normalised with.
    fn normalised(&self, [y, x, c]: [usize; 3], [mean, variance]: [f64; 2]) -> Exact {
        let (weight, bias) = (f64::from(self.weight[c]), f64::from(self.bias[c]));
        let factor = weight / (variance + EPS).sqrt();
        let difference = self.value(y, x, c) - mean;
        // a difference of two numbers near each other has the error of the larger ones
        Exact { value: difference * factor + bias, size: (1.0 + difference.abs()) * factor.abs() + bias.abs() }
    }
}

impl Job for Case {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Case { input, output, groups, bound, ref src, ref weight, ref bias, .. } = *self;
        let what = &format!("{backend}, {input:?} to {output:?}, {groups} groups");
        let mut dst = untouched(output);
        layer_norm(
            s,
            input,
            output,
            src[..].into(),
            weight[..].into(),
            bias[..].into(),
            (&mut dst[..]).into(),
            EPS,
            Identity,
        );
        check(what, output, &dst, bound, |y, x, c| {
            let set: Vec<f64> = (0..input.channels).map(|c| self.value(y, x, c)).collect();
            self.normalised([y, x, c], statistics(&set))
        });

        let mut dst = untouched(output);
        let mut stats = vec![f32::NAN; stats_len(input.channels)];
        group_norm(
            s,
            input,
            output,
            groups,
            src[..].into(),
            weight[..].into(),
            bias[..].into(),
            (&mut stats[..]).into(),
            (&mut dst[..]).into(),
            EPS,
            Relu,
        );
        let len = input.channels / groups;
        let set = |group: usize| -> Vec<f64> {
            let pixels = (0..input.height).flat_map(|y| (0..input.width).map(move |x| (y, x)));
            pixels.flat_map(|(y, x)| (group * len..(group + 1) * len).map(move |c| self.value(y, x, c))).collect()
        };
        let of: Vec<[f64; 2]> = (0..groups).map(|group| statistics(&set(group))).collect();
        check(what, output, &dst, bound, |y, x, c| self.normalised([y, x, c], of[c / len]).then(|x| x.max(0.0)));
    }
}

/// Mean and variance.
fn statistics(set: &[f64]) -> [f64; 2] {
    let mean = set.iter().sum::<f64>() / set.len() as f64;
    [mean, set.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / set.len() as f64]
}

/// Numbers between -1 and 1 about a mean.
fn case(input: Map, gap: usize, groups: usize, mean: f32, bound: f64) -> Case {
    let mut random = Random::new(9);
    let src = random.fill(input.extent()).into_iter().map(|x| x + mean).collect();
    let (weight, bias) = (random.fill(input.channels), random.fill(input.channels));
    Case { input, output: Map { stride: input.channels + gap, ..input }, groups, src, weight, bias, bound }
}

#[test]
fn of_every_number_of_channels() {
    for channels in (1..=35).chain([64, 70, 130]) {
        for groups in (1..=channels).filter(|g| channels % g == 0) {
            for (height, width) in [(3, 5), (1, 1), (1, 7)] {
                everywhere(&case(map(height, width, channels, channels % 3), 1, groups, 0.0, 1e-6));
            }
        }
    }
}

#[test]
fn of_large_maps() {
    for (channels, groups) in [(6, 2), (32, 4), (48, 1)] {
        everywhere(&case(map(40, 37, channels, 0), 0, groups, 0.0, 1e-6));
    }
}

/// The numbers themselves are only known to 1e-7 of the mean, and neither mean nor variance may be worse.
#[test]
fn far_from_zero() {
    for mean in [100.0, -1e4] {
        everywhere(&case(map(9, 8, 24, 0), 0, 3, mean, 1e-6));
    }
}

/// Equal numbers have no variance: what is left is the bias.
struct Equal;

impl Job for Equal {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let map = map(2, 3, 21, 0);
        let (src, weight, bias) = (vec![0.1; map.extent()], vec![2.0; 21], vec![0.5; 21]);
        let src = src[..].into();
        let (weight, bias) = (weight[..].into(), bias[..].into());
        let mut y = untouched(map);
        layer_norm(s, map, map, src, weight, bias, (&mut y[..]).into(), EPS, Identity);
        assert!(y.iter().all(|y| (y - 0.5).abs() < 1e-4), "{backend}: {y:?}");
        let (mut y, mut stats) = (untouched(map), vec![0.0; stats_len(21)]);
        let stats = (&mut stats[..]).into();
        group_norm(s, map, map, 7, src, weight, bias, stats, (&mut y[..]).into(), EPS, Identity);
        assert!(y.iter().all(|y| (y - 0.5).abs() < 1e-4), "{backend}: {y:?}");
    }
}

#[test]
fn of_equal_numbers() {
    everywhere(&Equal);
}
