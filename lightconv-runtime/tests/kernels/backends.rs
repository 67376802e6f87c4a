//! Running a piece of generic code on every backend.

use lightconv_runtime::simd::{Portable, Simd, Twin16};

/// Code that is generic over the backend. `run` must be `#[inline(always)]`, so that it inherits the features.
pub trait Job {
    fn run<S: Simd>(&self, s: S, backend: &str);
}

/// Code that has a part of its own for backends of 4, 8 and 16 lanes.
pub trait ByWidth {
    fn four<S: Simd>(&self, s: S, backend: &str);
    fn eight<S: Simd>(&self, s: S, backend: &str);
    fn sixteen<S: Simd>(&self, s: S, backend: &str);
}

impl<J: Job> ByWidth for J {
    #[inline(always)]
    fn four<S: Simd>(&self, s: S, backend: &str) {
        self.run(s, backend);
    }

    #[inline(always)]
    fn eight<S: Simd>(&self, s: S, backend: &str) {
        self.run(s, backend);
    }

    #[inline(always)]
    fn sixteen<S: Simd>(&self, s: S, backend: &str) {
        self.run(s, backend);
    }
}

/// Runs it on all of them.
pub fn everywhere<J: ByWidth>(job: &J) {
    job.four(Portable::new(), "portable");
    job.sixteen(Twin16, "twin");
    #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
    if has_avx2() {
        // SAFETY: just detected
        unsafe { avx2(job) }
    }
    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
    if has_avx512() {
        // SAFETY: just detected
        unsafe { avx512(job) }
    }
}

#[cfg(target_arch = "x86_64")]
pub fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
pub fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
#[target_feature(enable = "avx2,fma")]
fn avx2<J: ByWidth>(job: &J) {
    job.eight(lightconv_runtime::simd::Avx2::new(), "avx2");
}

#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
fn avx512<J: ByWidth>(job: &J) {
    job.sixteen(lightconv_runtime::simd::Avx512::new(), "avx512");
}
