//! The transforms of F(m x m, 3x3), for tiles of m = 4 and 5 outputs along an axis: polynomials, interpolated at m + 1 points and infinity.
//!
//! The points are zero, where their number is odd, and pairs of opposite ones, whose sums share the even and the odd half of a
//! polynomial. Their powers are exact in f32. They were found by trying sixteenths on random numbers:
//! in parts of the largest output, with 16 channels, the error is 1.0e-6 for m = 4 and 1.8e-6 for 5 at the most, 1.3e-7 and 2.4e-7 in the
//! mean square; of a plain convolution 0.4e-6 and 0.6e-7, with the usual points, 0, ±1, ±2, for m = 4 3.1e-6 and 2.6e-7.

use crate::simd::{Simd, each};

/// Pairs of points at most.
const PAIRS: usize = 3;

/// Components along an axis at most.
const MOST: usize = 2 * PAIRS + 1;

/// The positive point of each pair, for `inputs` components along an axis.
///
/// # Panics
/// When there is no such transform.
const fn pairs(inputs: usize) -> &'static [f32] {
    match inputs {
        6 => &[0.75, 1.5],
        7 => &[0.3125, 0.8125, 1.875],
        _ => panic!("tiles have 4 or 5 outputs along an axis"),
    }
}

/// The points for `IN` components along an axis.
struct Points<const IN: usize>;

impl<const IN: usize> Points<IN> {
    /// The positive ones.
    const PAIRS: &'static [f32] = pairs(IN);
    /// 1 if zero is among them.
    const ZERO: usize = IN - 1 - 2 * Self::PAIRS.len();
    /// For each pair the product of `t - p^2` over the other pairs, in powers of t from the lowest up; the highest has the factor 1.
    const OTHERS: [[f32; PAIRS + 1]; PAIRS] =
        [product(Self::PAIRS, 0), product(Self::PAIRS, 1), product(Self::PAIRS, 2)];
    /// The product over all pairs.
    const ALL: [f32; PAIRS + 1] = product(Self::PAIRS, PAIRS);
    /// The powers of the positive points.
    const POWERS: [[f32; MOST]; PAIRS] = {
        let mut all = [[1.0; MOST]; PAIRS];
        let mut pair = 0;
        while pair < Self::PAIRS.len() {
            let mut power = 1;
            while power < MOST {
                all[pair][power] = all[pair][power - 1] * Self::PAIRS[pair];
                power += 1;
            }
            pair += 1;
        }
        all
    };
}

/// The product of `t - p^2` over all pairs but `left`.
const fn product(pairs: &[f32], left: usize) -> [f32; PAIRS + 1] {
    let mut product = [0.0; PAIRS + 1];
    product[0] = 1.0;
    let mut pair = 0;
    while pair < pairs.len() {
        if pair != left {
            let mut power = PAIRS;
            while power > 0 {
                product[power] = product[power - 1] - pairs[pair] * pairs[pair] * product[power];
                power -= 1;
            }
            product[0] *= -pairs[pair] * pairs[pair];
        }
        pair += 1;
    }
    product
}

/// `IN` inputs along an axis to components: of zero, of each pair, of infinity.
#[inline(always)]
pub(super) fn forward<S: Simd, const IN: usize>(s: S, d: [S::V; IN]) -> [S::V; IN] {
    let (pairs, zero) = (Points::<IN>::PAIRS, Points::<IN>::ZERO);
    let mut components = d;
    if zero == 1 {
        components[0] = every_second(s, d, 0, &Points::<IN>::ALL[..pairs.len()]);
    }
    for (pair, &point) in pairs.iter().enumerate() {
        let others = &Points::<IN>::OTHERS[pair][..pairs.len() - 1];
        let high = every_second(s, d, zero + 1, others);
        let low = s.mul(s.splat(point), every_second(s, d, zero, others));
        components[zero + 2 * pair] = s.add(high, low);
        components[zero + 2 * pair + 1] = s.sub(high, low);
    }
    components[IN - 1] = every_second(s, d, zero, &Points::<IN>::ALL[..pairs.len()]);
    components
}

/// Every second number from `first` on by its factor, the last by 1.
#[inline(always)]
fn every_second<S: Simd, const IN: usize>(s: S, d: [S::V; IN], first: usize, factors: &[f32]) -> S::V {
    let mut sum = d[first + 2 * factors.len()];
    for (i, &factor) in factors.iter().enumerate() {
        sum = s.mul_add(s.splat(factor), d[first + 2 * i], sum);
    }
    sum
}

