//! Functions of one element, or of two at the same place: activations, arithmetic with broadcasting, affine maps, PReLU.

use super::{Map, Run, check_sizes, run};
use crate::activation::Activation;
use crate::crew::Part;
use crate::memory::{Dst, Src};
use crate::simd::{Simd, each};

/// `dst = act(src)`, `part` of it. The maps are of one size; they may be the same memory, pixel by pixel.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
pub fn unary<S: Simd, A: Activation>(s: S, part: Part, input: Map, output: Map, src: Src, dst: Dst, act: A) {
    rows(s, part, input, output, src, dst, Plain(act));
}

/// `dst = act(src * scale + shift)`, a scale and a shift for each channel: `params` are the scales, zeros up to a
/// multiple of 8, then the shifts likewise. `part` of it. The maps may be the same memory, pixel by pixel.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn affine<S: Simd, A: Activation>(
    s: S,
    part: Part,
    input: Map,
    output: Map,
    src: Src,
    params: Src,
    dst: Dst,
    act: A,
) {
    let shift = params.after(input.channels.next_multiple_of(8));
    rows(s, part, input, output, src, dst, Affine { scale: params, shift, act });
}

/// `dst = src` where it is at least 0, else `slope * src`, with one slope for all channels (`slopes` is one float) or one
/// for each. `part` of it. The maps may be the same memory, pixel by pixel.
///
/// # Panics
/// When a view is too small, or the sizes differ.
#[inline(always)]
pub fn prelu<S: Simd>(s: S, part: Part, input: Map, output: Map, src: Src, slopes: Src, dst: Dst) {
    rows(s, part, input, output, src, dst, Prelu(slopes));
}

/// Steps in floats through an operand that may be smaller than the output: a step of 0 repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strides {
    /// From a row to the next.
    pub row: usize,
    /// From a pixel to the next.
    pub pixel: usize,
    /// From a channel to the next: 1, or 0.
    pub channel: usize,
}

impl Strides {
    /// Those of a whole map.
    #[must_use]
    pub const fn of(map: Map) -> Self {
        Strides { row: map.width * map.stride, pixel: map.stride, channel: 1 }
    }
}

/// The sizes of an operation on two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// What goes out.
    pub output: Map,
    /// The steps through the first operand.
    pub a: Strides,
    /// The steps through the second.
    pub b: Strides,
}

/// A function of two numbers.
pub trait BinaryOp: Copy {
    /// The function of each lane.
    fn apply<S: Simd>(self, s: S, a: S::V, b: S::V) -> S::V;
}

/// `a + b`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Add;
/// `a - b`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sub;
/// `a * b`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mul;
/// `a / b`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Div;
/// The larger; NaN where either is NaN.
#[derive(Clone, Copy, Debug, Default)]
pub struct Max;
/// The smaller; NaN where either is NaN.
#[derive(Clone, Copy, Debug, Default)]
pub struct Min;

macro_rules! binary_op {
    ($op:ident: |$s:ident, $a:ident, $b:ident| $value:expr) => {
        impl BinaryOp for $op {
            #[inline(always)]
            fn apply<S: Simd>(self, $s: S, $a: S::V, $b: S::V) -> S::V {
                $value
            }
        }
    };
}

binary_op!(Add: |s, a, b| s.add(a, b));
binary_op!(Sub: |s, a, b| s.sub(a, b));
binary_op!(Mul: |s, a, b| s.mul(a, b));
binary_op!(Div: |s, a, b| s.div(a, b));
// `max` and `min` themselves keep a NaN of `b` alone
binary_op!(Max: |s, a, b| s.select_nan(a, a, s.max(a, b)));
binary_op!(Min: |s, a, b| s.select_nan(a, a, s.min(a, b)));

/// `dst = act(op(a, b))`, `part` of it. An operand of the output's size may be the same memory as `dst`, pixel by pixel.
///
/// # Panics
/// When a view is too small for these sizes.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn binary<S: Simd, O: BinaryOp, A: Activation>(
    s: S,
    part: Part,
    broadcast: Broadcast,
    a: Src,
    b: Src,
    dst: Dst,
    op: O,
    act: A,
) {
    let Broadcast { output, a: sa, b: sb } = broadcast;
    // operands of the output's own layout are one run with it
    let whole = Strides::of(output);
    if output.stride == output.channels && sa == whole && sb == whole {
        let floats = part.of_floats(output.extent());
        let (a, b) = (a.cut(floats.start, floats.len()), b.cut(floats.start, floats.len()));
        let dst = dst.cut(floats.start, floats.len());
        return run(s, floats.len(), Binary { a, b, step_a: 1, step_b: 1, dst, op, act });
    }
    for y in part.of(output.height) {
        for x in 0..output.width {
            let (a, b) = (a.after(y * sa.row + x * sa.pixel), b.after(y * sb.row + x * sb.pixel));
            let dst = dst.cut((y * output.width + x) * output.stride, output.channels);
            run(s, output.channels, Binary { a, b, step_a: sa.channel, step_b: sb.channel, dst, op, act });
        }
    }
}

