//! Vectors of f32 behind one trait, one file a backend.
//!
//! A backend is a zero-sized *token*: whoever holds one has proved that the CPU has its instructions, so every method
//! is safe to call. `Avx2::new` and `Avx512::new` carry `#[target_feature]`, hence can be called without `unsafe` only
//! from a function that carries the same features; that function is entered by one `unsafe` call, after detection.
//!
//! Every method is `#[inline(always)]`: methods and closures do not inherit the features of their caller unless they
//! are inlined into it.

#[cfg(all(target_arch = "x86_64", any(feature = "avx2", feature = "avx512")))]
mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
mod avx512;
mod portable;
mod twin;

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
pub use avx2::Avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
pub use avx512::{Avx512, Avx512Half};
pub use portable::Portable;
#[doc(hidden)]
pub use twin::{Twin8, Twin16};

use core::fmt::Debug;
use core::mem::MaybeUninit;

/// The array of what an expression gives for each index: `each!(s, N, |i| …)`.
///
/// In place of `core::array::from_fn`, for a closure does not inherit the target features of the function that it is
/// written in: where the compiler does not inline it, every intrinsic in it becomes a call.
macro_rules! each {
    ($s:expr, $n:expr, |$i:ident| $value:expr) => {{
        let mut all = $crate::simd::Each::<_, { $n }>::none($s);
        for $i in 0..$n {
            let value = $value;
            // SAFETY: the index is less than the number of places
            unsafe { all.put($i, value) };
        }
        // SAFETY: all places have been filled
        unsafe { all.filled() }
    }};
}
pub(crate) use each;

/// The array that [`each!`] fills. It begins without values: to write one value to all of an array is a loop too, and in loops a
/// user's compiler spends its time, on this one a seventh of it.
pub(crate) struct Each<S: Simd, const N: usize>(MaybeUninit<[S::V; N]>);

impl<S: Simd, const N: usize> Each<S, N> {
    /// Nothing is there yet.
    #[inline(always)]
    pub(crate) fn none(_: S) -> Self {
        Each(MaybeUninit::uninit())
    }

    /// Fills place `i`.
    ///
    /// # Safety
    /// `i < N`.
    #[inline(always)]
    pub(crate) unsafe fn put(&mut self, i: usize, value: S::V) {
        // SAFETY: by the caller's promise the place is one of the array's
        unsafe { self.0.as_mut_ptr().cast::<S::V>().add(i).write(value) }
    }

    /// The array.
    ///
    /// # Safety
    /// Every place must have been filled.
    #[inline(always)]
    pub(crate) unsafe fn filled(self) -> [S::V; N] {
        // SAFETY: the caller's promise
        unsafe { self.0.assume_init() }
    }
}

/// The polynomial with the coefficients `c`, highest power first.
#[inline(always)]
pub(crate) fn horner<S: Simd, const N: usize, const D: usize>(s: S, x: [S::V; N], c: [f32; D]) -> [S::V; N] {
    let mut sum = [s.splat(c[0]); N];
    for &c in &c[1..] {
        sum = each!(s, N, |i| s.mul_add(sum[i], x[i], s.splat(c)));
    }
    sum
}

/// What [`Simd::exp2_biased`] wants added to an exponent: 1.5 * 2^23 moves its integer to the last bits of the number,
/// 127 is the bias of f32.
pub const EXP2_BIAS: f32 = 12_582_912.0 + 127.0;

/// 2^f for |f| <= 1/2, highest power first: minimax for the relative error, 9.2e-8, with 1 as the last coefficient (Lawson's
/// iteration in f64).
#[allow(clippy::approx_constant, reason = "a coefficient near ln 2 is not ln 2")]
const EXP2_HALF: [f32; 6] = [1.326_469_9e-3, 9.671_533_5e-3, 5.550_734e-2, 2.402_224_2e-1, 6.931_47e-1, 1.0];

