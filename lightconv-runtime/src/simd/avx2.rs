//! The AVX2 + FMA backend: vectors of 8 on `core::arch`.

use super::{EXP2_BIAS, Simd, exp2_near, root_powers};
use core::arch::x86_64::*;

/// 2^f for |f| <= 1/16, highest power first: minimax as [`super::EXP2_HALF`], error 2.6e-8.
const NEAR_ZERO: [f32; 4] = [5.549_622_3e-2, 2.402_576_4e-1, 6.931_472_4e-1, 1.0];

/// Added to a z below 2^19, it moves the integer nearest to 8 z to the last bits.
const EIGHTHS: f32 = 1_572_864.0; // 1.5 * 2^20

/// The powers of the 8th root of 2.
static POWERS: [i32; 8] = root_powers();

/// The token of the AVX2 backend: proof that the CPU has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// The token. Safe to call from a function with the same target features.
    ///
    /// # Safety
    /// Called from any other function, which is `unsafe`: the CPU has AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Avx2(())
    }
}

/// Eight lanes of ones before eight of zeros: the vector at `8 - n` is a mask of the first `n` lanes.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

#[inline(always)]
fn mask(n: usize) -> __m256i {
    let at = 8 - n.min(8);
    // SAFETY: `at <= 8`, so 8 numbers stand there; a token, hence AVX2, is in the hands of every caller
    unsafe { _mm256_loadu_si256(MASKS.as_ptr().add(at).cast()) }
}

/// Methods of one or two vectors that are one intrinsic.
macro_rules! lanewise {
    ($($name:ident($($arg:ident),+) = $intrinsic:expr;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: __m256),+) -> __m256 {
            // SAFETY: the token is proof of AVX2 and FMA
            unsafe { $intrinsic($($arg),+) }
        }
    )+ };
}

impl Simd for Avx2 {
    const LANES: usize = 8;
    const REGISTERS: usize = 16;
    const MASKS: bool = false;
    type Half = Avx2;
    type V = __m256;

    lanewise! {
        add(a, b) = _mm256_add_ps;
        sub(a, b) = _mm256_sub_ps;
        mul(a, b) = _mm256_mul_ps;
        div(a, b) = _mm256_div_ps;
        mul_add(a, b, c) = _mm256_fmadd_ps;
        neg_mul_add(a, b, c) = _mm256_fnmadd_ps;
        max(a, b) = _mm256_max_ps;
        min(a, b) = _mm256_min_ps;
        sqrt(a) = _mm256_sqrt_ps;
        round(a) = _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
    }

