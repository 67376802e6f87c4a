//! Every activation against its f64 reference, on every backend: sampled densely by default, over all 2^32 numbers on demand
//! (`cargo test --release -p lightconv-runtime -- --ignored`).

use super::*;
use crate::Backend;
use crate::simd::{Portable, Twin16, each};
use std::format;
use std::string::String;

/// The stated bound: so many ulp of the exact result, and so much besides.
#[derive(Clone, Copy)]
struct Bound {
    ulp: f64,
    absolute: f64,
}

/// An activation with its bound, and what is added to the ulp at a given x.
struct Case<A> {
    act: A,
    bound: Bound,
    more: fn(f64) -> f64,
}

/// What is to be done with a case on a backend.
trait Check {
    fn run<S: Simd, A: Activation>(&self, s: S, case: &Case<A>, backend: &str);
}

/// Checks an activation on every backend that the CPU has and on the twin.
fn everywhere<A: Activation, C: Check>(check: &C, case: &Case<A>) {
    check.run(Portable::new(), case, "portable");
    check.run(Twin16, case, "twin");
    #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
    if Backend::Avx2.is_available() {
        // SAFETY: it is available
        unsafe { avx2(check, case) }
    }
    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
    if Backend::Avx512.is_available() {
        // SAFETY: it is available
        unsafe { avx512(check, case) }
    }
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
#[target_feature(enable = "avx2,fma")]
fn avx2<A: Activation, C: Check>(check: &C, case: &Case<A>) {
    check.run(crate::simd::Avx2::new(), case, "avx2");
}

#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
fn avx512<A: Activation, C: Check>(check: &C, case: &Case<A>) {
    check.run(crate::simd::Avx512::new(), case, "avx512");
}

/// All activations, with the bounds that their documentation states.
fn all<C: Check>(check: &C) {
    let none = |_: f64| 0.0;
    macro_rules! case {
        ($act:expr, $ulp:expr, $absolute:expr) => {
            case!($act, $ulp, $absolute, none)
        };
        ($act:expr, $ulp:expr, $absolute:expr, $more:expr) => {
            everywhere(check, &Case { act: $act, bound: Bound { ulp: $ulp, absolute: $absolute }, more: $more })
        };
    }
    case!(Identity, 0.0, 0.0);
    case!(Relu, 0.0, 0.0);
    case!(Relu6, 0.0, 0.0);
    case!(Negate, 0.0, 0.0);
    case!(MaxScalar(-0.5), 0.0, 0.0);
    case!(MinScalar(2.5), 0.0, 0.0);
    // what is smaller than the least normal number may be rounded to a multiple of 2^-149
    case!(LeakyRelu { slope: 0.01 }, 0.5, 1e-45);
    case!(AddScalar(0.3), 0.5, 0.0);
    case!(SubFrom(1.7), 0.5, 0.0);
    case!(MulScalar(1.3), 0.5, 1e-45);
    case!(DivScalar(6.0), 0.5, 1e-45);
    case!(DivInto(6.0), 0.5, 1e-45);
    case!(Hardswish, 3.0, 1.2e-7);
    case!(Hardsigmoid, 2.0, 1.2e-7);
    case!(Sigmoid, 5.0, 1e-26, |x| 1.25 * (-x).clamp(0.0, 100.0));
    case!(Silu, 5.0, 6e-25, |x| 1.25 * (-x).clamp(0.0, 100.0));
    let negative = |x: f64| 1.25 * (-x).clamp(0.0, 100.0);
    case!(ShiftedSilu::new(3.0, 1.0 / 6.0), 5.0, 1e-23 / 6.0, negative);
    case!(ShiftedSilu::new(24.0, -1e6), 5.0, 1e-17, negative);
    case!(ShiftedSilu::new(-24.0, 1e-6), 5.0, 1e-29, |x| 1.25 * (-x).clamp(24.0, 100.0));
    case!(Tanh, 4.0, 1e-45);
    case!(Elu { alpha: 1.0 }, 4.0, 1e-45);
    case!(Elu { alpha: 0.7 }, 4.0, 1e-45);
    case!(Mish, 6.0, 1e-17);
    case!(Gelu, 8.0, 1e-22, |x| if x < -1.0 { (x * x).min(1000.0) } else { 0.0 });
    case!(GeluTanh, 5.0, 1e-25, |x| if x < 0.0 { 3.0 * (1.596 * -x - 0.0714 * x * x * x).min(100.0) } else { 0.0 });
    case!(Then(Relu, AddScalar(1.0)), 0.5, 0.0);
}

const N: usize = 4;

/// Runs `f` of backend `S` over numbers, four vectors at a time; the last ones are repeated to fill them.
#[inline(always)]
fn values<S: Simd, A: Activation>(s: S, act: A, x: &[f32; 64]) -> [f32; 64] {
    let mut y = [0.0; 64];
    for start in (0..64).step_by(N * S::LANES) {
        // SAFETY: 64 is a multiple of `N * LANES`, so all of it is inside the arrays
        let v: [S::V; N] = each!(s, N, |i| unsafe { s.load_ptr(x.as_ptr().add(start + i * S::LANES)) });
        for (i, v) in act.apply_all(s, v).into_iter().enumerate() {
            // SAFETY: as above
            unsafe { s.store_ptr(y.as_mut_ptr().add(start + i * S::LANES), v) }
        }
    }
    y
}

/// The distance between neighbouring f32 at the size of `x`.
fn ulp(x: f64) -> f64 {
    let x = x.abs().clamp(f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX));
    f64::from(f32::EPSILON) * f64::from_bits(x.to_bits() & (0x7ff << 52))
}

