//! Functions of elements: activations, arithmetic with broadcasting, affine maps, PReLU.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, at, check, in_parts, map};
use lightconv_runtime::activation::{Hardswish, Identity, Relu};
use lightconv_runtime::kernels::{
    Add, BinaryOp, Broadcast, Div, Map, Max, Min, Mul, Strides, Sub, affine, binary, prelu, unary,
};
use lightconv_runtime::simd::Simd;

/// One or two roundings.
const BOUND: f64 = 3e-7;

/// One map.
struct Single {
    input: Map,
    output: Map,
    src: Vec<f32>,
}

impl Job for Single {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Single { input, output, ref src } = *self;
        let view = src[..].into();
        let x = |y, x, c| f64::from(src[at(input, y, x, c)]);
        let what = &format!("{backend}, {input:?} to {output:?}");

        let dst = in_parts(output, |part, dst| unary(s, part, input, output, view, dst, Hardswish));
        let hardswish = |x: f64| x * (x + 3.0).clamp(0.0, 6.0) / 6.0;
        check(what, output, &dst, BOUND, |i, j, c| Exact { value: hardswish(x(i, j, c)), size: 1.0 });

        let c8 = input.channels.next_multiple_of(8);
        let params = Random::new(2).fill(2 * c8);
        let dst = in_parts(output, |part, dst| affine(s, part, input, output, view, params[..].into(), dst, Relu));
        check(what, output, &dst, BOUND, |i, j, c| {
            let product = x(i, j, c) * f64::from(params[c]);
            Exact { value: product, size: product.abs() }.plus(params[c8 + c]).then(|x| x.max(0.0))
        });

        for slopes in [1, input.channels] {
            let slopes = &params[..slopes];
            let dst = in_parts(output, |part, dst| prelu(s, part, input, output, view, slopes.into(), dst));
            check(what, output, &dst, BOUND, |i, j, c| {
                let x = x(i, j, c);
                Exact::of(if x < 0.0 { x * f64::from(slopes[c % slopes.len()]) } else { x })
            });
        }
    }
}

#[test]
fn one_operand() {
    for channels in 1..=33 {
        for (gap_in, gap_out) in [(0, 0), (2, 0), (0, 5)] {
            let (input, output) = (map(3, 5, channels, gap_in), map(3, 5, channels, gap_out));
            everywhere(&Single { input, output, src: Random::new(5).fill(input.extent()) });
        }
    }
}

/// Two operands, each of one of the broadcast shapes.
struct Double {
    output: Map,
    a: Operand,
    b: Operand,
}

struct Operand {
    map: Map,
    src: Vec<f32>,
}

impl Operand {
    /// An operand for `output` of which the axes `[height, width, channels]` that are not `kept` have length 1.
    fn new(output: Map, kept: [bool; 3], gap: usize, seed: u64) -> Self {
        let side = |kept, n| if kept { n } else { 1 };
        let channels = side(kept[2], output.channels);
        let map = map(side(kept[0], output.height), side(kept[1], output.width), channels, gap);
        let mut src = Random::new(seed).fill(map.extent());
        // corners of the largest and the least
        src[0] = f32::NAN;
        if let Some(x) = src.last_mut() {
            *x = f32::INFINITY;
        }
        Operand { map, src }
    }

    fn strides(&self, output: Map) -> Strides {
        let step = |own: usize, n: usize, step: usize| if own == 1 && n > 1 { 0 } else { step };
        Strides {
            row: step(self.map.height, output.height, self.map.width * self.map.stride),
            pixel: step(self.map.width, output.width, self.map.stride),
            channel: step(self.map.channels, output.channels, 1),
        }
    }

    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        let Map { height, width, channels, .. } = self.map;
        f64::from(self.src[at(self.map, y % height, x % width, c % channels)])
    }
}

impl Double {
    #[inline(always)]
    fn op<S: Simd, O: BinaryOp>(&self, s: S, what: &str, op: O, exact: impl Fn(f64, f64) -> f64) {
        let broadcast =
            Broadcast { output: self.output, a: self.a.strides(self.output), b: self.b.strides(self.output) };
        let (a, b) = (self.a.src[..].into(), self.b.src[..].into());
        let dst = in_parts(self.output, |part, dst| binary(s, part, broadcast, a, b, dst, op, Identity));
        check(&format!("{what}, {broadcast:?}"), self.output, &dst, BOUND, |y, x, c| {
            let value = exact(self.a.at(y, x, c), self.b.at(y, x, c));
            Exact { value, size: if value.is_finite() { value.abs() } else { 0.0 } }
        });
    }
}

impl Job for Double {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        self.op(s, backend, Add, |a, b| a + b);
        self.op(s, backend, Sub, |a, b| a - b);
        self.op(s, backend, Mul, |a, b| a * b);
        self.op(s, backend, Div, |a, b| a / b);
        self.op(s, backend, Max, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) });
        self.op(s, backend, Min, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) });
    }
}

#[test]
fn two_operands_with_every_broadcast() {
    for channels in [1, 3, 8, 13, 16, 21, 33] {
        let output = map(3, 4, channels, channels % 2);
        for shape in 0..64 {
            let kept = |bits: usize| [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0];
            let a = Operand::new(output, kept(shape), output.stride - channels, 1);
            let b = Operand::new(output, kept(shape / 8), shape % 3, 2);
            everywhere(&Double { output, a, b });
        }
    }
}
