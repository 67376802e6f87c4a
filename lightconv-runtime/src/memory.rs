//! Views of activation memory: what a kernel reads ([`Src`]) and writes ([`Dst`]).
//!
//! Steps of a plan read and write different parts of one arena, and concatenation makes them interleave: two steps'
//! outputs may be alternate runs of channels of one buffer. Slices cannot say that, cells can: a view is a pointer into
//! cells (or into a slice that nobody else writes), with a length. Reading what another view is about to write is
//! therefore never undefined, at worst a wrong number, and the planner's tests see to it that it does not happen.

use crate::simd::{Simd, each};
use core::cell::Cell;
use core::marker::PhantomData;

/// Floats of a cache line.
pub(crate) const LINE: usize = 16;

/// Floats to read.
#[derive(Clone, Copy, Debug)]
pub struct Src<'a> {
    ptr: *const f32,
    len: usize,
    life: PhantomData<&'a [Cell<f32>]>,
}

/// Floats to write (and to read back).
#[derive(Clone, Copy, Debug)]
pub struct Dst<'a> {
    ptr: *mut f32,
    len: usize,
    life: PhantomData<&'a [Cell<f32>]>,
}

impl<'a> From<&'a [f32]> for Src<'a> {
    #[inline(always)]
    fn from(s: &'a [f32]) -> Self {
        Src { ptr: s.as_ptr(), len: s.len(), life: PhantomData }
    }
}

impl<'a> From<&'a [Cell<f32>]> for Src<'a> {
    #[inline(always)]
    fn from(s: &'a [Cell<f32>]) -> Self {
        Src { ptr: s.as_ptr().cast(), len: s.len(), life: PhantomData }
    }
}

impl<'a> From<&'a [Cell<f32>]> for Dst<'a> {
    #[inline(always)]
    fn from(s: &'a [Cell<f32>]) -> Self {
        // `Cell::as_ptr` semantics: a shared cell may be written through its pointer
        Dst { ptr: s.as_ptr().cast::<f32>().cast_mut(), len: s.len(), life: PhantomData }
    }
}

impl<'a> From<&'a mut [f32]> for Dst<'a> {
    #[inline(always)]
    fn from(s: &'a mut [f32]) -> Self {
        Dst { ptr: s.as_mut_ptr(), len: s.len(), life: PhantomData }
    }
}

impl<'a> From<Dst<'a>> for Src<'a> {
    #[inline(always)]
    fn from(d: Dst<'a>) -> Self {
        Src { ptr: d.ptr, len: d.len, life: PhantomData }
    }
}

#[cold]
#[inline(never)]
fn out_of_view(at: usize, n: usize, len: usize) -> ! {
    panic!("floats {at}..{} of a view of {len}", at.wrapping_add(n))
}

#[inline(always)]
fn check(at: usize, n: usize, len: usize) {
    if n > len || at > len - n {
        out_of_view(at, n, len)
    }
}

/// Floats from the first to the last of `count` runs of `n`, each `step` floats after the one before: the length of the view whose floats
/// `i * step + j` may be read unchecked, with `i < count` and `j < n`. More than any view has where that overflows.
#[inline(always)]
pub(crate) const fn reach(count: usize, step: usize, n: usize) -> usize {
    if count == 0 { 0 } else { (count - 1).saturating_mul(step).saturating_add(n) }
}

impl Src<'_> {
    /// A view of nothing.
    #[inline(always)]
    #[must_use]
    pub const fn empty() -> Src<'static> {
        Src { ptr: core::ptr::dangling(), len: 0, life: PhantomData }
    }
}

