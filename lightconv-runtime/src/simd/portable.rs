//! The portable backend: vectors of 4 on the `wide` crate (SSE2, NEON, simd128, or plain arrays).

use super::Simd;
use wide::{f32x4, u32x4};

/// The token of the portable backend: every CPU runs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portable;

impl Portable {
    /// The token; nothing needs to be proved.
    #[inline(always)]
    #[must_use]
    pub const fn new() -> Self {
        Portable
    }
}

/// Adding it to an `|a| < 2^22` leaves no room for a fraction, which is rounded off, halves to even.
const ROUNDER: f32 = 12_582_912.0; // 1.5 * 2^23

#[inline(always)]
fn bits(v: f32x4) -> u32x4 {
    v.to_bits()
}

impl Simd for Portable {
    const LANES: usize = 4;
    const REGISTERS: usize = 16;
    const MASKS: bool = false;
    type Half = Portable;
    type V = f32x4;

    #[inline(always)]
    fn half(self) -> Portable {
        self
    }

    #[inline(always)]
    fn splat(self, x: f32) -> f32x4 {
        f32x4::splat(x)
    }

    #[inline(always)]
    unsafe fn load_ptr(self, p: *const f32) -> f32x4 {
        // SAFETY: the caller's promise: 4 floats can be read at `p`
        f32x4::new(unsafe { p.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> f32x4 {
        let mut a = [0.0; 4];
        for (i, x) in a.iter_mut().enumerate().take(n) {
            // SAFETY: the caller's promise: `n` floats can be read at `p`
            *x = unsafe { p.add(i).read() };
        }
        f32x4::new(a)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn prefetch_read(self, p: *const f32) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 has SSE; a prefetch reads and writes nothing, and faults nowhere
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }

    #[inline(always)]
    unsafe fn store_ptr(self, p: *mut f32, v: f32x4) {
        // SAFETY: the caller's promise: 4 floats can be written at `p`
        unsafe { p.cast::<[f32; 4]>().write_unaligned(v.to_array()) }
    }

    #[inline(always)]
    unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: f32x4) {
        for (i, x) in v.to_array().into_iter().enumerate().take(n) {
            // SAFETY: the caller's promise: `n` floats can be written at `p`
            unsafe { p.add(i).write(x) }
        }
    }

    #[inline(always)]
    fn add(self, a: f32x4, b: f32x4) -> f32x4 {
        a + b
    }

    #[inline(always)]
    fn sub(self, a: f32x4, b: f32x4) -> f32x4 {
        a - b
    }

    #[inline(always)]
    fn mul(self, a: f32x4, b: f32x4) -> f32x4 {
        a * b
    }

    #[inline(always)]
    fn div(self, a: f32x4, b: f32x4) -> f32x4 {
        a / b
    }

    #[inline(always)]
    fn mul_add(self, a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
        a.mul_add(b, c)
    }

    #[inline(always)]
    fn neg_mul_add(self, a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
        a.mul_neg_add(b, c)
    }

    #[inline(always)]
    fn max(self, a: f32x4, b: f32x4) -> f32x4 {
        // `fast_max` is SSE's instruction, which has the semantics asked for; the instructions of others have not
        if cfg!(target_feature = "sse") { a.fast_max(b) } else { a.simd_gt(b).select(a, b) }
    }

    #[inline(always)]
    fn min(self, a: f32x4, b: f32x4) -> f32x4 {
        if cfg!(target_feature = "sse") { a.fast_min(b) } else { a.simd_lt(b).select(a, b) }
    }

    #[inline(always)]
    fn abs(self, a: f32x4) -> f32x4 {
        a.abs()
    }

    #[inline(always)]
    fn sqrt(self, a: f32x4) -> f32x4 {
        a.sqrt()
    }

    #[inline(always)]
    fn round(self, a: f32x4) -> f32x4 {
        (a + f32x4::splat(ROUNDER)) - f32x4::splat(ROUNDER)
    }

    #[inline(always)]
    fn exp2_int(self, n: f32x4) -> f32x4 {
        self.exp2_biased(n + f32x4::splat(super::EXP2_BIAS))
    }

    #[inline(always)]
    fn exp2_biased(self, t: f32x4) -> f32x4 {
        f32x4::from_bits(bits(t) << 23)
    }

    #[inline(always)]
    fn select_lt(self, x: f32x4, y: f32x4, a: f32x4, b: f32x4) -> f32x4 {
        x.simd_lt(y).select(a, b)
    }

    #[inline(always)]
    fn select_nan(self, x: f32x4, a: f32x4, b: f32x4) -> f32x4 {
        x.is_nan().select(a, b)
    }

    #[inline(always)]
    fn copysign(self, magnitude: f32x4, sign: f32x4) -> f32x4 {
        let mask = u32x4::splat(1 << 31);
        f32x4::from_bits((bits(magnitude) & !mask) | (bits(sign) & mask))
    }

    #[inline(always)]
    fn zip(self, a: f32x4, b: f32x4) -> (f32x4, f32x4) {
        (a.unpack_lo(b), a.unpack_hi(b))
    }

    #[inline(always)]
    unsafe fn load_pair_ptr(self, p: *const f32) -> f32x4 {
        // SAFETY: the caller's promise: 2 floats can be read at `p`
        let [a, b] = unsafe { p.cast::<[f32; 2]>().read_unaligned() };
        f32x4::new([a, b, a, b])
    }

    #[inline(always)]
    fn add_pairs(self, a: f32x4, b: f32x4) -> f32x4 {
        let ([a, b, c, d], [e, f, g, h]) = (a.to_array(), b.to_array());
        f32x4::new([a + b, c + d, e + f, g + h])
    }

    #[inline(always)]
    fn reduce_add(self, v: f32x4) -> f32 {
        let [a, b, c, d] = v.to_array();
        (a + c) + (b + d)
    }

    #[inline(always)]
    fn reduce_max(self, v: f32x4) -> f32 {
        super::reduce_max_array(v.to_array())
    }
}