/// The bits of 2^(j / N) for j < N, less j at the place where `n * N + j`, moved to the exponent, has it; N is a power of two, at most 32.
#[allow(dead_code, reason = "only for backends that have a permutation")]
const fn root_powers<const N: usize>() -> [i32; N] {
    #[rustfmt::skip]
    const THIRTY_SECONDS: [f32; 32] = [
        1.0, 1.021_897_2, 1.044_273_7, 1.067_140_5, 1.090_507_7, 1.114_386_8, 1.138_788_6, 1.163_724_9,
        1.189_207_1, 1.215_247_4, 1.241_857_8, 1.269_051, 1.296_839_6, 1.325_236_7, 1.354_255_6, 1.383_91,
        core::f32::consts::SQRT_2, 1.445_180_8, 1.476_826_2, 1.509_164_5, 1.542_210_8, 1.575_980_9, 1.610_490_3, 1.645_755_5,
        1.681_792_9, 1.718_619_3, 1.756_252_2, 1.794_709_1, 1.834_008_1, 1.874_167_7, 1.915_206_6, 1.957_144_1,
    ];
    let mut bits = [0; N];
    let mut j = 0;
    while j < N {
        bits[j] = THIRTY_SECONDS[j * (32 / N)].to_bits() as i32 - ((j as i32) << (23 - N.trailing_zeros()));
        j += 1;
    }
    bits
}

/// The coefficients of `c` times a polynomial.
#[inline(always)]
fn scaled<const D: usize>(mut coefficients: [f32; D], c: f32) -> [f32; D] {
    for k in &mut coefficients {
        *k *= c;
    }
    coefficients
}

/// For [`Simd::exp2_parts`]: `c * 2^f` by the polynomial `near_zero`, highest power first, f being what the rounding of `k x + bias` leaves of
/// `k x`; and that sum, whose last bits say the rest.
#[inline(always)]
fn exp2_near<S: Simd, const D: usize>(s: S, x: S::V, k: f32, bias: f32, near_zero: [f32; D], c: f32) -> (S::V, S::V) {
    let (k, bias) = (s.splat(k), s.splat(bias));
    let biased = s.mul_add(x, k, bias);
    let f = s.mul_add(x, k, s.sub(bias, biased));
    let [near_c] = horner(s, [f], scaled(near_zero, c));
    (near_c, biased)
}

