//! The AVX-512 backend: vectors of 16 on `core::arch`, and AVX2's vectors of 8 with its masks and its 32 registers.

use super::avx2::Avx2;
use super::{EXP2_BIAS, Simd, exp2_near, root_powers};
use core::arch::x86_64::*;

/// 2^f for |f| <= 1/64, highest power first: minimax as [`super::EXP2_HALF`], error 5.4e-8.
const NEAR_ZERO: [f32; 3] = [2.402_264_9e-1, 6.931_573e-1, 1.0];

/// Added to a z below 2^17, it moves the integer nearest to 32 z to the last bits.
const THIRTY_SECONDS: f32 = 393_216.0; // 1.5 * 2^18

/// The powers of the 32nd root of 2.
static POWERS: [i32; 32] = root_powers();

/// The token of the AVX-512 backend: proof that the CPU has AVX-512 F, VL, BW and DQ, AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(Avx2);

/// The same proof, with vectors of 8.
#[derive(Clone, Copy, Debug)]
pub struct Avx512Half(Avx2);

impl Avx512 {
    /// The token. Safe to call from a function with the same target features.
    ///
    /// # Safety
    /// Called from any other function, which is `unsafe`: the CPU has AVX-512 F, VL, BW and DQ, AVX2 and FMA.
    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Avx512(Avx2::new())
    }
}

/// Methods of vectors of 16 that are one intrinsic.
macro_rules! lanewise {
    ($($name:ident($($arg:ident),+) = $intrinsic:expr;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: __m512),+) -> __m512 {
            // SAFETY: the token is proof of AVX-512 F, VL, BW and DQ, AVX2 and FMA
            unsafe { $intrinsic($($arg),+) }
        }
    )+ };
}

impl Simd for Avx512 {
    const LANES: usize = 16;
    const REGISTERS: usize = 32;
    const MASKS: bool = true;
    type Half = Avx512Half;
    type V = __m512;

    lanewise! {
        add(a, b) = _mm512_add_ps;
        sub(a, b) = _mm512_sub_ps;
        mul(a, b) = _mm512_mul_ps;
        div(a, b) = _mm512_div_ps;
        mul_add(a, b, c) = _mm512_fmadd_ps;
        neg_mul_add(a, b, c) = _mm512_fnmadd_ps;
        max(a, b) = _mm512_max_ps;
        min(a, b) = _mm512_min_ps;
        abs(a) = _mm512_abs_ps;
        sqrt(a) = _mm512_sqrt_ps;
        round(a) = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
    }

    #[inline(always)]
    fn half(self) -> Avx512Half {
        Avx512Half(self.0)
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load_ptr(self, p: *const f32) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F; the caller promises 16 readable floats
        unsafe { _mm512_loadu_ps(p) }
    }

    #[inline(always)]
    unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F; the caller promises `n` readable floats, lanes masked out are not read
        unsafe { _mm512_maskz_loadu_ps(mask(n), p) }
    }

    #[inline(always)]
    unsafe fn store_ptr(self, p: *mut f32, v: __m512) {
        // SAFETY: the token is proof of AVX-512 F; the caller promises 16 writable floats
        unsafe { _mm512_storeu_ps(p, v) }
    }

    #[inline(always)]
    fn prefetch_read(self, p: *const f32) {
        // SAFETY: the token is proof of SSE; a prefetch reads and writes nothing, and faults nowhere
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }

    #[inline(always)]
    fn prefetch_l2(self, p: *const f32) {
        // SAFETY: the token is proof of SSE; a prefetch reads and writes nothing, and faults nowhere
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) }
    }

    #[inline(always)]
    fn prefetch_write(self, p: *mut f32) {
        // SAFETY: the token is proof of SSE; a prefetch reads and writes nothing, and faults nowhere
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(p.cast_const().cast()) }
    }

    #[inline(always)]
    unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: __m512) {
        // SAFETY: the token is proof of AVX-512 F; the caller promises `n` writable floats, lanes masked out are not written
        unsafe { _mm512_mask_storeu_ps(p, mask(n), v) }
    }

    #[inline(always)]
    fn exp2_int(self, n: __m512) -> __m512 {
        self.exp2_biased(self.add(n, self.splat(EXP2_BIAS)))
    }

    #[inline(always)]
    fn exp2_biased(self, t: __m512) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(t))) }
    }

    /// With k x = n + j / 32 + f: the power of the first two from a table in two registers, a polynomial of degree 2 for the rest.
    #[inline(always)]
    fn exp2_parts(self, x: __m512, k: f32, c: f32) -> (__m512, __m512) {
        let (near_c, biased) = exp2_near(self, x, k, THIRTY_SECONDS, NEAR_ZERO, c);
        // SAFETY: the token is proof of AVX-512 F; the table has 32 numbers, of whose indices only the last 5 bits are taken
        let power = unsafe {
            let at = _mm512_castps_si512(biased);
            let (low, high) = (_mm512_loadu_epi32(POWERS.as_ptr()), _mm512_loadu_epi32(POWERS.as_ptr().add(16)));
            let of_j = _mm512_permutex2var_epi32(low, at, high);
            _mm512_castsi512_ps(_mm512_add_epi32(of_j, _mm512_slli_epi32::<18>(at)))
        };
        (near_c, power)
    }

    #[inline(always)]
    fn select_lt(self, x: __m512, y: __m512, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, y), b, a) }
    }

    #[inline(always)]
    fn select_nan(self, x: __m512, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F and VL
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, x), b, a) }
    }

    #[inline(always)]
    fn copysign(self, magnitude: __m512, sign: __m512) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F and DQ
        unsafe {
            let bit = _mm512_set1_ps(-0.0);
            _mm512_or_ps(_mm512_andnot_ps(bit, magnitude), _mm512_and_ps(bit, sign))
        }
    }

    #[inline(always)]
    fn zip(self, a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the token is proof of AVX-512 F
        unsafe {
            // lanes from 16 on are those of `b`
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            (_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b))
        }
    }

    #[inline(always)]
    unsafe fn load_pair_ptr(self, p: *const f32) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F; the caller promises 2 readable floats
        unsafe { _mm512_castpd_ps(_mm512_set1_pd(p.cast::<f64>().read_unaligned())) }
    }

    #[inline(always)]
    fn add_pairs(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token is proof of AVX-512 F
        unsafe {
            // lanes from 16 on are those of `b`
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            _mm512_add_ps(_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
        }
    }

    #[inline(always)]
    fn reduce_add(self, v: __m512) -> f32 {
        // SAFETY: the token is proof of AVX-512 F
        unsafe { _mm512_reduce_add_ps(v) }
    }

    #[inline(always)]
    fn reduce_max(self, v: __m512) -> f32 {
        let mut lanes = [0.0; 16];
        // SAFETY: the array holds 16 floats
        unsafe { self.store_ptr(lanes.as_mut_ptr(), v) }
        super::reduce_max_array(lanes)
    }
}