impl<'a> Src<'a> {
    /// How many floats the view holds.
    #[inline(always)]
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether it holds none.
    #[inline(always)]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The floats from `at` on.
    ///
    /// # Panics
    /// When `at` is beyond the end.
    #[inline(always)]
    #[must_use]
    pub fn after(self, at: usize) -> Src<'a> {
        self.cut(at, self.len.saturating_sub(at))
    }

    /// The `n` floats from `at` on.
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    #[must_use]
    pub fn cut(self, at: usize, n: usize) -> Src<'a> {
        check(at, n, self.len);
        // SAFETY: at + n <= len, so the pointer stays within (or one past) the same memory
        Src { ptr: unsafe { self.ptr.add(at) }, len: n, life: PhantomData }
    }

    /// The float at `at`.
    ///
    /// # Panics
    /// When it is not in the view.
    #[inline(always)]
    #[must_use]
    pub fn get(self, at: usize) -> f32 {
        check(at, 1, self.len);
        // SAFETY: just checked
        unsafe { self.get_unchecked(at) }
    }

    /// The float at `at`, unchecked.
    ///
    /// # Safety
    /// `at < self.len()`.
    #[inline(always)]
    #[must_use]
    pub unsafe fn get_unchecked(self, at: usize) -> f32 {
        debug_assert!(at < self.len);
        // SAFETY: the caller's promise; the memory is cells or an unwritten slice, alive for 'a
        unsafe { self.ptr.add(at).read() }
    }

    /// The vector at `at`.
    ///
    /// # Panics
    /// When it is not all in the view.
    #[inline(always)]
    #[must_use]
    pub fn load<S: Simd>(self, s: S, at: usize) -> S::V {
        check(at, S::LANES, self.len);
        // SAFETY: just checked
        unsafe { self.load_unchecked(s, at) }
    }

    /// The vector at `at`, unchecked.
    ///
    /// # Safety
    /// `at + S::LANES <= self.len()`.
    #[inline(always)]
    #[must_use]
    pub unsafe fn load_unchecked<S: Simd>(self, s: S, at: usize) -> S::V {
        debug_assert!(at + S::LANES <= self.len);
        // SAFETY: the caller's promise; the memory is cells or an unwritten slice, alive for 'a
        unsafe { s.load_ptr(self.ptr.add(at)) }
    }

    /// The `n <= S::LANES` floats at `at`, further lanes 0.
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    #[must_use]
    pub fn load_n<S: Simd>(self, s: S, at: usize, n: usize) -> S::V {
        debug_assert!(n <= S::LANES);
        check(at, n, self.len);
        // SAFETY: just checked
        unsafe { self.load_n_unchecked(s, at, n) }
    }

    /// The `n <= S::LANES` floats at `at`, further lanes 0, unchecked.
    ///
    /// # Safety
    /// `at + n <= self.len()`.
    #[inline(always)]
    #[must_use]
    pub unsafe fn load_n_unchecked<S: Simd>(self, s: S, at: usize, n: usize) -> S::V {
        debug_assert!(n <= S::LANES && at + n <= self.len);
        // SAFETY: the caller's promise; the memory is cells or an unwritten slice, alive for 'a
        unsafe {
            let p = self.ptr.add(at);
            if n == S::LANES { s.load_ptr(p) } else { s.load_partial_ptr(p, n) }
        }
    }

    /// `N` vectors from `at` on, `step` floats apart, the first `n <= S::LANES` lanes of each, further lanes 0: one check for all.
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    #[must_use]
    pub fn load_all<S: Simd, const N: usize>(self, s: S, at: usize, step: usize, n: usize) -> [S::V; N] {
        let view = self.cut(at, reach(N, step, n));
        // SAFETY: i < N, so the vector ends within the view
        each!(s, N, |i| unsafe { view.load_n_unchecked(s, i * step, n) })
    }

    /// The two floats at `at` in turn, in all lanes, unchecked.
    ///
    /// # Safety
    /// `at + 2 <= self.len()`.
    #[inline(always)]
    #[must_use]
    pub unsafe fn load_pair_unchecked<S: Simd>(self, s: S, at: usize) -> S::V {
        debug_assert!(at + 2 <= self.len);
        // SAFETY: the caller's promise; the memory is cells or an unwritten slice, alive for 'a
        unsafe { s.load_pair_ptr(self.ptr.add(at)) }
    }

    /// Where it begins.
    #[inline(always)]
    #[must_use]
    pub fn as_ptr(self) -> *const f32 {
        self.ptr
    }
}

impl Dst<'_> {
    /// A view of nothing.
    #[inline(always)]
    #[must_use]
    pub const fn empty() -> Dst<'static> {
        Dst { ptr: core::ptr::dangling_mut(), len: 0, life: PhantomData }
    }
}

