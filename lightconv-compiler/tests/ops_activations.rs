//! The reference activations in their tails, where a comparison against the largest output would see nothing: values of
//! mpmath at 40 digits.

#![allow(clippy::excessive_precision)]

use lightconv_compiler::ops::{Activation, apply};

/// x, GELU, its approximation, Mish, SiLU.
const TAILS: &[(f64, f64, f64, f64, f64)] = &[
    (-37.5, -1.7270073785932332e-306, 0.0, -1.9408331271757007e-15, -1.9408331271757007e-15),
    (-12.0, -2.1317785344932147e-32, -1.6359854493534811e-61, -7.373032173186587e-05, -7.373009522657661e-05),
    (-6.5, -2.6104003795084267e-10, -6.2782587725914021e-13, -0.00976500869207133, -0.009757684668790446),
    (-3.0, -0.0040496940948902835, -0.0036373920817730188, -0.14564746127562458, -0.14227761953270035),
    (-2.9, -0.00541085857111371, -0.0049666662354714133, -0.15518367358960297, -0.15124533292741144),
    (-2.7, -0.009360829268209804, -0.0088875946394679051, -0.1753703754224569, -0.1700280613538905),
    (-1.0, -0.15865525393145705, -0.1588080093917233, -0.3034014613741089, -0.2689414213699951),
    (-0.125, -0.056282721896235885, -0.056282801375776612, -0.06997990718000248, -0.05859882832828047),
    (0.5, 0.34573123063700656, 0.34571400982514392, 0.37524521130489513, 0.3112296656009273),
    (2.0, 1.9544997361036416, 1.954597694087775, 1.9439589595339946, 1.7615941559557649),
    (2.828, 2.8213768513557462, 2.8218376100862656, 2.8104252611204483, 2.6701135239412648),
    (9.0, 9.0, 9.0, 8.999999725928019, 8.998889448816124),
];

#[test]
fn tails_are_right_to_their_last_digits() {
    for &(x, gelu, gelu_tanh, mish, silu) in TAILS {
        for (activation, wanted) in [
            (Activation::Gelu, gelu),
            (Activation::GeluTanh, gelu_tanh),
            (Activation::Mish, mish),
            (Activation::Silu, silu),
        ] {
            let found = apply(activation, x);
            // exp(-x^2 / 2) magnifies the rounding of its argument by that argument.
            let tolerance = 1e-13 + f64::EPSILON * x * x;
            assert!(
                (found - wanted).abs() <= tolerance * wanted.abs(),
                "{activation:?} of {x} is {found:e}, expected {wanted:e}"
            );
        }
    }
}

#[test]
fn nan_stays_nan_and_infinities_have_their_limits() {
    use Activation::{
        Elu, Gelu, GeluTanh, Hardsigmoid, Hardswish, Identity, LeakyRelu, Mish, Negate, Relu, Relu6, Sigmoid, Silu,
        Tanh,
    };
    let (slope, alpha) = (0.01, 1.0);
    let all = [
        Identity,
        Relu,
        Relu6,
        Hardswish,
        Hardsigmoid,
        Sigmoid,
        Silu,
        Tanh,
        Gelu,
        GeluTanh,
        Mish,
        Negate,
        LeakyRelu { slope },
        Elu { alpha },
    ];
    for activation in all {
        assert!(apply(activation, f64::NAN).is_nan(), "{activation:?}");
    }
    for (activation, below, above) in [
        (Relu, 0.0, f64::INFINITY),
        (Relu6, 0.0, 6.0),
        (Hardsigmoid, 0.0, 1.0),
        (Sigmoid, 0.0, 1.0),
        (Tanh, -1.0, 1.0),
        (Elu { alpha }, -1.0, f64::INFINITY),
    ] {
        assert_eq!([f64::NEG_INFINITY, f64::INFINITY].map(|x| apply(activation, x)), [below, above], "{activation:?}");
    }
}
