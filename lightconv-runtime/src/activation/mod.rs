//! Activations: each once, generic over the backend, with its error bound.
//!
//! An activation is a small value with a vector method, so that kernels take it as a type and inline it. The corners
//! are PyTorch's: NaN gives NaN, infinities give the limit. (Where PyTorch's formula gives NaN at minus infinity although
//! the limit is 0, as `silu` does, the limit is given.)
//!
//! Bounds are against the exact function of the f32 input. An *ulp* is that of the exact result, 2^-23 of it at most;
//! an absolute part is added where a result fades into nothing (below about 1e-23) or crosses zero.

mod exp;
mod exponential;
mod gelu;
mod linear;
#[cfg(test)]
mod tests;

pub(crate) use exp::exp_neg;
pub use exponential::{Elu, Mish, ShiftedSilu, Sigmoid, Silu, Tanh};
pub use gelu::{Gelu, GeluTanh};
pub use linear::{
    AddScalar, DivInto, DivScalar, Hardsigmoid, Hardswish, Identity, LeakyRelu, MaxScalar, MinScalar, MulScalar,
    Negate, Relu, Relu6, SubFrom,
};

use crate::simd::{Simd, each};

/// A function of one number, applied to every element.
pub trait Activation: Copy {
    /// Whether it takes so many instructions that kernels had better apply it in a pass of its own over what they have
    /// just written than on the accumulators of a tile.
    const COSTLY: bool;

    /// The function of each lane.
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V;

    /// The function of several vectors; the costly ones go through their stages side by side, so that the vectors hide
    /// each other's latencies.
    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        each!(s, N, |i| self.apply(s, x[i]))
    }

    /// The function in f64, the oracle of the tests.
    #[cfg(test)]
    fn reference(self, x: f64) -> f64;
}

/// First `A`, then `B`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Then<A, B>(pub A, pub B);

impl<A: Activation, B: Activation> Activation for Then<A, B> {
    const COSTLY: bool = A::COSTLY || B::COSTLY;

    #[inline(always)]
    fn apply<S: Simd>(self, s: S, x: S::V) -> S::V {
        self.1.apply(s, self.0.apply(s, x))
    }

    #[inline(always)]
    fn apply_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N]) -> [S::V; N] {
        self.1.apply_all(s, self.0.apply_all(s, x))
    }

    #[cfg(test)]
    fn reference(self, x: f64) -> f64 {
        self.1.reference(self.0.reference(x))
    }
}