#[inline(always)]
fn mask(n: usize) -> __mmask16 {
    ((1_u32 << n.min(16)) - 1) as __mmask16
}

/// Methods that are those of AVX2.
macro_rules! as_avx2 {
    ($($name:ident($($arg:ident: $type:ty),+) -> $result:ty;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: $type),+) -> $result {
            self.0.$name($($arg),+)
        }
    )+ };
}

impl Simd for Avx512Half {
    const LANES: usize = 8;
    const REGISTERS: usize = 32;
    const MASKS: bool = true;
    type Half = Avx512Half;
    type V = __m256;

    as_avx2! {
        splat(x: f32) -> __m256;
        prefetch_read(p: *const f32) -> ();
        prefetch_l2(p: *const f32) -> ();
        prefetch_write(p: *mut f32) -> ();
        add(a: __m256, b: __m256) -> __m256;
        sub(a: __m256, b: __m256) -> __m256;
        mul(a: __m256, b: __m256) -> __m256;
        div(a: __m256, b: __m256) -> __m256;
        mul_add(a: __m256, b: __m256, c: __m256) -> __m256;
        neg_mul_add(a: __m256, b: __m256, c: __m256) -> __m256;
        max(a: __m256, b: __m256) -> __m256;
        min(a: __m256, b: __m256) -> __m256;
        abs(a: __m256) -> __m256;
        sqrt(a: __m256) -> __m256;
        round(a: __m256) -> __m256;
        exp2_int(n: __m256) -> __m256;
        exp2_biased(t: __m256) -> __m256;
        copysign(magnitude: __m256, sign: __m256) -> __m256;
        zip(a: __m256, b: __m256) -> (__m256, __m256);
        add_pairs(a: __m256, b: __m256) -> __m256;
        reduce_add(v: __m256) -> f32;
        reduce_max(v: __m256) -> f32;
    }

    #[inline(always)]
    fn half(self) -> Avx512Half {
        self
    }

    #[inline(always)]
    unsafe fn load_ptr(self, p: *const f32) -> __m256 {
        // SAFETY: the caller's promise
        unsafe { self.0.load_ptr(p) }
    }

    #[inline(always)]
    unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> __m256 {
        // SAFETY: the token is proof of AVX-512 F and VL; the caller promises `n` readable floats, others are not read
        unsafe { _mm256_maskz_loadu_ps(mask(n) as __mmask8, p) }
    }

    #[inline(always)]
    unsafe fn load_pair_ptr(self, p: *const f32) -> __m256 {
        // SAFETY: the caller's promise
        unsafe { self.0.load_pair_ptr(p) }
    }

    #[inline(always)]
    unsafe fn store_ptr(self, p: *mut f32, v: __m256) {
        // SAFETY: the caller's promise
        unsafe { self.0.store_ptr(p, v) }
    }

    #[inline(always)]
    unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: __m256) {
        // SAFETY: the token is proof of AVX-512 F and VL; the caller promises `n` writable floats, others are not written
        unsafe { _mm256_mask_storeu_ps(p, mask(n) as __mmask8, v) }
    }

    #[inline(always)]
    fn select_lt(self, x: __m256, y: __m256, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX-512 F and VL
        unsafe { _mm256_mask_blend_ps(_mm256_cmp_ps_mask::<_CMP_LT_OQ>(x, y), b, a) }
    }

    #[inline(always)]
    fn select_nan(self, x: __m256, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX-512 F and VL
        unsafe { _mm256_mask_blend_ps(_mm256_cmp_ps_mask::<_CMP_UNORD_Q>(x, x), b, a) }
    }
}