    #[inline(always)]
    fn half(self) -> Avx2 {
        self
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        // SAFETY: the token is proof of AVX
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load_ptr(self, p: *const f32) -> __m256 {
        // SAFETY: the token is proof of AVX; the caller promises 8 readable floats
        unsafe { _mm256_loadu_ps(p) }
    }

    /// One, two and four are loads of their own: of those a core does more at a time, and they cross fewer cache lines.
    #[inline(always)]
    unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> __m256 {
        // SAFETY: the token is proof of AVX; the caller promises `n` readable floats, and lanes masked out are not read
        unsafe {
            match n {
                1 => _mm256_zextps128_ps256(_mm_load_ss(p)),
                2 => _mm256_zextps128_ps256(_mm_castpd_ps(_mm_load_sd(p.cast()))),
                4 => _mm256_zextps128_ps256(_mm_loadu_ps(p)),
                _ => _mm256_maskload_ps(p, mask(n)),
            }
        }
    }

    #[inline(always)]
    unsafe fn store_ptr(self, p: *mut f32, v: __m256) {
        // SAFETY: the token is proof of AVX; the caller promises 8 writable floats
        unsafe { _mm256_storeu_ps(p, v) }
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

    /// By parts of four, two and one: a masked store takes AMD's cores ten cycles and more.
    #[inline(always)]
    unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: __m256) {
        // SAFETY: the token is proof of AVX; the caller promises `n` writable floats, of which the parts are as many as `n` has
        unsafe {
            let (mut p, mut left) = (p, _mm256_castps256_ps128(v));
            if n & 4 != 0 {
                _mm_storeu_ps(p, left);
                (p, left) = (p.add(4), _mm256_extractf128_ps::<1>(v));
            }
            if n & 2 != 0 {
                _mm_storel_pd(p.cast(), _mm_castps_pd(left));
                (p, left) = (p.add(2), _mm_movehl_ps(left, left));
            }
            if n & 1 != 0 {
                _mm_store_ss(p, left);
            }
        }
    }

    #[inline(always)]
    fn abs(self, a: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX
        unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), a) }
    }

    #[inline(always)]
    fn exp2_int(self, n: __m256) -> __m256 {
        self.exp2_biased(self.add(n, self.splat(EXP2_BIAS)))
    }

    #[inline(always)]
    fn exp2_biased(self, t: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX2
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(t))) }
    }

    /// With k x = n + j / 8 + f: the power of the first two from a table in a register, a polynomial of degree 3 for the rest.
    #[inline(always)]
    fn exp2_parts(self, x: __m256, k: f32, c: f32) -> (__m256, __m256) {
        let (near_c, biased) = exp2_near(self, x, k, EIGHTHS, NEAR_ZERO, c);
        // SAFETY: the token is proof of AVX2; the table has 8 numbers, of whose indices only the last 3 bits are taken
        let power = unsafe {
            let at = _mm256_castps_si256(biased);
            let of_j = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(POWERS.as_ptr().cast()), at);
            _mm256_castsi256_ps(_mm256_add_epi32(of_j, _mm256_slli_epi32::<20>(at)))
        };
        (near_c, power)
    }

    #[inline(always)]
    fn select_lt(self, x: __m256, y: __m256, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX
        unsafe { _mm256_blendv_ps(b, a, _mm256_cmp_ps::<_CMP_LT_OQ>(x, y)) }
    }

    #[inline(always)]
    fn select_nan(self, x: __m256, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX
        unsafe { _mm256_blendv_ps(b, a, _mm256_cmp_ps::<_CMP_UNORD_Q>(x, x)) }
    }

    #[inline(always)]
    fn copysign(self, magnitude: __m256, sign: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX
        unsafe {
            let bit = _mm256_set1_ps(-0.0);
            _mm256_or_ps(_mm256_andnot_ps(bit, magnitude), _mm256_and_ps(bit, sign))
        }
    }

    #[inline(always)]
    fn zip(self, a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the token is proof of AVX
        unsafe {
            // in each half of the vectors on its own
            let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            (_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high))
        }
    }

    #[inline(always)]
    unsafe fn load_pair_ptr(self, p: *const f32) -> __m256 {
        // SAFETY: the token is proof of AVX; the caller promises 2 readable floats
        unsafe { _mm256_castpd_ps(_mm256_set1_pd(p.cast::<f64>().read_unaligned())) }
    }

    #[inline(always)]
    fn add_pairs(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token is proof of AVX2
        unsafe {
            // two sums of `a` and two of `b` in each half of the vector
            let sums = _mm256_castps_pd(_mm256_hadd_ps(a, b));
            _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(sums))
        }
    }

    #[inline(always)]
    fn reduce_add(self, v: __m256) -> f32 {
        // SAFETY: the token is proof of AVX
        unsafe {
            let quad = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
            let pair = _mm_add_ps(quad, _mm_movehl_ps(quad, quad));
            _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
        }
    }

    #[inline(always)]
    fn reduce_max(self, v: __m256) -> f32 {
        let mut lanes = [0.0; 8];
        // SAFETY: the array holds 8 floats
        unsafe { self.store_ptr(lanes.as_mut_ptr(), v) }
        super::reduce_max_array(lanes)
    }
}
