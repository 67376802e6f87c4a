//! The exponential that sigmoid, tanh, ELU, Mish, GELU and softmax share, several vectors at a time.
//!
//! Method: Cody and Waite (1980). With n = round(-x / ln 2) and r = -x - n ln 2, so |r| <= ln 2 / 2, e^-x = 2^n e^r. ln 2
//! is taken in two parts, the first of which has so few digits that its product with n is exact: so the reduction loses
//! nothing with or without fused multiply-add. e^r = 1 + r + r^2 P(r), where P is the minimax polynomial of degree 4 for
//! the relative error of e^r (own Remez exchange in 40 digits; error 3e-9). The argument is negated because all users
//! want e^-x: the sign goes into the constants.

use crate::simd::{EXP2_BIAS, Simd, each, horner};

/// Largest argument of [`exp_neg`]: beyond it 2^n is no normal number.
pub(crate) const EXP_NEG_MAX: f32 = 87.3;

const LN2_HIGH: f32 = 355.0 / 512.0; // 9 bits
const LN2_LOW: f32 = -2.121_944_4e-4;

/// P with the sign of odd powers turned, from the highest power down: it is evaluated at -r.
const EXP_P: [f32; 5] = [1.381_459_9e-3, -8.368_717e-3, 4.166_839e-2, -1.666_652e-1, 4.999_999_3e-1];
/// The same for the relative error of e^r - 1; error 1.3e-8.
const EXPM1_P: [f32; 5] = [1.388_239_6e-3, -8.366_52e-3, 4.166_720_3e-2, -1.666_654_4e-1, 4.999_999_8e-1];

/// `e^-x` for x in `-88..=87.3`; relative error at most 2 ulp. NaN gives NaN.
#[inline(always)]
pub(crate) fn exp_neg<S: Simd, const N: usize>(s: S, x: [S::V; N]) -> [S::V; N] {
    let (scale, minus_r) = reduce(s, x);
    let p = horner(s, minus_r, EXP_P);
    // e^r = 1 - m + m^2 P, m = -r
    let square: [S::V; N] = each!(s, N, |i| s.mul(minus_r[i], minus_r[i]));
    let base: [S::V; N] = each!(s, N, |i| s.sub(s.splat(1.0), minus_r[i]));
    let e: [S::V; N] = each!(s, N, |i| s.mul_add(p[i], square[i], base[i]));
    each!(s, N, |i| s.mul(e[i], scale[i]))
}

/// `e^-x - 1` for x in `-88..=87.3`, without cancellation near 0; relative error at most 3 ulp. NaN gives NaN.
#[inline(always)]
pub(crate) fn expm1_neg<S: Simd, const N: usize>(s: S, x: [S::V; N]) -> [S::V; N] {
    let (scale, minus_r) = reduce(s, x);
    let p = horner(s, minus_r, EXPM1_P);
    let square: [S::V; N] = each!(s, N, |i| s.mul(minus_r[i], minus_r[i]));
    let part: [S::V; N] = each!(s, N, |i| s.sub(s.mul(p[i], square[i]), minus_r[i]));
    // 2^n (1 + part) - 1; 2^n - 1 is exact, or as large as not to matter
    each!(s, N, |i| s.mul_add(part[i], scale[i], s.sub(scale[i], s.splat(1.0))))
}

/// `c (1 + factor e^-x)`, the divisor of a sigmoid, for x of at least -88, with `c` and `factor` of a size from 1e-11 to 1e11, and `c factor` of the
/// same sign as `c`. The relative error is at most 3 ulp, and where `-x` is large what comes of log2 e being rounded, and without a fused
/// instruction `x log2 e` too: `1.25 |x|` ulp. NaN gives NaN.
///
/// In base 2, by [`Simd::exp2_parts`]: half the instructions of [`exp_neg`], for all activations of a net are made of it.
#[inline(always)]
pub(crate) fn sigmoid_divisor<S: Simd, const N: usize>(s: S, x: [S::V; N], factor: f32, c: f32) -> [S::V; N] {
    let x: [S::V; N] = each!(s, N, |i| s.min(s.splat(EXP_NEG_MAX), x[i]));
    each!(s, N, |i| {
        let (near_c, power) = s.exp2_parts(x[i], -core::f32::consts::LOG2_E, c * factor);
        s.mul_add(near_c, power, s.splat(c))
    })
}

/// `e^x` for |x| <= 24, to be called where constants are computed. Relative error at most 1e-13.
pub(crate) const fn exp_constant(x: f64) -> f64 {
    // the series of a 64th of it, which is at most 0.375, then six times the square
    let (part, mut sum, mut n) = (x / 64.0, 1.0, 16.0);
    while n > 0.0 {
        sum = 1.0 + part / n * sum;
        n -= 1.0;
    }
    let mut squares = 0;
    while squares < 6 {
        sum *= sum;
        squares += 1;
    }
    sum
}

/// 2^n and -r of each `-x = n ln 2 + r`.
#[inline(always)]
fn reduce<S: Simd, const N: usize>(s: S, x: [S::V; N]) -> ([S::V; N], [S::V; N]) {
    let biased: [S::V; N] = each!(s, N, |i| s.mul_add(x[i], s.splat(-core::f32::consts::LOG2_E), s.splat(EXP2_BIAS)));
    let n: [S::V; N] = each!(s, N, |i| s.sub(biased[i], s.splat(EXP2_BIAS)));
    let high: [S::V; N] = each!(s, N, |i| s.mul_add(n[i], s.splat(LN2_HIGH), x[i]));
    let minus_r = each!(s, N, |i| s.mul_add(n[i], s.splat(LN2_LOW), high[i]));
    (each!(s, N, |i| s.exp2_biased(biased[i])), minus_r)
}
