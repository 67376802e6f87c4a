//! Running a piece of generic code on every backend.

use lightconv_runtime::Backend;
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
    if Backend::Avx2.is_available() {
        // SAFETY: it is available
        unsafe { avx2(job) }
    }
    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
    if Backend::Avx512.is_available() {
        // SAFETY: it is available
        unsafe { avx512(job) }
    }
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
