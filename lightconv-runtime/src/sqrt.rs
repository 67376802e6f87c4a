//! A square root of f64 that is the same on every platform: `core` has none.

/// The square root of a positive normal number, by Newton's method from a guess that halves the exponent, within one ulp.
pub(crate) fn sqrt(x: f64) -> f64 {
    debug_assert!(x.is_normal() && x > 0.0);
    // between the root and 1.07 times it, so four steps would do: 7e-2, 2e-3, 3e-6, 4e-12, below rounding
    let mut root = f64::from_bits((x.to_bits() >> 1) + (1023 << 51));
    for _ in 0..5 {
        root = 0.5 * (root + x / root);
    }
    root
}

#[cfg(test)]
mod tests {
    proptest::proptest! {
        #[test]
        fn is_the_platforms(x in proptest::num::f64::POSITIVE | proptest::num::f64::NORMAL) {
            proptest::prop_assume!(x.is_normal());
            let x = x.abs();
            let (root, exact) = (super::sqrt(x), x.sqrt());
            proptest::prop_assert!(root.to_bits().abs_diff(exact.to_bits()) <= 1, "{x}: {root} {exact}");
        }
    }
}