/// A set of vector instructions.
pub trait Simd: Copy + Debug + Send + Sync + 'static {
    /// Numbers in a vector: 4, 8 or 16.
    const LANES: usize;
    /// Vectors that the CPU has registers for.
    const REGISTERS: usize;
    /// Whether fewer lanes than there are, any number of them, are loaded in no more time than all.
    const MASKS: bool;
    /// The same backend with vectors of 8 where `LANES` is 16, else itself: for the last panel of 8 output channels.
    type Half: Simd;
    /// A vector of `LANES` numbers.
    type V: Copy + Debug;

    /// The token of the narrower vectors.
    fn half(self) -> Self::Half;
    /// All lanes `x`.
    fn splat(self, x: f32) -> Self::V;
    /// The first `LANES` numbers at `p`.
    ///
    /// # Safety
    /// `p` is valid for reading `LANES` numbers; no alignment is asked for.
    unsafe fn load_ptr(self, p: *const f32) -> Self::V;
    /// The first `n < LANES` numbers at `p`, the other lanes 0.
    ///
    /// # Safety
    /// `p` is valid for reading `n` numbers.
    unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> Self::V;
    /// Writes `LANES` numbers to `p`.
    ///
    /// # Safety
    /// `p` is valid for writing `LANES` numbers.
    unsafe fn store_ptr(self, p: *mut f32, v: Self::V);
    /// Brings the cache line of `p` near; nothing happens where `p` is not valid.
    fn prefetch_read(self, p: *const f32) {
        let _ = p;
    }
    /// Brings the cache line of `p` to L2; nothing happens where `p` is not valid.
    fn prefetch_l2(self, p: *const f32) {
        let _ = p;
    }
    /// Brings the cache line of `p` near, to be written soon; nothing happens where `p` is not valid.
    fn prefetch_write(self, p: *mut f32) {
        let _ = p;
    }
    /// Writes the first `n < LANES` lanes to `p`.
    ///
    /// # Safety
    /// `p` is valid for writing `n` numbers.
    unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: Self::V);

    /// `a + b`.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b`.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a / b`.
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`; rounded once where the CPU has a fused instruction, twice on the portable backend.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `c - a * b`, rounded as [`mul_add`](Simd::mul_add).
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The larger; where either is NaN, `b`: so `max(x, splat(0.0))` forgets a NaN and `max(splat(0.0), x)` keeps it.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// The smaller; where either is NaN, `b`.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `|a|`.
    fn abs(self, a: Self::V) -> Self::V;
    /// `sqrt(a)`.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// To the nearest integer, halves to even; `|a| < 2^22`.
    fn round(self, a: Self::V) -> Self::V;
    /// `2^n` for integral `n` in `-126..=127`.
    fn exp2_int(self, n: Self::V) -> Self::V;
    /// `2^n` of `t = n + EXP2_BIAS`, for integral `n` in `-126..=127`: one shift. The sum that makes `t` also rounds,
    /// so an exponential gets its integer part and the power of it for one addition less than by [`round`](Simd::round)
    /// and [`exp2_int`](Simd::exp2_int).
    fn exp2_biased(self, t: Self::V) -> Self::V;
    /// Two numbers whose product is `c * 2^(k x)`, for `k x` in `-126..=127`: the second is a power of two, or of a root of it. The relative
    /// error is at most 1.5 ulp; where there is no fused instruction, `0.7 |k x|` ulp more, for `k x` is rounded. With n the whole part of
    /// `k x`, `k x - n` is exact or rounded once, so base 2 needs no reduction in two steps.
    #[inline(always)]
    fn exp2_parts(self, x: Self::V, k: f32, c: f32) -> (Self::V, Self::V) {
        let (near_c, biased) = exp2_near(self, x, k, EXP2_BIAS, EXP2_HALF, c);
        (near_c, self.exp2_biased(biased))
    }
    /// `a` where `x < y`, else `b` (also where either is NaN).
    fn select_lt(self, x: Self::V, y: Self::V, a: Self::V, b: Self::V) -> Self::V;
    /// `a` where `x` is NaN, else `b`.
    fn select_nan(self, x: Self::V, a: Self::V, b: Self::V) -> Self::V;
    /// `magnitude` with the sign of `sign`.
    fn copysign(self, magnitude: Self::V, sign: Self::V) -> Self::V;
    /// The lanes of both in turn, `a[0], b[0], a[1], b[1], …`: the first half of them and the second.
    fn zip(self, a: Self::V, b: Self::V) -> (Self::V, Self::V);
    /// The two numbers at `p` in turn, in all lanes.
    ///
    /// # Safety
    /// `p` is valid for reading 2 numbers.
    unsafe fn load_pair_ptr(self, p: *const f32) -> Self::V;
    /// The sums of neighbours, `a[0] + a[1], a[2] + a[3], …`, then those of `b`.
    fn add_pairs(self, a: Self::V, b: Self::V) -> Self::V;
    /// The sum of the lanes.
    fn reduce_add(self, v: Self::V) -> f32;
    /// The largest lane; NaN where any lane is NaN.
    fn reduce_max(self, v: Self::V) -> f32;
}

/// The largest of some lanes, NaN where one is NaN.
#[inline(always)]
fn reduce_max_array<const N: usize>(lanes: [f32; N]) -> f32 {
    let mut most = f32::NEG_INFINITY;
    for x in lanes {
        // a NaN comes in by the second test and, once in, fails both but to another NaN
        if x > most || x.is_nan() {
            most = x;
        }
    }
    most
}
