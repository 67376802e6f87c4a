//! Powers of two for [`Simd::exp2_parts`], the inner part of sigmoids.
//!
//! With `n` the whole part of z, `z - n` is exact, so base 2 needs no reduction in two steps; what the multiplication that made z has rounded
//! is as if its argument had been off by half an ulp. Polynomials are minimax for the relative error, 1 their first coefficient
//! (Lawson's iteration in f64).

use super::{EXP2_BIAS, Simd};

/// 2^f for |f| <= 1/2, highest power first: error 9.2e-8.
#[allow(clippy::approx_constant, reason = "a coefficient near ln 2 is not ln 2")]
const WHOLE: [f32; 6] = [1.326_469_9e-3, 9.671_533_5e-3, 5.550_734e-2, 2.402_224_2e-1, 6.931_47e-1, 1.0];

/// `(c 2^f, 2^n)` of z = n + f.
#[inline(always)]
pub(super) fn by_polynomial<S: Simd>(s: S, z: S::V, c: f32) -> (S::V, S::V) {
    let biased = s.add(z, s.splat(EXP2_BIAS));
    let f = s.sub(z, s.sub(biased, s.splat(EXP2_BIAS)));
    let mut sum = s.splat(c * WHOLE[0]);
    for &next in &WHOLE[1..] {
        sum = s.mul_add(sum, f, s.splat(c * next));
    }
    (sum, s.exp2_biased(biased))
}

/// 2^f for |f| <= 1/64, highest power first: error 5.4e-8.
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
pub(super) const NEAR_ZERO: [f32; 3] = [2.402_264_9e-1, 6.931_573e-1, 1.0];

/// Added to a z below 2^17, it moves the integer nearest to 32 z to the last bits.
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
pub(super) const THIRTY_SECONDS: f32 = 393_216.0; // 1.5 * 2^18

/// The bits of 2^(j / 32), less j at the place where `n * 32 + j`, moved to the exponent, has it.
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
pub(super) static POWERS: [i32; 32] = {
    #[rustfmt::skip]
    const EXACT: [f32; 32] = [
        1.0, 1.021_897_2, 1.044_273_7, 1.067_140_5, 1.090_507_7, 1.114_386_8, 1.138_788_6, 1.163_724_9,
        1.189_207_1, 1.215_247_4, 1.241_857_8, 1.269_051, 1.296_839_6, 1.325_236_7, 1.354_255_6, 1.383_91,
        core::f32::consts::SQRT_2, 1.445_180_8, 1.476_826_2, 1.509_164_5, 1.542_210_8, 1.575_980_9, 1.610_490_3, 1.645_755_5,
        1.681_792_9, 1.718_619_3, 1.756_252_2, 1.794_709_1, 1.834_008_1, 1.874_167_7, 1.915_206_6, 1.957_144_1,
    ];
    let mut bits = [0; 32];
    let mut j = 0;
    while j < 32 {
        bits[j] = EXACT[j].to_bits() as i32 - ((j as i32) << 18);
        j += 1;
    }
    bits
};
