//! Numbers put elsewhere by nested loops, zeros, maps of another size.

use crate::backends::{Job, everywhere};
use crate::data::{Exact, Random, UNTOUCHED, at, check, in_parts, map, untouched};
use lightconv_runtime::kernels::{Map, rearrange, resize_bilinear, resize_nearest, zero};
use lightconv_runtime::simd::Simd;

/// A map in blocks of `block` pixels, their channels one after the other: the loops of a space-to-depth.
struct Blocks {
    block: usize,
    input: Map,
    src: Vec<f32>,
}

impl Job for Blocks {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Blocks { block, input, ref src } = *self;
        let output = map(input.height / block, input.width / block, input.channels * block * block, 3);
        let loops = [
            [output.height, block * input.width * input.stride, output.width * output.stride],
            [output.width, block * input.stride, output.stride],
            [block, input.width * input.stride, block * input.channels],
            [block, input.stride, input.channels],
            [input.channels, 1, 1],
        ];
        let mut dst = untouched(output);
        rearrange(s, loops, src[..].into(), (&mut dst[..]).into());
        check(backend, output, &dst, 0.0, |y, x, c| {
            let (tap, c) = (c / input.channels, c % input.channels);
            Exact::of(f64::from(src[at(input, y * block + tap / block, x * block + tap % block, c)]))
        });
        // and back, its loops the other way round
        let mut again = untouched(input);
        rearrange(s, loops.map(|[n, from, to]| [n, to, from]), dst[..].into(), (&mut again[..]).into());
        check(backend, input, &again, 0.0, |y, x, c| Exact::of(f64::from(src[at(input, y, x, c)])));
    }
}

#[test]
fn blocks() {
    for block in 1..=3 {
        for channels in [1, 3, 8, 17, 35, 70] {
            let input = map(2 * block, 3 * block, channels, channels % 3);
            everywhere(&Blocks { block, input, src: Random::new(2).fill(input.extent()) });
        }
    }
}

struct Strides;

impl Job for Strides {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, _: &str) {
        let src: Vec<f32> = (0_u8..40).map(f32::from).collect();
        let mut dst = vec![UNTOUCHED; 13];
        rearrange(s, [[3, 10, 1], [4, 2, 3]], src[1..].into(), (&mut dst[..]).into());
        assert_eq!(dst, [1.0, 11.0, 21.0, 3.0, 13.0, 23.0, 5.0, 15.0, 25.0, 7.0, 17.0, 27.0, UNTOUCHED]);
        // a step of 0 repeats a number, no turns move nothing, no loops move one
        rearrange(s, [[5, 0, 1]], src[2..].into(), (&mut dst[..]).into());
        assert_eq!(dst[..6], [2.0, 2.0, 2.0, 2.0, 2.0, 23.0]);
        rearrange(s, [[0, 99, 99]], src[..].into(), (&mut dst[..]).into());
        rearrange(s, [], src[9..].into(), dst[1..].as_mut().into());
        assert_eq!(dst[..3], [2.0, 9.0, 2.0]);
    }
}

#[test]
fn strides() {
    everywhere(&Strides);
}

struct Resized {
    input: Map,
    output: Map,
    src: Vec<f32>,
}

impl Job for Resized {
    #[inline(always)]
    fn run<S: Simd>(&self, s: S, backend: &str) {
        let Resized { input, output, ref src } = *self;
        let what = &format!("{backend}, {input:?} to {output:?}");
        let mut dst = untouched(output);
        zero(s, output, (&mut dst[..]).into());
        check(what, output, &dst, 0.0, |_, _, _| Exact::of(0.0));

        let sides = [(input.height, output.height), (input.width, output.width)];
        let step = sides.map(|(from, to)| from as f32 / to as f32);
        let dst = in_parts(output, |part, dst| resize_nearest(s, part, input, output, step, src[..].into(), dst));
        check(what, output, &dst, 0.0, |y, x, c| {
            let near = |i: usize, axis: usize| ((i as f32 * step[axis]).floor() as usize).min(sides[axis].0 - 1);
            Exact::of(f64::from(src[at(input, near(y, 0), near(x, 1), c)]))
        });

        for align_corners in [false, true] {
            let step = sides.map(|(from, to)| match align_corners {
                true if to == 1 => 0.0,
                true => (from - 1) as f64 / (to - 1) as f64,
                false => from as f64 / to as f64,
            });
            let dst = in_parts(output, |part, dst| {
                resize_bilinear(s, part, input, output, step, align_corners, src[..].into(), dst);
            });
            check(what, output, &dst, 1e-6, |y, x, c| {
                // each pixel counts by how near it is, up to a distance of 1, the edges going on for ever
                let place = |i: usize, axis: usize| {
                    let shift = if align_corners { 0.0 } else { 0.5 };
                    ((i as f64 + shift) * step[axis] - shift).clamp(0.0, (sides[axis].0 - 1) as f64)
                };
                let mut sum = Exact::of(0.0);
                for row in 0..input.height {
                    for column in 0..input.width {
                        let near = |p: usize, place: f64| (1.0 - (p as f64 - place).abs()).max(0.0);
                        let part = near(row, place(y, 0)) * near(column, place(x, 1));
                        let value = f64::from(src[at(input, row, column, c)]);
                        sum = Exact { value: sum.value + part * value, size: sum.size + part * value.abs() };
                    }
                }
                sum
            });
        }
    }
}

#[test]
fn other_sizes() {
    for (height, width) in [(1, 1), (2, 3), (4, 5), (8, 10), (3, 11), (13, 2)] {
        for channels in [1, 4, 13, 16, 40, 70] {
            let (input, output) = (map(4, 5, channels, channels % 2), map(height, width, channels, 1));
            everywhere(&Resized { input, output, src: Random::new(3).fill(input.extent()) });
        }
    }
}