/// By how much of its bound a value is off; none where it is right.
fn excess<A: Activation>(case: &Case<A>, x: f32, got: f32) -> f64 {
    let want = case.act.reference(f64::from(x));
    let (got, x) = (f64::from(got), f64::from(x));
    if want.is_nan() || got.is_nan() || want.is_infinite() {
        return if want.is_nan() && got.is_nan() || want == got { 0.0 } else { f64::INFINITY };
    }
    if got.is_infinite() {
        // rounding to f32 may overflow
        return if want.abs() > f64::from(f32::MAX) && (want > 0.0) == (got > 0.0) { 0.0 } else { f64::INFINITY };
    }
    let error = (got - want).abs();
    let bound = (case.bound.ulp + (case.more)(x)) * ulp(want) + case.bound.absolute;
    if error == 0.0 { 0.0 } else { error / bound }
}

/// Checks the numbers whose bits are `start`, `start + step`, ….
struct Bits {
    start: u32,
    step: u32,
}

impl Check for Bits {
    #[inline(always)]
    fn run<S: Simd, A: Activation>(&self, s: S, case: &Case<A>, backend: &str) {
        let (mut worst, mut worst_x, mut next) = (0.0, 0.0, Some(self.start));
        while next.is_some() {
            let mut x = [0.0; 64];
            for x in &mut x {
                if let Some(bits) = next {
                    *x = f32::from_bits(bits);
                    next = bits.checked_add(self.step);
                }
            }
            let y = values(s, case.act, &x);
            for (x, y) in x.into_iter().zip(y) {
                let excess = excess(case, x, y);
                if excess > worst {
                    (worst, worst_x) = (excess, x);
                }
            }
        }
        std::println!("{}: {worst:.3} of the bound, at {worst_x:e}", name::<A>(backend));
        assert!(worst <= 1.0, "{}: {worst} times the bound at {worst_x:e}", name::<A>(backend));
    }
}

fn name<A>(backend: &str) -> String {
    format!("{} on {backend}", core::any::type_name::<A>())
}

#[test]
fn within_the_bound_at_many_numbers() {
    // a prime step meets every sign, exponent and last bit: 349,000 numbers
    all(&Bits { start: 3, step: 12_289 });
}

#[test]
#[ignore = "all 2^32 numbers: about an hour, in release"]
fn within_the_bound_everywhere() {
    all(&Bits { start: 0, step: 1 });
}

/// The corners: zeros, infinities, NaN, the largest and the least numbers.
struct Corners;

impl Check for Corners {
    #[inline(always)]
    fn run<S: Simd, A: Activation>(&self, s: S, case: &Case<A>, backend: &str) {
        for corner in [0.0, f32::INFINITY, f32::NAN, f32::MAX, f32::MIN_POSITIVE, 1e-45, 88.0, 87.3, 104.0, 3.0, 6.0] {
            for x in [corner, -corner] {
                let [y, ..] = values(s, case.act, &[x; 64]);
                let excess = excess(case, x, y);
                assert!(excess <= 1.0, "{} of {x} is {y}, {excess} times the bound", name::<A>(backend));
            }
        }
    }
}

#[test]
fn corners() {
    all(&Corners);
}

/// `Phi(-u)` for u >= 0, by its series near 0 and its continued fraction elsewhere (Abramowitz and Stegun, 26.2.11, 26.2.14).
pub(super) fn normal_tail(u: f64) -> f64 {
    let density = (-u * u / 2.0).exp() / (2.0 * core::f64::consts::PI).sqrt();
    if u < 3.0 {
        let (mut term, mut sum, mut n) = (u, u, 1.0);
        while term > sum * 1e-18 {
            n += 2.0;
            term *= u * u / n;
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let mut fraction = u;
    for n in (1..200).rev() {
        fraction = u + f64::from(n) / fraction;
    }
    density / fraction
}

#[test]
fn the_exponential_of_constants_is_right() {
    for x in -240..=240 {
        let x = f64::from(x) / 10.0;
        let (got, exact) = (exp::exp_constant(x), x.exp());
        assert!((got - exact).abs() <= 1e-13 * exact, "{x}: {got} {exact}");
    }
}

#[test]
fn the_reference_of_gelu_is_right() {
    // from tables: 0.5, and Phi at -1, -2.9, -3.1 and -6
    for (u, phi) in [
        (0.0, 0.5),
        (1.0, 0.158_655_253_931_457_05),
        (2.9, 0.001_865_813_300_384_037_7),
        (3.1, 0.000_967_603_213_218_357_6),
        (6.0, 9.865_876_450_376_946e-10),
    ] {
        let got = normal_tail(u);
        assert!((got - phi).abs() <= 1e-12 * phi, "{u}: {got}");
    }
}
