//! A stand-in for AVX-512 on any CPU: vectors of 16 and 8 as arrays of portable ones, so that the tiles, masks and
//! half-width panels of that backend are tested everywhere.

use super::{Portable, Simd};
use core::array::from_fn;
use wide::f32x4;

/// Vectors of 16, as AVX-512's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Twin16;

/// Vectors of 8: the half of [`Twin16`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Twin8;

/// Methods that are the portable backend's on each quarter.
macro_rules! lanewise {
    ($n:literal: $($name:ident($($arg:ident),+);)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: [f32x4; $n]),+) -> [f32x4; $n] {
            from_fn(|i| Portable.$name($($arg[i]),+))
        }
    )+ };
}

macro_rules! twin {
    ($token:ident, $half:ident, $n:literal) => {
        impl Simd for $token {
            const LANES: usize = 4 * $n;
            const REGISTERS: usize = 32;
            const MASKS: bool = true;
            type Half = $half;
            type V = [f32x4; $n];

            lanewise! { $n:
                add(a, b);
                sub(a, b);
                mul(a, b);
                div(a, b);
                mul_add(a, b, c);
                neg_mul_add(a, b, c);
                max(a, b);
                min(a, b);
                abs(a);
                sqrt(a);
                round(a);
                exp2_int(a);
                exp2_biased(a);
                select_lt(x, y, a, b);
                select_nan(x, a, b);
                copysign(magnitude, sign);
            }

            #[inline(always)]
            fn half(self) -> $half {
                $half
            }

            #[inline(always)]
            fn splat(self, x: f32) -> Self::V {
                [f32x4::splat(x); $n]
            }

            #[inline(always)]
            unsafe fn load_ptr(self, p: *const f32) -> Self::V {
                // SAFETY: the caller's promise: as many floats as lanes can be read at `p`
                from_fn(|i| unsafe { Portable.load_ptr(p.add(4 * i)) })
            }

            #[inline(always)]
            unsafe fn load_partial_ptr(self, p: *const f32, n: usize) -> Self::V {
                let mut lanes = [0.0; 4 * $n];
                for (i, x) in lanes.iter_mut().enumerate().take(n) {
                    // SAFETY: the caller's promise: `n` floats can be read at `p`
                    *x = unsafe { p.add(i).read() };
                }
                // SAFETY: the array has as many floats as there are lanes
                unsafe { self.load_ptr(lanes.as_ptr()) }
            }

            #[inline(always)]
            unsafe fn store_ptr(self, p: *mut f32, v: Self::V) {
                for (i, x) in v.into_iter().enumerate() {
                    // SAFETY: the caller's promise: as many floats as lanes can be written at `p`
                    unsafe { Portable.store_ptr(p.add(4 * i), x) }
                }
            }

            #[inline(always)]
            unsafe fn store_partial_ptr(self, p: *mut f32, n: usize, v: Self::V) {
                for (i, x) in lanes(v).enumerate().take(n) {
                    // SAFETY: the caller's promise: `n` floats can be written at `p`
                    unsafe { p.add(i).write(x) }
                }
            }

            #[inline(always)]
            fn zip(self, a: Self::V, b: Self::V) -> (Self::V, Self::V) {
                let part = |i: usize| {
                    let (low, high) = Portable.zip(a[i / 2], b[i / 2]);
                    if i % 2 == 0 { low } else { high }
                };
                (from_fn(part), from_fn(|i| part(i + $n)))
            }

            #[inline(always)]
            unsafe fn load_pair_ptr(self, p: *const f32) -> Self::V {
                // SAFETY: the caller's promise: 2 floats can be read at `p`
                [unsafe { Portable.load_pair_ptr(p) }; $n]
            }

            #[inline(always)]
            fn add_pairs(self, a: Self::V, b: Self::V) -> Self::V {
                let mut sums = [0.0; 4 * $n];
                for (i, x) in lanes(a).chain(lanes(b)).enumerate() {
                    sums[i / 2] += x;
                }
                // SAFETY: the array has as many floats as there are lanes
                unsafe { self.load_ptr(sums.as_ptr()) }
            }

            #[inline(always)]
            fn reduce_add(self, v: Self::V) -> f32 {
                lanes(v).sum()
            }

            #[inline(always)]
            fn reduce_max(self, v: Self::V) -> f32 {
                let mut all = [0.0; 4 * $n];
                for (to, x) in all.iter_mut().zip(lanes(v)) {
                    *to = x;
                }
                super::reduce_max_array(all)
            }
        }
    };
}

twin!(Twin16, Twin8, 4);
twin!(Twin8, Twin8, 2);

#[inline(always)]
fn lanes<const N: usize>(v: [f32x4; N]) -> impl Iterator<Item = f32> {
    v.into_iter().flat_map(f32x4::to_array)
}
