//! A convolution across the channels of a vector.

use super::{Run, run};
use crate::activation::Activation;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};

/// `dst[c] = act(sum of weights[j] * src[c + j - k / 2])` over the `k` weights, an odd number; what lies outside of the
/// `channels` of `src` is zero.
///
/// # Panics
/// When a view is too small, or `k` is even.
#[inline(always)]
pub fn channel_conv<S: Simd, A: Activation>(s: S, channels: usize, src: Src, weights: Src, dst: Dst, act: A) {
    let taps = weights.len();
    assert!(!taps.is_multiple_of(2), "{taps} taps have no middle one");
    let (src, dst) = (src.cut(0, channels), dst.cut(0, channels));
    let half = taps / 2;
    // the channels whose taps all lie inside
    let first = half.min(channels);
    let end = channels.saturating_sub(half).max(first);
    if end > first {
        run(s, end - first, Inside { src, weights, dst: dst.after(first), act });
    }
    for c in (0..first).chain(end..channels) {
        let mut sum = s.splat(0.0);
        for j in half.saturating_sub(c)..taps.min(channels + half - c) {
            sum = s.mul_add(s.splat(weights.get(j)), s.splat(src.get(c + j - half)), sum);
        }
        dst.store_n(s, c, 1, act.apply(s, sum));
    }
}

/// Output `at` reads from `src` at `at` on.
#[derive(Clone, Copy)]
struct Inside<'a, A> {
    src: Src<'a>,
    weights: Src<'a>,
    dst: Dst<'a>,
    act: A,
}

impl<A: Activation> Run for Inside<'_, A> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let mut sums: [S::V; N] = [s.splat(0.0); N];
        for j in 0..self.weights.len() {
            let weight = s.splat(self.weights.get(j));
            let x: [S::V; N] = self.src.load_all(s, at + j, S::LANES, n);
            sums = each!(s, N, |i| s.mul_add(weight, x[i], sums[i]));
        }
        self.dst.store_all(s, at, S::LANES, n, self.act.apply_all(s, sums));
    }
}