impl<'a> Dst<'a> {
    /// How many floats the view holds.
    #[inline(always)]
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether it holds none.
    #[inline(always)]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The floats from `at` on.
    ///
    /// # Panics
    /// When `at` is beyond the end.
    #[inline(always)]
    #[must_use]
    pub fn after(self, at: usize) -> Dst<'a> {
        self.cut(at, self.len.saturating_sub(at))
    }

    /// The `n` floats from `at` on.
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    #[must_use]
    pub fn cut(self, at: usize, n: usize) -> Dst<'a> {
        check(at, n, self.len);
        // SAFETY: at + n <= len, so the pointer stays within (or one past) the same memory
        Dst { ptr: unsafe { self.ptr.add(at) }, len: n, life: PhantomData }
    }

    /// Writes the float at `at`.
    ///
    /// # Panics
    /// When it is not in the view.
    #[inline(always)]
    pub fn set(self, at: usize, x: f32) {
        check(at, 1, self.len);
        // SAFETY: just checked; the memory is cells or a slice borrowed mutably for 'a
        unsafe { self.ptr.add(at).write(x) }
    }

    /// Sets all floats to zero.
    pub fn zero(self) {
        // SAFETY: the view holds so many; the memory is cells or a slice borrowed mutably for 'a, and zeros are floats
        unsafe { self.ptr.write_bytes(0, self.len) }
    }

    /// Writes those of `src`, from the first on.
    ///
    /// # Panics
    /// When they do not fit.
    pub fn copy_from(self, src: Src) {
        check(0, src.len, self.len);
        // SAFETY: just checked; the memory is cells or a slice borrowed mutably for 'a
        unsafe { self.ptr.copy_from(src.ptr, src.len) }
    }

    /// Writes the vector at `at`.
    ///
    /// # Panics
    /// When it is not all in the view.
    #[inline(always)]
    pub fn store<S: Simd>(self, s: S, at: usize, v: S::V) {
        check(at, S::LANES, self.len);
        // SAFETY: just checked
        unsafe { self.store_unchecked(s, at, v) }
    }

    /// Brings the cache line of the float at `at` near, to be written soon; nothing happens where it is not in the view.
    #[inline(always)]
    pub fn prefetch<S: Simd>(self, s: S, at: usize) {
        if at < self.len {
            s.prefetch_write(self.ptr.wrapping_add(at));
        }
    }

    /// The same for the first `floats` of each of some pixels, `stride` floats apart, from `at` on. Compiled once a backend, not in each kernel.
    #[inline(never)]
    pub(crate) fn prefetch_pixels<S: Simd>(self, s: S, at: usize, pixels: usize, stride: usize, floats: usize) {
        for pixel in 0..pixels {
            for float in (0..floats).step_by(LINE) {
                self.prefetch(s, at + pixel * stride + float);
            }
        }
    }

    /// Writes the vector at `at`, unchecked.
    ///
    /// # Safety
    /// `at + S::LANES <= self.len()`.
    #[inline(always)]
    pub unsafe fn store_unchecked<S: Simd>(self, s: S, at: usize, v: S::V) {
        debug_assert!(at + S::LANES <= self.len);
        // SAFETY: the caller's promise; the memory is cells or a slice borrowed mutably for 'a
        unsafe { s.store_ptr(self.ptr.add(at), v) }
    }

    /// Writes the first `n <= S::LANES` lanes at `at`.
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    pub fn store_n<S: Simd>(self, s: S, at: usize, n: usize, v: S::V) {
        check(at, n, self.len);
        // SAFETY: just checked
        unsafe { self.store_n_unchecked(s, at, n, v) }
    }

    /// Writes the first `n <= S::LANES` lanes of `N` vectors from `at` on, `step` floats apart. There is one check for all, before the first
    /// write: one between two writes would have the optimiser compute each vector after it, one by one where they could go
    /// side by side (an inverted residual took an eighth longer so).
    ///
    /// # Panics
    /// When they are not all in the view.
    #[inline(always)]
    pub fn store_all<S: Simd, const N: usize>(self, s: S, at: usize, step: usize, n: usize, values: [S::V; N]) {
        let view = self.cut(at, reach(N, step, n));
        for (i, &v) in values.iter().enumerate() {
            // SAFETY: i < N, so the vector ends within the view
            unsafe { view.store_n_unchecked(s, i * step, n, v) }
        }
    }

    /// Writes the first `n <= S::LANES` lanes at `at`, unchecked.
    ///
    /// # Safety
    /// `at + n <= self.len()`.
    #[inline(always)]
    pub unsafe fn store_n_unchecked<S: Simd>(self, s: S, at: usize, n: usize, v: S::V) {
        debug_assert!(n <= S::LANES && at + n <= self.len);
        // SAFETY: the caller's promise; the memory is cells or a slice borrowed mutably for 'a
        unsafe {
            let p = self.ptr.add(at);
            if n == S::LANES { s.store_ptr(p, v) } else { s.store_partial_ptr(p, n, v) }
        }
    }

    /// The same memory, to read.
    #[inline(always)]
    #[must_use]
    pub fn as_src(self) -> Src<'a> {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::reach;

    #[test]
    fn a_reach_that_overflows_fits_no_view() {
        assert_eq!([reach(0, 5, 3), reach(1, 5, 3), reach(3, 5, 3)], [0, 3, 13]);
        assert_eq!(reach(1, usize::MAX, 16), 16);
        for (count, step, n) in
            [(2, usize::MAX, 1), (5, usize::MAX / 4, 4), (usize::MAX, 2, 0), (3, usize::MAX / 2 + 1, 16)]
        {
            assert_eq!(reach(count, step, n), usize::MAX);
        }
    }
}
