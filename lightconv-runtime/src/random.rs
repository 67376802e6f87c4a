//! Weights to try and to benchmark a net with: random, and the same on every platform.

use crate::info::{WeightInfo, WeightKind};
use crate::sqrt::sqrt;
use crate::weights::Weights;
use alloc::vec::Vec;

/// Draws the `wanted` tensors: kernels by He's rule, uniform in `± sqrt(6 / fan_in)`, so that activations keep their
/// scale; factors and variances near 1, shifts near 0.
///
/// A tensor's numbers follow from the seed and its name alone, in whatever net it stands.
#[must_use]
pub fn random(wanted: &[WeightInfo], seed: u64) -> Weights {
    let mut weights = Weights::new();
    for WeightInfo { name, shape, kind } in wanted {
        let (low, high) = range(*kind);
        let mut generator = SplitMix64(seed ^ fnv1a(name));
        let elements: usize = shape.iter().product();
        let drawn: Vec<f32> = (0..elements).map(|_| (low + (high - low) * generator.unit()) as f32).collect();
        weights.replace(name, shape, drawn);
    }
    weights
}

fn range(kind: WeightKind) -> (f64, f64) {
    match kind {
        WeightKind::Kernel { fan_in } => {
            let bound = sqrt(6.0 / fan_in.max(1) as f64);
            (-bound, bound)
        }
        WeightKind::Bias | WeightKind::Mean => (-0.1, 0.1),
        WeightKind::Factor | WeightKind::Variance => (0.8, 1.2),
        WeightKind::Slope => (0.1, 0.4),
        WeightKind::Free => (-0.5, 0.5),
    }
}

/// G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, 2014; constants as in `SplittableRandom`.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0 .. 1`.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The hash of G. Fowler, L. C. Noll and K.-P. Vo, 64 bits (RFC 9923).
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{SplitMix64, fnv1a};

    /// The first outputs for seed 1234567, as published with Java's and Vigna's implementations.
    #[test]
    fn generator_gives_the_published_numbers() {
        let mut generator = SplitMix64(1_234_567);
        let drawn: [u64; 3] = core::array::from_fn(|_| generator.next());
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    /// Test vectors of RFC 9923.
    #[test]
    fn hash_gives_the_published_numbers() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }
}
