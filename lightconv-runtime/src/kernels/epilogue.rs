//! What convolutions do to their sums before they are written: activation, residual, activation.

use crate::activation::Activation;
use crate::memory::{Dst, Src, reach};
use crate::simd::{Simd, each};
use core::ops::Range;

/// What is added to a convolution's output after its activation: nothing ([`NoResidual`]) or an image ([`Residual`]).
pub trait Shortcut: Copy {
    /// The part for the `pixels` pixels from `pixel` on, of each the `channels` channels from `channel` on: they are checked here, once.
    ///
    /// # Panics
    /// When the image has no such part.
    fn part(self, pixel: usize, pixels: usize, channel: usize, channels: usize) -> Self;

    /// Floats from a pixel of the image to the one `pixels` further.
    fn floats(self, pixels: usize) -> usize;

    /// `x` and the `n` floats of the image from `at` on; further lanes are of no account.
    ///
    /// # Safety
    /// It must be a [`part`](Shortcut::part) that has them.
    unsafe fn add<S: Simd>(self, s: S, x: S::V, at: usize, n: usize) -> S::V;

    /// The same of several vectors, which the image has `step` floats apart.
    ///
    /// # Panics
    /// When the image has not all of them.
    fn add_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N], at: usize, step: usize, n: usize) -> [S::V; N];

    /// Whether pixels of `channels` channels follow each other without a gap.
    fn is_dense(self, channels: usize) -> bool;

    /// The same for an output that begins with pixel `first` of the whole.
    fn starting_at(self, first: usize) -> Self;
}

/// Nothing is added.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoResidual;

/// An image of the output's size is added. It must not share memory with the output: tiles overlap, so some outputs are
/// computed twice.
#[derive(Clone, Copy, Debug)]
pub struct Residual<'a> {
    /// The image, from channel 0 of its first pixel on.
    pub src: Src<'a>,
    /// Floats from a pixel to the next.
    pub stride: usize,
}

impl Shortcut for NoResidual {
    #[inline(always)]
    fn part(self, _: usize, _: usize, _: usize, _: usize) -> Self {
        self
    }

    #[inline(always)]
    fn floats(self, _: usize) -> usize {
        0
    }

    #[inline(always)]
    unsafe fn add<S: Simd>(self, _: S, x: S::V, _: usize, _: usize) -> S::V {
        x
    }

    #[inline(always)]
    fn add_all<S: Simd, const N: usize>(self, _: S, x: [S::V; N], _: usize, _: usize, _: usize) -> [S::V; N] {
        x
    }

    #[inline(always)]
    fn is_dense(self, _: usize) -> bool {
        true
    }

    #[inline(always)]
    fn starting_at(self, _: usize) -> Self {
        self
    }
}

impl Shortcut for Residual<'_> {
    #[inline(always)]
    fn part(self, pixel: usize, pixels: usize, channel: usize, channels: usize) -> Self {
        let src = self.src.cut(self.floats(pixel) + channel, reach(pixels, self.stride, channels));
        Residual { src, stride: self.stride }
    }

    #[inline(always)]
    fn floats(self, pixels: usize) -> usize {
        pixels * self.stride
    }

    #[inline(always)]
    unsafe fn add<S: Simd>(self, s: S, x: S::V, at: usize, n: usize) -> S::V {
        // SAFETY: the caller's promise
        s.add(x, unsafe { self.src.load_n_unchecked(s, at, n) })
    }

    #[inline(always)]
    fn add_all<S: Simd, const N: usize>(self, s: S, x: [S::V; N], at: usize, step: usize, n: usize) -> [S::V; N] {
        let image: [S::V; N] = self.src.load_all(s, at, step, n);
        each!(s, N, |i| s.add(x[i], image[i]))
    }

    #[inline(always)]
    fn is_dense(self, channels: usize) -> bool {
        self.stride == channels
    }

    #[inline(always)]
    fn starting_at(self, first: usize) -> Self {
        Residual { src: self.src.after(self.floats(first)), stride: self.stride }
    }
}

/// `after(act(x) + residual)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epilogue<A, R, B> {
    pub act: A,
    pub residual: R,
    pub after: B,
}

