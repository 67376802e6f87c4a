//! Activations of a few instructions: rectifiers, their kin, and arithmetic with a scalar.

use super::Activation;
use crate::simd::Simd;

/// x itself. Exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Identity;

/// `max(x, 0)`. Exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relu;

/// `min(max(x, 0), 6)`. Exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relu6;

/// `x * relu6(x + 3) / 6`. Error at most 3 ulp, and 2^-23 near -3, where x + 3 is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hardswish;

/// `relu6(x + 3) / 6`. Error at most 2 ulp, and 2^-23 near -3, where x + 3 is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hardsigmoid;

/// `x` where x >= 0, else `slope * x`. Error at most half an ulp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The factor of negative numbers.
    pub slope: f32,
}

/// `-x`. Exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Negate;

/// `x + c`. Error at most half an ulp, as of all arithmetic below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddScalar(
    /// c
    pub f32,
);

/// `c - x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubFrom(
    /// c
    pub f32,
);

/// `x * c`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MulScalar(
    /// c
    pub f32,
);

/// `x / c`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DivScalar(
    /// c
    pub f32,
);

/// `c / x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DivInto(
    /// c
    pub f32,
);

/// The larger of x and c; NaN where x is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxScalar(
    /// c
    pub f32,
);

/// The smaller of x and c; NaN where x is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinScalar(
    /// c
    pub f32,
);

impl Activation for Identity {
    const COSTLY: bool = false;

    #[inline(always)]
    fn apply<S: Simd>(self, _: S, x: S::V) -> S::V {
        x
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, _: S, x: [S::V; N]) -> [S::V; N] {
        x
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        x
    }
}

/// One implementation: the function of a vector, and the same in f64.
macro_rules! cheap {
    ($name:ident: |$this:ident, $s:ident, $x:ident| $vector:expr, $reference:expr) => {
        impl Activation for $name {
            const COSTLY: bool = false;

            #[inline(always)]
            fn apply<S: Simd>(self, $s: S, $x: S::V) -> S::V {
                let $this = self;
                $vector
            }

            #[cfg(test)]
            fn reference(self, $x: f64) -> f64 {
                let $this = self;
                $reference
            }
        }
    };
}

// A NaN is the second operand of `max` and `min`, which is the one that they then return.
cheap!(Relu: |_this, s, x| s.max(s.splat(0.0), x), if x < 0.0 { 0.0 } else { x });
cheap!(Relu6: |_this, s, x| s.min(s.splat(6.0), s.max(s.splat(0.0), x)), clamp6(x));
// x is held at -3 first: there the product is 0, and so it is for all below, minus infinity included
cheap!(Hardswish: |_this, s, x| {
    let low = s.max(s.splat(-3.0), x);
    s.mul(s.mul(low, s.splat(1.0 / 6.0)), s.min(s.splat(6.0), s.add(low, s.splat(3.0))))
}, if x <= -3.0 { 0.0 } else { x * (clamp6(x + 3.0) / 6.0) });
cheap!(Hardsigmoid: |_this, s, x| {
    s.mul(s.splat(1.0 / 6.0), s.min(s.splat(6.0), s.max(s.splat(0.0), s.add(x, s.splat(3.0)))))
}, clamp6(x + 3.0) / 6.0);
cheap!(LeakyRelu: |this, s, x| s.select_lt(x, s.splat(0.0), s.mul(x, s.splat(this.slope)), x),
    if x < 0.0 { x * f64::from(this.slope) } else { x });
cheap!(Negate: |_this, s, x| s.mul(s.splat(-1.0), x), -x);
cheap!(AddScalar: |this, s, x| s.add(x, s.splat(this.0)), x + f64::from(this.0));
cheap!(SubFrom: |this, s, x| s.sub(s.splat(this.0), x), f64::from(this.0) - x);
cheap!(MulScalar: |this, s, x| s.mul(x, s.splat(this.0)), x * f64::from(this.0));
cheap!(DivScalar: |this, s, x| s.div(x, s.splat(this.0)), x / f64::from(this.0));
cheap!(DivInto: |this, s, x| s.div(s.splat(this.0), x), f64::from(this.0) / x);
cheap!(MaxScalar: |this, s, x| s.max(s.splat(this.0), x), if x < f64::from(this.0) { f64::from(this.0) } else { x });
cheap!(MinScalar: |this, s, x| s.min(s.splat(this.0), x), if x > f64::from(this.0) { f64::from(this.0) } else { x });

#[cfg(test)]
fn clamp6(x: f64) -> f64 {
    if x.is_nan() { x } else { x.clamp(0.0, 6.0) }
}
