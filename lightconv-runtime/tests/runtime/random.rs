//! Random weights.

use lightconv_runtime::__private::{Norm, Pack, pack, random};
use lightconv_runtime::{WeightInfo, WeightKind};

const WANTED: &[WeightInfo] = &[
    WeightInfo { name: "conv.weight", shape: &[64, 24, 3, 3], kind: WeightKind::Kernel { fan_in: 216 } },
    WeightInfo { name: "conv.bias", shape: &[64], kind: WeightKind::Bias },
    WeightInfo { name: "bn.weight", shape: &[64], kind: WeightKind::Factor },
    WeightInfo { name: "bn.bias", shape: &[64], kind: WeightKind::Bias },
    WeightInfo { name: "bn.running_mean", shape: &[64], kind: WeightKind::Mean },
    WeightInfo { name: "bn.running_var", shape: &[64], kind: WeightKind::Variance },
    WeightInfo { name: "act.weight", shape: &[1], kind: WeightKind::Slope },
    WeightInfo { name: "free", shape: &[1, 64, 1, 1], kind: WeightKind::Free },
];

fn numbers(seed: u64, name: &str) -> Vec<f32> {
    random(WANTED, seed).get(name).unwrap().to_vec().unwrap()
}

/// Computed by the same rule in Python (integers of any size, IEEE doubles): seed 7, `conv.weight` and `bn.running_var`.
#[test]
fn the_numbers_are_those_of_every_platform() {
    assert_eq!(numbers(7, "conv.weight")[..3], CONV);
    assert_eq!(numbers(7, "bn.running_var")[..3], VARIANCE);
}

const CONV: [f32; 3] = [-0.12624648, 0.15901764, 0.07932214];
const VARIANCE: [f32; 3] = [1.1929717, 0.9018082, 1.0833482];

#[test]
fn seeds_and_names_make_the_difference_and_order_none() {
    assert_eq!(numbers(1, "conv.bias"), numbers(1, "conv.bias"));
    assert_ne!(numbers(1, "conv.bias"), numbers(2, "conv.bias"));
    assert_ne!(numbers(1, "conv.bias"), numbers(1, "bn.bias"));
    let alone = random(&WANTED[1..2], 1);
    assert_eq!(alone.get("conv.bias").unwrap().to_vec().unwrap(), numbers(1, "conv.bias"));
}

#[test]
fn ranges_keep_the_scale_of_activations() {
    let kernel = numbers(3, "conv.weight");
    let bound = (6.0_f32 / 216.0).sqrt();
    assert!(kernel.iter().all(|x| x.abs() <= bound));
    // a uniform variable's variance is bound^2 / 3 = 2 / fan_in; of 13824 draws it is within 5 %
    let variance = kernel.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / kernel.len() as f64;
    assert!((variance * 216.0 / 2.0 - 1.0).abs() < 0.05, "{variance}");
    let mean = kernel.iter().map(|x| f64::from(*x)).sum::<f64>() / kernel.len() as f64;
    assert!(mean.abs() < 0.05 * f64::from(bound), "{mean}");
    for name in ["bn.weight", "bn.running_var"] {
        assert!(numbers(3, name).iter().all(|x| (0.8..=1.2).contains(x)));
    }
    assert!(numbers(3, "act.weight").iter().all(|x| (0.1..=0.4).contains(x)));
}

#[test]
fn they_are_what_the_net_wants() {
    let norm = Norm { gamma: 2, beta: 3, mean: 4, variance: 5, eps: 1e-5 };
    let conv = Pack::Conv {
        at: 0,
        weight: 0,
        bias: Some(1),
        norm: Some(norm),
        outputs: 64,
        inputs: 24,
        taps: 9,
        groups: 1,
        transposed: false,
    };
    let weights = random(WANTED, 5);
    pack("Net", &weights, WANTED, &[conv], 64 * 217).unwrap();
    assert_eq!(weights.unused(), [""; 0]);
}