impl<A: Activation, R: Shortcut, B: Activation> Epilogue<A, R, B> {
    /// Whether it is better applied in a pass of its own.
    pub const COSTLY: bool = A::COSTLY || B::COSTLY;

    /// For the `pixels` pixels from `pixel` on, of each the `channels` channels from `channel` on: checked here, once.
    ///
    /// # Panics
    /// When the residual has no such part.
    #[inline(always)]
    pub fn part(self, pixel: usize, pixels: usize, channel: usize, channels: usize) -> Self {
        Epilogue { residual: self.residual.part(pixel, pixels, channel, channels), ..self }
    }

    /// The value of the vector of channels from `channel` on of pixel `pixel`, of `n` lanes that count.
    ///
    /// # Safety
    /// It must be a [`part`](Epilogue::part) that has them.
    #[inline(always)]
    pub unsafe fn apply_one<S: Simd>(self, s: S, x: S::V, pixel: usize, channel: usize, n: usize) -> S::V {
        let at = self.residual.floats(pixel) + channel;
        // SAFETY: the caller's promise
        let x = unsafe { self.residual.add(s, self.act.apply(s, x), at, n) };
        self.after.apply(s, x)
    }

    /// The values of `N` vectors of channels from `channel` on of pixel `pixel`, of `n` lanes that count each.
    #[inline(always)]
    pub fn apply<S: Simd, const N: usize>(
        self,
        s: S,
        x: [S::V; N],
        pixel: usize,
        channel: usize,
        n: usize,
    ) -> [S::V; N] {
        self.apply_apart(s, x, self.residual.floats(pixel) + channel, S::LANES, n)
    }

    /// The values of `N` pixels from `pixel` on, each `step` further, one vector of `n` channels from `channel` on of each.
    #[inline(always)]
    pub fn apply_pixels<S: Simd, const N: usize>(
        self,
        s: S,
        x: [S::V; N],
        pixel: usize,
        step: usize,
        channel: usize,
        n: usize,
    ) -> [S::V; N] {
        self.apply_apart(s, x, self.residual.floats(pixel) + channel, self.residual.floats(step), n)
    }

    /// The values of `N` vectors, those of the residual from its float `at` on, `step` floats apart.
    #[inline(always)]
    fn apply_apart<S: Simd, const N: usize>(self, s: S, x: [S::V; N], at: usize, step: usize, n: usize) -> [S::V; N] {
        let x: [S::V; N] = self.act.apply_all(s, x);
        let x: [S::V; N] = self.residual.add_all(s, x, at, step, n);
        self.after.apply_all(s, x)
    }

    /// Applies it to what stands in `dst`: some channels of some pixels, `stride` floats apart.
    #[inline(always)]
    pub fn pass<S: Simd>(self, s: S, dst: Dst, stride: usize, channels: Range<usize>, pixels: Range<usize>) {
        let (channel, len) = (channels.start, channels.len());
        let dense = stride == len && self.residual.is_dense(len);
        let (pixels, len) = if dense { (pixels.start..pixels.start + 1, pixels.len() * len) } else { (pixels, len) };
        for pixel in pixels {
            super::run(s, len, Pass { epilogue: self, dst, pixel, stride, channel });
        }
    }
}

/// The pass over one pixel.
#[derive(Clone, Copy)]
struct Pass<'a, A, R, B> {
    epilogue: Epilogue<A, R, B>,
    dst: Dst<'a>,
    pixel: usize,
    stride: usize,
    /// The first channel.
    channel: usize,
}

impl<A: Activation, R: Shortcut, B: Activation> super::Run for Pass<'_, A, R, B> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        if const { N == 4 && Epilogue::<A, R, B>::COSTLY && S::REGISTERS < 32 } {
            // an exponential of four vectors side by side does not fit the registers
            self.step::<S, 2>(s, at, n);
            return self.step::<S, 2>(s, at + 2 * S::LANES, n);
        }
        let at = self.channel + at;
        let start = self.pixel * self.stride + at;
        let x: [S::V; N] = self.dst.as_src().load_all(s, start, S::LANES, n);
        self.dst.store_all(s, start, S::LANES, n, self.epilogue.apply(s, x, self.pixel, at, n));
    }
}
