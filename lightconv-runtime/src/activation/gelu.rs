//! GELU in its exact form, `x * Phi(x)`, and the approximation by a hyperbolic tangent.
//!
//! Phi is the distribution function of the normal distribution. With u = |x|, `gelu(x) = relu(x) - u * Phi(-u)`, and
//! `Phi(-u) = e^(-u^2 / 2) * g(u)` where g falls smoothly from 1/2 towards 0: a polynomial of degree 8 in
//! `t = 1 / (1 + 0.3 u)` gives it within 6e-8, relative, for all u up to 14 (own Remez exchange in 40 digits). So there is no
//! cancellation, and the left tail keeps its digits.

use super::Activation;
use super::exp::{exp_neg, sigmoid_divisor};
use crate::simd::{Simd, each, horner};

/// `x / 2 * (1 + erf(x / sqrt 2))`. Error at most 8 ulp for x >= -1, further left 8 + x^2 ulp; plus 1e-22.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gelu;

/// `x / 2 * (1 + tanh(z / 2))` with `z = sqrt(8 / pi) * (x + 0.044715 x^3)`, PyTorch's `approximate = 'tanh'` (Hendrycks and Gimpel, 2016). Error at
/// most 5 ulp, and `3 |z|` ulp where x is negative; plus 1e-25.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GeluTanh;

/// g as a polynomial in t, highest power first.
const G: [f32; 9] = [
    3.837_829e-2,
    -1.691_661_7e-1,
    2.286_603e-1,
    -7.650_686e-2,
    1.425_358_7e-1,
    9.468_334e-2,
    1.219_204e-1,
    1.194_876_8e-1,
    7.169_373e-6,
];

/// Beyond it the tail is taken for what it is there, 8e-23: layers after it would make subnormal numbers of smaller ones, with
/// which some CPUs compute a hundred times slower.
const U_MAX: f32 = 10.0;

impl Activation for Gelu {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let u: [S::V; N] = each!(s, N, |i| s.min(s.splat(U_MAX), s.abs(x[i])));
        let t: [S::V; N] = each!(s, N, |i| s.div(s.splat(1.0), s.mul_add(u[i], s.splat(0.3), s.splat(1.0))));
        let g: [S::V; N] = horner(s, t, G);
        let e: [S::V; N] = exp_neg(s, each!(s, N, |i| s.mul(s.mul(u[i], s.splat(0.5)), u[i])));
        let tail: [S::V; N] = each!(s, N, |i| s.mul(u[i], s.mul(e[i], g[i])));
        each!(s, N, |i| s.sub(s.max(s.splat(0.0), x[i]), tail[i]))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        let tail = x.abs() * super::tests::normal_tail(x.abs());
        x.max(0.0) - if tail.is_nan() { 0.0 } else { tail } + if x.is_nan() { x } else { 0.0 }
    }
}

/// `z / x` as a polynomial in `x^2`, its constant first.
const Z: [f32; 2] = [1.595_769_2, 0.071_354_814];

/// Below it, where z is -60, the result is taken for what it is there, -8e-26, as that of [`Silu`](super::Silu) is.
const TANH_MIN: f32 = -8.65;

impl Activation for GeluTanh {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    /// As `x * sigmoid(z)`, which is the same without cancellation.
    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let x: [S::V; N] = each!(s, N, |i| s.max(s.splat(TANH_MIN), x[i]));
        let z: [S::V; N] = each!(s, N, |i| s.mul(x[i], s.mul_add(s.mul(x[i], x[i]), s.splat(Z[1]), s.splat(Z[0]))));
        let below: [S::V; N] = sigmoid_divisor(s, z, 1.0, 1.0);
        each!(s, N, |i| s.div(x[i], below[i]))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        let z = (8.0 / core::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
        super::exponential::times_sigmoid(x, z)
    }
}
