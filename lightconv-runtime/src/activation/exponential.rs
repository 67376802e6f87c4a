//! Activations made of an exponential: sigmoid, SiLU, tanh, ELU, Mish.

use super::Activation;
use super::exp::{EXP_NEG_MAX, exp_constant, exp_neg, expm1_neg, sigmoid_divisor};
use crate::simd::{Simd, each};

/// Below it the sigmoid, 9e-27 there, is taken for 0, and what is multiplied by it for what it is there. Smaller numbers would be of no use
/// to anybody, and the layers after it would make subnormal ones of them, with which some CPUs compute a hundred times slower.
const SIGMOID_MIN: f32 = -60.0;

/// `1 / (1 + e^-x)`. Error at most 5 ulp + 1e-26, and `1.25 |x|` ulp where x is negative: x / ln 2 is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sigmoid;

/// `x * sigmoid(x)`. Error at most 5 ulp + 6e-25, and `1.25 |x|` ulp where x is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Silu;

/// `x * sigmoid(x + shift) * scale`: with 3 and 1/6 the sigmoid form of `h_swish`. Error at most 5 ulp + 1e-23 `scale`, and
/// `1.25 max(-x, -shift)` ulp where that is positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftedSilu {
    shift: f32,
    scale: f32,
    /// `e^-shift`.
    factor: f32,
}

impl ShiftedSilu {
    /// With `shift` added to x inside the sigmoid, of a size of at most 24, and the factor `scale`, of a size from 1e-6 to 1e6. To be called where
    /// constants are computed, for it computes an exponential.
    #[must_use]
    pub const fn new(shift: f32, scale: f32) -> Self {
        ShiftedSilu { shift, scale, factor: exp_constant(-shift as f64) as f32 }
    }
}

/// The hyperbolic tangent. Error at most 4 ulp.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tanh;

/// `x` where x > 0, else `alpha * (e^x - 1)`. Error at most 4 ulp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// Minus the limit at minus infinity.
    pub alpha: f32,
}

/// `x * tanh(ln(1 + e^x))`. Error at most 6 ulp + 1e-17.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mish;

impl Activation for Sigmoid {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let low: [S::V; N] = each!(s, N, |i| s.max(s.splat(SIGMOID_MIN), x[i]));
        let below: [S::V; N] = sigmoid_divisor(s, low, 1.0, 1.0);
        // a NaN is not below anything, and stays
        each!(s, N, |i| {
            let y = s.div(s.splat(1.0), below[i]);
            s.select_lt(x[i], s.splat(SIGMOID_MIN), s.splat(0.0), y)
        })
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }
}

impl Activation for Silu {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let x: [S::V; N] = each!(s, N, |i| s.max(s.splat(SIGMOID_MIN), x[i]));
        let below: [S::V; N] = sigmoid_divisor(s, x, 1.0, 1.0);
        each!(s, N, |i| s.div(x[i], below[i]))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        times_sigmoid(x, x)
    }
}

impl Activation for ShiftedSilu {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let low = SIGMOID_MIN - self.shift;
        let x: [S::V; N] = each!(s, N, |i| s.max(s.splat(low), x[i]));
        let below: [S::V; N] = sigmoid_divisor(s, x, self.factor, 1.0 / self.scale);
        each!(s, N, |i| s.div(x[i], below[i]))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        times_sigmoid(x, x + f64::from(self.shift)) * f64::from(self.scale)
    }
}

impl Activation for Tanh {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    /// `tanh |x| = (1 - e^-2|x|) / (1 + e^-2|x|)`, the numerator without cancellation; 1 from 10 on.
    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let double: [S::V; N] = each!(s, N, |i| s.min(s.splat(20.0), s.abs(s.add(x[i], x[i]))));
        let m: [S::V; N] = expm1_neg(s, double);
        each!(s, N, |i| s.copysign(s.div(m[i], s.add(s.splat(2.0), m[i])), x[i]))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        x.tanh()
    }
}

impl Activation for Elu {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let m: [S::V; N] = expm1_neg(s, each!(s, N, |i| s.min(s.splat(EXP_NEG_MAX), s.abs(x[i]))));
        each!(s, N, |i| s.select_lt(s.splat(0.0), x[i], x[i], s.mul(s.splat(self.alpha), m[i])))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        if x > 0.0 { x } else { f64::from(self.alpha) * x.exp_m1() }
    }
}

/// Below it Mish is taken for what it is there, -3.5e-18: the square of `e^-x` must not overflow.
const MISH_MIN: f32 = -43.5;

impl Activation for Mish {
    const COSTLY: bool = true;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.apply_all(s, [x])[0]
    }

    /// With v = e^-x the tangent is `(1 + 2 v) / (1 + 2 v + 2 v^2)`: no logarithm, no cancellation.
    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        let low: [S::V; N] = each!(s, N, |i| s.max(s.splat(MISH_MIN), x[i]));
        let v: [S::V; N] = exp_neg(s, each!(s, N, |i| s.min(s.splat(EXP_NEG_MAX), low[i])));
        let double: [S::V; N] = each!(s, N, |i| s.add(v[i], v[i]));
        let above: [S::V; N] = each!(s, N, |i| s.add(s.splat(1.0), double[i]));
        let below: [S::V; N] = each!(s, N, |i| s.mul_add(double[i], v[i], above[i]));
        each!(s, N, |i| s.mul(low[i], s.div(above[i], below[i])))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        let v = (-x).exp();
        if v > 1e100 { 0.0 } else { x * ((1.0 + 2.0 * v) / (1.0 + 2.0 * v + 2.0 * v * v)) }
    }
}

#[cfg(test)]
pub(super) fn times_sigmoid(x: f64, y: f64) -> f64 {
    let e = (-y).exp();
    if e.is_infinite() { 0.0 } else { x / (1.0 + e) }
}