#[derive(Clone, Copy)]
struct Binary<'a, O, A> {
    a: Src<'a>,
    b: Src<'a>,
    step_a: usize,
    step_b: usize,
    dst: Dst<'a>,
    op: O,
    act: A,
}

impl<O: BinaryOp, A: Activation> Run for Binary<'_, O, A> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let a: [S::V; N] = operand(s, self.a, self.step_a, at, n);
        let b: [S::V; N] = operand(s, self.b, self.step_b, at, n);
        let x = each!(s, N, |i| self.op.apply(s, a[i], b[i]));
        let y: [S::V; N] = self.act.apply_all(s, x);
        self.dst.store_all(s, at, S::LANES, n, y);
    }
}

#[inline(always)]
fn operand<S: Simd, const N: usize>(s: S, src: Src, step: usize, at: usize, n: usize) -> [S::V; N] {
    if step == 0 { [s.splat(src.get(0)); N] } else { src.load_all(s, at, S::LANES, n) }
}

/// A function of an element and its channel.
trait Lane: Copy {
    /// Whether it is the same for all channels.
    fn is_uniform(self) -> bool;
    /// The function of `N` vectors of channels from `channel` on, `n` lanes of each.
    fn apply<S: Simd, const N: usize>(self, s: S, x: [S::V; N], channel: usize, n: usize) -> [S::V; N];
}

/// Applies a function to every pixel.
#[inline(always)]
fn rows<S: Simd, F: Lane>(s: S, part: Part, input: Map, output: Map, src: Src, dst: Dst, f: F) {
    check_sizes(input, output);
    let dense = input.stride == input.channels && output.stride == output.channels;
    if dense && f.is_uniform() {
        let floats = part.of_floats(output.extent());
        let (src, dst) = (src.cut(floats.start, floats.len()), dst.cut(floats.start, floats.len()));
        return run(s, floats.len(), Row { src, dst, f });
    }
    for pixel in part.of(input.pixels()) {
        let src = src.cut(pixel * input.stride, input.channels);
        let dst = dst.cut(pixel * output.stride, input.channels);
        run(s, input.channels, Row { src, dst, f });
    }
}

#[derive(Clone, Copy)]
struct Row<'a, F> {
    src: Src<'a>,
    dst: Dst<'a>,
    f: F,
}

impl<F: Lane> Run for Row<'_, F> {
    #[inline(always)]
    fn step<S: Simd, const N: usize>(self, s: S, at: usize, n: usize) {
        let x: [S::V; N] = self.src.load_all(s, at, S::LANES, n);
        self.dst.store_all(s, at, S::LANES, n, self.f.apply(s, x, at, n));
    }
}

#[derive(Clone, Copy)]
struct Plain<A>(A);

impl<A: Activation> Lane for Plain<A> {
    #[inline(always)]
    fn is_uniform(self) -> bool {
        true
    }

    #[inline(always)]
    fn apply<S: Simd, const N: usize>(self, s: S, x: [S::V; N], _: usize, _: usize) -> [S::V; N] {
        self.0.apply_all(s, x)
    }
}

#[derive(Clone, Copy)]
struct Affine<'a, A> {
    scale: Src<'a>,
    shift: Src<'a>,
    act: A,
}

impl<A: Activation> Lane for Affine<'_, A> {
    #[inline(always)]
    fn is_uniform(self) -> bool {
        false
    }

    #[inline(always)]
    fn apply<S: Simd, const N: usize>(self, s: S, x: [S::V; N], channel: usize, n: usize) -> [S::V; N] {
        let x = each!(s, N, |i| {
            let at = channel + i * S::LANES;
            s.mul_add(x[i], self.scale.load_n(s, at, n), self.shift.load_n(s, at, n))
        });
        self.act.apply_all(s, x)
    }
}

#[derive(Clone, Copy)]
struct Prelu<'a>(Src<'a>);

impl Lane for Prelu<'_> {
    #[inline(always)]
    fn is_uniform(self) -> bool {
        self.0.len() == 1
    }

    #[inline(always)]
    fn apply<S: Simd, const N: usize>(self, s: S, x: [S::V; N], channel: usize, n: usize) -> [S::V; N] {
        let step = if self.0.len() == 1 { 0 } else { 1 };
        let slope: [S::V; N] = operand(s, self.0, step, channel, n);
        each!(s, N, |i| s.select_lt(x[i], s.splat(0.0), s.mul(slope[i], x[i]), x[i]))
    }
}
