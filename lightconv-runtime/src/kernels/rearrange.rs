//! The same numbers in other places, and maps of another size.

use super::{Map, Run, copy_run, run, zero_run};
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::Simd;

/// The most loops of a [`rearrange`].
const LOOPS: usize = 5;

/// Nested loops of `[turns, floats of src, floats of dst]` from turn to turn, the last one innermost: each turn copies one
/// float. At most five loops.
///
/// # Panics
/// When a view is too small, or there are more than five loops.
#[inline(always)]
pub fn rearrange<S: Simd, const N: usize>(s: S, loops: [[usize; 3]; N], src: Src, dst: Dst) {
    let mut all = [[1, 0, 0]; LOOPS];
    for (to, from) in all[LOOPS - N..].iter_mut().zip(loops) {
        *to = from;
    }
    let [a, b, c, d, [count, step_in, step_out]] = all;
    if all.iter().any(|[count, ..]| *count == 0) {
        return;
    }
    for ia in 0..a[0] {
        for ib in 0..b[0] {
            for ic in 0..c[0] {
                for id in 0..d[0] {
                    let from = ia * a[1] + ib * b[1] + ic * c[1] + id * d[1];
                    let to = ia * a[2] + ib * b[2] + ic * c[2] + id * d[2];
                    let src = src.cut(from, (count - 1) * step_in + 1);
                    let dst = dst.cut(to, (count - 1) * step_out + 1);
                    if (step_in, step_out) == (1, 1) {
                        copy_run(s, src, dst, count);
                    } else {
                        for i in 0..count {
                            dst.set(i * step_out, src.get(i * step_in));
                        }
                    }
                }
            }
        }
    }
}

/// Zeros all over a map.
///
/// # Panics
/// When the view is too small.
#[inline(always)]
pub fn zero<S: Simd>(s: S, output: Map, dst: Dst) {
    if output.stride == output.channels {
        return zero_run(s, dst, output.pixels() * output.channels);
    }
    for pixel in 0..output.pixels() {
        zero_run(s, dst.cut(pixel * output.stride, output.channels), output.channels);
    }
}

/// Output pixel `i` along an axis is input pixel `floor(i * step)`, computed in f32 (PyTorch's `nearest`).
///
/// # Panics
/// When a view is too small, or the numbers of channels differ.
#[inline(always)]
pub fn resize_nearest<S: Simd>(s: S, part: Part, input: Map, output: Map, step: [f32; 2], src: Src, dst: Dst) {
    assert!(input.channels == output.channels, "another size has the same channels");
    let nearest = |i: usize, step: f32, len: usize| ((i as f32 * step) as usize).min(len - 1);
    for y in part.of(output.height) {
        let row = nearest(y, step[0], input.height) * input.width;
        for x in 0..output.width {
            let src = src.cut((row + nearest(x, step[1], input.width)) * input.stride, input.channels);
            let dst = dst.cut((y * output.width + x) * output.stride, output.channels);
            copy_run(s, src, dst, output.channels);
        }
    }
}

/// Output pixel `i` along an axis lies at `(i + 0.5) * step - 0.5` of the input, or at `i * step` with aligned corners, and
/// is that much of its two neighbours (PyTorch's `bilinear`). The places are computed in f64. Error at most 4 ulp of the
/// largest neighbour.
///
/// # Panics
/// When a view is too small, or the numbers of channels differ.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn resize_bilinear<S: Simd>(
    s: S,
    part: Part,
    input: Map,
    output: Map,
    step: [f64; 2],
    align_corners: bool,
    src: Src,
    dst: Dst,
) {
    assert!(input.channels == output.channels, "another size has the same channels");
    let shift = |step: f64| if align_corners { 0.0 } else { 0.5 * step - 0.5 };
    let (down, across) = (shift(step[0]), shift(step[1]));
    for y in part.of(output.height) {
        let (rows, below) = between(y, step[0], down, input.height);
        for x in 0..output.width {
            let (columns, right) = between(x, step[1], across, input.width);
            let corner =
                |row: usize, column: usize| src.cut((row * input.width + column) * input.stride, input.channels);
            let [top, bottom] = rows.map(|row| columns.map(|column| corner(row, column)));
            let dst = dst.cut((y * output.width + x) * output.stride, output.channels);
            run(s, output.channels, Blend { top, bottom, right, below, dst });
        }
    }
}

/// The two pixels that output `i` lies between, and how far it is to the second.
#[inline(always)]
fn between(i: usize, step: f64, shift: f64, len: usize) -> ([usize; 2], f32) {
    let at = i as f64 * step + shift;
    let at = if at > 0.0 { at } else { 0.0 };
    let first = (at as usize).min(len - 1);
    let rest = at - first as f64;
    ([first, (first + 1).min(len - 1)], if rest < 1.0 { rest as f32 } else { 1.0 })
}

#[derive(Clone, Copy)]
struct Blend<'a> {
    top: [Src<'a>; 2],
    bottom: [Src<'a>; 2],
    right: f32,
    below: f32,
    dst: Dst<'a>,
}

impl Run for Blend<'_> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        // both parts are products, so that a weight of 0 or 1 gives exactly one neighbour
        let mix = |a: S::V, b: S::V, part: f32| s.mul_add(b, s.splat(part), s.mul(a, s.splat(1.0 - part)));
        for at in (0..N).map(|i| at + i * S::LANES) {
            let [a, b] = self.top.map(|src| src.load_n(s, at, n));
            let [c, d] = self.bottom.map(|src| src.load_n(s, at, n));
            let value = mix(mix(a, b, self.right), mix(c, d, self.right), self.below);
            self.dst.store_n(s, at, n, value);
        }
    }
}
