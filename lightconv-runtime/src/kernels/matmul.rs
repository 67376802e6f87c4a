//! Matrix products: of two maps, channel by channel, and of two matrices in memory.

use super::{Map, Run, run};
use crate::activation::Activation;
use crate::memory::{Dst, Src, reach};
use crate::simd::{Simd, each};

/// The sizes of a product of maps: `[C, H, K]` times `[C, K, W]` is `[C, H, W]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMul {
    /// Left.
    pub a: Map,
    /// Right.
    pub b: Map,
    /// What goes out.
    pub output: Map,
}

/// `dst = act(a * b)`, a matrix product for each channel.
///
/// # Panics
/// When a view is too small, or the sizes do not fit.
#[inline(always)]
pub fn matmul<S: Simd, A: Activation>(s: S, sizes: MatMul, a: Src, b: Src, dst: Dst, act: A) {
    let MatMul { a: left, b: right, output } = sizes;
    assert!(left.channels == right.channels && left.channels == output.channels, "the channels must agree");
    assert!(left.height == output.height && right.width == output.width, "the product has rows of a, columns of b");
    assert!(left.width == right.height, "columns of a must be rows of b");
    if left.stride == 1 && right.stride == 1 && output.stride == 1 {
        let (a, b) = (Rows { view: a, step: left.width }, Rows { view: b, step: right.width });
        let (sizes, dst) = ([left.height, left.width, right.width], Rows { view: dst, step: output.width });
        return product(s, sizes, a, b, dst, 1.0, act);
    }
    for y in 0..output.height {
        let a = a.after(y * left.width * left.stride);
        for x in 0..output.width {
            let (b, dst) = (b.after(x * right.stride), dst.after((y * output.width + x) * output.stride));
            let (step_a, step_b) = (left.stride, right.width * right.stride);
            run(s, output.channels, Pixel { a, step_a, b, step_b, inner: left.width, dst, act });
        }
    }
}

/// One pixel of a product of maps.
#[derive(Clone, Copy)]
struct Pixel<'a, A> {
    a: Src<'a>,
    step_a: usize,
    b: Src<'a>,
    step_b: usize,
    inner: usize,
    dst: Dst<'a>,
    act: A,
}

impl<A: Activation> Run for Pixel<'_, A> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let mut sums: [S::V; N] = [s.splat(0.0); N];
        for k in 0..self.inner {
            let (a, b) = (k * self.step_a + at, k * self.step_b + at);
            let a: [S::V; N] = self.a.load_all(s, a, S::LANES, n);
            let b: [S::V; N] = self.b.load_all(s, b, S::LANES, n);
            sums = each!(s, N, |i| s.mul_add(a[i], b[i], sums[i]));
        }
        self.dst.store_all(s, at, S::LANES, n, self.act.apply_all(s, sums));
    }
}

/// Rows of a matrix in memory, each without gaps.
#[derive(Clone, Copy)]
pub(super) struct Rows<V> {
    /// From the first number of the first row on.
    pub view: V,
    /// Floats from a row to the next.
    pub step: usize,
}

/// Rows of the tile of [`product`].
pub(super) const TILE: usize = 4;

/// `dst = act(factor * a * b)` for `rows` rows of `a` and `inner` of `b`, which are `columns` long.
///
/// # Panics
/// When a view is too small.
#[inline(always)]
pub(super) fn product<S: Simd, A: Activation>(
    s: S,
    [rows, inner, columns]: [usize; 3],
    a: Rows<Src>,
    b: Rows<Src>,
    dst: Rows<Dst>,
    factor: f32,
    act: A,
) {
    let mut row = 0;
    while row < rows {
        let (from, to) = (a.view.after(row * a.step), dst.view.after(row * dst.step));
        let (a, dst) = (Rows { view: from, ..a }, Rows { view: to, ..dst });
        if row + TILE <= rows {
            strip::<S, A, TILE>(s, inner, columns, a, b, dst, factor, act);
            row += TILE;
        } else {
            strip::<S, A, 1>(s, inner, columns, a, b, dst, factor, act);
            row += 1;
        }
    }
}

/// `M` rows of a product.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn strip<S: Simd, A: Activation, const M: usize>(
    s: S,
    inner: usize,
    columns: usize,
    a: Rows<Src>,
    b: Rows<Src>,
    dst: Rows<Dst>,
    factor: f32,
    act: A,
) {
    let mut at = 0;
    while at + 2 * S::LANES <= columns {
        tile::<S, A, M, 2>(s, inner, at, S::LANES, a, b, dst, factor, act);
        at += 2 * S::LANES;
    }
    while at < columns {
        let n = S::LANES.min(columns - at);
        tile::<S, A, M, 1>(s, inner, at, n, a, b, dst, factor, act);
        at += n;
    }
}

/// `M` rows and `N` vectors of columns from `at` on, of `n` lanes that count each.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn tile<S: Simd, A: Activation, const M: usize, const N: usize>(
    s: S,
    inner: usize,
    at: usize,
    n: usize,
    a: Rows<Src>,
    b: Rows<Src>,
    dst: Rows<Dst>,
    factor: f32,
    act: A,
) {
    // both checks stand for all reads below
    let left = a.view.cut(0, reach(M, a.step, inner));
    let right = b.view.cut(at, reach(inner, b.step, (N - 1) * S::LANES + n));
    let mut sums = [[s.splat(0.0); N]; M];
    for k in 0..inner {
        // SAFETY: k < inner, and n < LANES only where N is 1
        let row: [S::V; N] = each!(s, N, |i| unsafe { right.load_n_unchecked(s, k * b.step + i * S::LANES, n) });
        for (m, sums) in sums.iter_mut().enumerate() {
            // SAFETY: m < M and k < inner
            let x = s.splat(unsafe { left.get_unchecked(m * a.step + k) });
            for (sum, y) in sums.iter_mut().zip(row) {
                *sum = s.mul_add(x, y, *sum);
            }
        }
    }
    for (m, sums) in sums.iter().enumerate() {
        let y: [S::V; N] = act.apply_all(s, each!(s, N, |i| s.mul(sums[i], s.splat(factor))));
        dst.view.store_all(s, m * dst.step + at, S::LANES, n, y);
    }
}