/// `IN` components along an axis to `OUT` outputs, two fewer.
#[inline(always)]
pub(super) fn backward<S: Simd, const IN: usize, const OUT: usize>(s: S, m: [S::V; IN]) -> [S::V; OUT] {
    let (pairs, zero) = (Points::<IN>::PAIRS.len(), Points::<IN>::ZERO);
    let mut sums = [m[0]; PAIRS];
    let mut differences = [m[0]; PAIRS];
    for pair in 0..pairs {
        let (above, below) = (m[zero + 2 * pair], m[zero + 2 * pair + 1]);
        sums[pair] = s.add(above, below);
        differences[pair] = s.sub(above, below);
    }
    each!(s, OUT, |power| {
        let halves = if power % 2 == 0 { sums } else { differences };
        let mut sum = s.mul(s.splat(Points::<IN>::POWERS[0][power]), halves[0]);
        for (&half, powers) in halves[1..pairs].iter().zip(&Points::<IN>::POWERS[1..pairs]) {
            sum = s.mul_add(s.splat(powers[power]), half, sum);
        }
        if power == 0 && zero == 1 {
            sum = s.add(m[0], sum);
        }
        if power == OUT - 1 { s.add(m[IN - 1], sum) } else { sum }
    })
}

/// The transform of kernels, for tiles of some size.
#[derive(Clone, Copy, Debug)]
pub struct WinogradKernel {
    /// Components along an axis.
    inputs: usize,
    /// Each, as factors of the three weights.
    rows: [[f64; 3]; MOST],
}

impl WinogradKernel {
    /// Of tiles of `side` outputs along an axis.
    ///
    /// # Panics
    /// When there are no such tiles.
    #[must_use]
    pub fn new(side: usize) -> Self {
        let inputs = side + 2;
        let pairs = pairs(inputs);
        let mut points = [0.0; MOST - 1];
        let points = &mut points[..inputs - 1];
        let zero = points.len() - 2 * pairs.len();
        for (i, &pair) in pairs.iter().enumerate() {
            points[zero + 2 * i] = f64::from(pair);
            points[zero + 2 * i + 1] = f64::from(-pair);
        }
        let mut rows = [[0.0, 0.0, 1.0]; MOST];
        for (i, (row, &point)) in rows.iter_mut().zip(points.iter()).enumerate() {
            let others = points.iter().enumerate().filter(|&(other, _)| other != i);
            let factor = others.fold(1.0, |factor, (_, other)| factor / (point - other));
            *row = [factor, factor * point, factor * point * point];
        }
        WinogradKernel { inputs, rows }
    }

    /// The components of `kernel[3 * y + x]`, row by row.
    pub fn components(&self, kernel: [f64; 9]) -> impl Iterator<Item = f64> {
        let rows = self.rows;
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let inputs = self.inputs;
        rows.into_iter().take(inputs).flat_map(move |down| {
            let line = [0, 1, 2].map(|x| dot(down, [kernel[x], kernel[3 + x], kernel[6 + x]]));
            rows.into_iter().take(inputs).map(move |across| dot(across, line))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    /// A convolution of a line by the transforms is the convolution.
    fn line<const IN: usize, const OUT: usize>() {
        let (d, g) = ([3.0, -1.0, 4.0, 1.5, -5.0, 9.0, 2.0], [2.0, 7.0, -1.0]);
        let s = Portable;
        let lanes = |x: f32| s.splat(x);
        let components = forward::<_, IN>(s, core::array::from_fn(|i| lanes(d[i])));
        let kernel = WinogradKernel::new(OUT);
        let products = core::array::from_fn(|i| {
            let factor: f64 = (0..3).map(|k| kernel.rows[i][k] * g[k]).sum();
            s.mul(components[i], lanes(factor as f32))
        });
        for (i, y) in backward::<_, IN, OUT>(s, products).into_iter().enumerate() {
            let exact: f64 = (0..3).map(|k| f64::from(d[i + k]) * g[k]).sum();
            let error = (f64::from(s.reduce_max(y)) - exact).abs();
            assert!(error < 1e-4, "output {i} of {OUT}: {error} from {exact}");
        }
    }

    #[test]
    fn transforms_convolve() {
        line::<6, 4>();
        line::<7, 5>();
    }
}
