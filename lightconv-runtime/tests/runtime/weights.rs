//! Weights by name: what they are built of, what nets took of them, and the errors of those that do not fit.

use crate::safetensors_files::file;
use lightconv_runtime::__private::{Norm, Pack, pack};
use lightconv_runtime::{Error, ErrorKind, WeightFault, WeightInfo, WeightKind, Weights};

const WANTED: &[WeightInfo] = &[
    WeightInfo { name: "stem.0.weight", shape: &[2, 1, 3, 3], kind: WeightKind::Kernel { fan_in: 9 } },
    WeightInfo { name: "stem.1.weight", shape: &[2], kind: WeightKind::Factor },
    WeightInfo { name: "stem.1.bias", shape: &[2], kind: WeightKind::Bias },
    WeightInfo { name: "stem.1.running_mean", shape: &[2], kind: WeightKind::Mean },
    WeightInfo { name: "stem.1.running_var", shape: &[2], kind: WeightKind::Variance },
    WeightInfo { name: "head.weight", shape: &[1, 2], kind: WeightKind::Kernel { fan_in: 2 } },
];
const PACKS: &[Pack] = &[
    Pack::Conv {
        at: 0,
        weight: 0,
        bias: None,
        norm: Some(Norm { gamma: 1, beta: 2, mean: 3, variance: 4, eps: 1e-3 }),
        outputs: 2,
        inputs: 1,
        taps: 9,
        groups: 1,
        transposed: false,
    },
    Pack::Conv {
        at: 80,
        weight: 5,
        bias: None,
        norm: None,
        outputs: 1,
        inputs: 2,
        taps: 1,
        groups: 1,
        transposed: false,
    },
];

fn take(weights: &Weights) -> Result<(), Error> {
    pack("Tiny", weights, WANTED, PACKS, 104).map(|_| ())
}

/// All that is wanted, with a prefix before the names.
fn all(prefix: &str) -> Weights {
    let mut weights = Weights::new();
    for info in WANTED {
        let elements = vec![0.5; info.shape.iter().product()];
        weights.insert(format!("{prefix}{}", info.name), info.shape, elements).unwrap();
    }
    weights
}

#[test]
fn what_fits_is_taken() {
    let weights = all("");
    assert_eq!(weights.unused().len(), 6);
    take(&weights).unwrap();
    assert_eq!(weights.unused(), [""; 0]);
}

#[test]
fn the_wrong_number_of_elements_is_not_inserted() {
    let mut weights = Weights::new();
    let error = weights.insert("a.weight", &[2, 3], vec![0.0; 5]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Length);
    assert_eq!(error.to_string(), "tensor `a.weight` of shape [2, 3]: expected 6 elements, found 5");
    let error = weights.insert("a.weight", &[usize::MAX, 2], vec![]).unwrap_err();
    assert!(error.to_string().ends_with("expected more elements than can be addressed, found 0"), "{error}");
    assert!(weights.is_empty());
    weights.insert("a", &[], vec![1.0]).unwrap();
    weights.insert("a", &[2], vec![1.0, 2.0]).unwrap();
    assert_eq!(weights.get("a").unwrap().to_vec().unwrap(), [1.0, 2.0]);
}

#[test]
fn every_fault_is_told_at_once() {
    let mut weights = all("");
    let mut wrong = Weights::new();
    for name in weights.names() {
        let weight = weights.get(name).unwrap();
        let mut elements = weight.to_vec().unwrap();
        match name {
            "stem.0.weight" => wrong.insert("stem.0.weights", weight.shape(), elements).unwrap(),
            "stem.1.bias" => wrong.insert(name, &[3], vec![0.0; 3]).unwrap(),
            "stem.1.running_var" => wrong.insert(name, &[2], vec![1.0, -0.01]).unwrap(),
            "head.weight" => {
                elements[1] = f32::NAN;
                wrong.insert(name, weight.shape(), elements).unwrap();
            }
            "stem.1.running_mean" => {}
            _ => wrong.insert(name, weight.shape(), elements).unwrap(),
        }
    }
    weights = wrong;
    let error = take(&weights).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Weights);
    let expected = "\
net `Tiny` cannot take its weights: 5 of its 6 tensors are at fault
  `stem.0.weight` [2, 1, 3, 3] is missing; there is `stem.0.weights`
  `stem.1.bias`: expected shape [2], found [3]
  `stem.1.running_mean` [2] is missing
  `head.weight`: expected finite numbers, found NaN at index 1
  `stem.1.running_var`: expected a variance that is positive with eps = 0.001 added, found -0.01 in channel 1";
    assert_eq!(error.to_string(), expected);
    let names: Vec<&str> = error.weight_faults().iter().map(WeightFault::name).collect();
    assert_eq!(names, ["stem.0.weight", "stem.1.bias", "stem.1.running_mean", "head.weight", "stem.1.running_var"]);
    assert_eq!(weights.unused(), ["stem.0.weights"]);
}

#[test]
fn infinities_are_counted() {
    let mut weights = all("");
    let mut elements = vec![0.0; 18];
    (elements[4], elements[7], elements[17]) = (f32::NEG_INFINITY, f32::NAN, f32::INFINITY);
    weights.insert("stem.0.weight", &[2, 1, 3, 3], elements).unwrap();
    let error = take(&weights).unwrap_err();
    let expected = "\
net `Tiny` cannot take its weights: 1 of its 6 tensors is at fault
  `stem.0.weight`: expected finite numbers, found -inf at index 4 and 2 more such";
    assert_eq!(error.to_string(), expected);
    // what a `main` shows that returns it
    assert_eq!(format!("{error:?}"), expected);
    let [WeightFault::NotFinite { first: 4, count: 3, .. }] = error.weight_faults() else { panic!("{error}") };
}

#[test]
fn a_norm_that_blows_up_is_told_of() {
    let mut weights = all("");
    weights.insert("stem.0.weight", &[2, 1, 3, 3], vec![3e38; 18]).unwrap();
    weights.insert("stem.1.running_var", &[2], vec![0.0; 2]).unwrap();
    let text = take(&weights).unwrap_err().to_string();
    assert!(text.ends_with("\n  `stem.0.weight`: with its batch norm folded in, it exceeds f32"), "{text}");
}

#[test]
fn a_common_prefix_is_found_and_can_be_stripped() {
    let mut weights = all("module.");
    weights.insert("other", &[1], vec![0.0]).unwrap();
    let text = take(&weights).unwrap_err().to_string();
    assert!(text.starts_with("net `Tiny` cannot take its weights: 6 of its 6 tensors are at fault\n"), "{text}");
    let help = "\n  help: the names there begin with `module.`: take `weights.strip_prefix(\"module.\")`";
    assert!(text.ends_with(help), "{text}");
    let stripped = weights.strip_prefix("module.");
    take(&stripped).unwrap();
    assert_eq!(stripped.unused(), ["other"]);
    // the tensors are the same, so the first collection knows too
    assert_eq!(weights.unused(), ["other"]);
}

#[test]
fn a_prefix_is_not_guessed_from_one_of_many() {
    let mut weights = Weights::new();
    weights.insert("other.head.weight", &[1, 2], vec![0.0; 2]).unwrap();
    let text = take(&weights).unwrap_err().to_string();
    assert!(!text.contains("help"), "{text}");
}

#[test]
fn stripping_loses_no_tensor() {
    let mut weights = Weights::new();
    for name in ["module.a", "a", "module.b", "module.", "modules"] {
        weights.insert(name, &[1], vec![name.len() as f32]).unwrap();
    }
    let stripped = weights.strip_prefix("module.");
    assert_eq!(stripped.names().collect::<Vec<_>>(), ["a", "b", "module.", "module.a", "modules"]);
    assert_eq!(stripped.get("a").unwrap().to_vec().unwrap(), [1.0]);
    assert_eq!(stripped.get("b").unwrap().to_vec().unwrap(), [8.0]);
}

#[test]
fn the_nearest_name_fits_or_is_very_near() {
    let nearest = |there: &[(&str, &[usize])]| {
        let mut weights = all("");
        let mut fewer = Weights::new();
        for name in weights.names().filter(|name| *name != "head.weight") {
            let weight = weights.get(name).unwrap();
            fewer.insert(name, weight.shape(), weight.to_vec().unwrap()).unwrap();
        }
        for (name, shape) in there {
            fewer.insert(*name, shape, vec![0.0; shape.iter().product()]).unwrap();
        }
        weights = fewer;
        match take(&weights).unwrap_err().weight_faults() {
            [WeightFault::Missing { name: "head.weight", nearest, .. }] => nearest.clone(),
            faults => panic!("{faults:?}"),
        }
    };
    assert_eq!(nearest(&[]), None);
    assert_eq!(nearest(&[("heads.weight", &[7])]).as_deref(), Some("heads.weight"));
    assert_eq!(nearest(&[("header.weight", &[7]), ("headed.weight", &[1, 2])]).as_deref(), Some("headed.weight"));
    // one of the right shape may be spelt less alike
    assert_eq!(nearest(&[("heads.weight", &[7]), ("fc1.weight", &[1, 2])]).as_deref(), Some("heads.weight"));
    assert_eq!(nearest(&[("heads.weight", &[7]), ("he.weight", &[1, 2])]).as_deref(), Some("he.weight"));
    assert_eq!(nearest(&[("classifier.1.weight", &[1, 2])]), None);
    // neither names that the net takes elsewhere nor counters
    assert_eq!(nearest(&[("head.num_batches_tracked", &[])]), None);
}

#[test]
fn counters_are_never_left_over() {
    let mut weights = all("");
    for name in ["num_batches_tracked", "stem.1.num_batches_tracked", "my_num_batches_tracked"] {
        weights.insert(name, &[], vec![0.0]).unwrap();
    }
    take(&weights).unwrap();
    assert_eq!(weights.unused(), ["my_num_batches_tracked"]);
}

#[test]
fn other_types_are_errors_only_where_wanted() {
    let header = r#"{"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#;
    let weights = Weights::from_bytes(file(header, &[0; 12])).unwrap();
    const B: &[WeightInfo] = &[WeightInfo { name: "b", shape: &[1], kind: WeightKind::Free }];
    const A: &[WeightInfo] = &[WeightInfo { name: "a", shape: &[2], kind: WeightKind::Free }];
    assert!(pack("Net", &weights, B, &[Pack::Raw { at: 0, weight: 0, dims: [1, 1, 1] }], 1).is_ok());
    let error = pack("Net", &weights, A, &[Pack::Raw { at: 0, weight: 0, dims: [2, 1, 1] }], 2).unwrap_err();
    let expected = "\
net `Net` cannot take its weights: 1 of its 1 tensor is at fault
  `a`: expected elements of type F32, F16, BF16 or F64, found I32";
    assert_eq!(error.to_string(), expected);
}

/// The four types against conversions done by arithmetic.
#[test]
fn all_floating_point_types_are_read() {
    // sign, exponent and fraction of f16 by its definition (IEEE 754-2019, 3.4)
    let f16 = |bits: u16| {
        let (sign, exponent, fraction) = (bits >> 15, i32::from(bits >> 10 & 31), f64::from(bits & 1023));
        let size = match exponent {
            0 => fraction * 2.0_f64.powi(-24),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1024.0 + fraction) * 2.0_f64.powi(exponent - 25),
        };
        (if sign == 1 { -size } else { size }) as f32
    };
    let every: Vec<u16> = (0..=u16::MAX).collect();
    let data: Vec<u8> = every.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    let read = |dtype: &str, shape: usize, data: &[u8]| {
        let header = format!(r#"{{"a":{{"dtype":"{dtype}","shape":[{shape}],"data_offsets":[0,{}]}}}}"#, data.len());
        Weights::from_bytes(file(&header, data)).unwrap().get("a").unwrap().to_vec().unwrap()
    };
    let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    for (bits, x) in every.iter().zip(read("F16", 65536, &data)) {
        assert!(same(x, f16(*bits)), "{bits:#x}: {x}");
    }
    // bf16 is the upper half of an f32
    for (bits, x) in every.iter().zip(read("BF16", 65536, &data)) {
        assert!(same(x, f32::from_bits(u32::from(*bits) << 16)), "{bits:#x}: {x}");
    }
    let doubles = [1.0, -0.1, 1e-50, 1e300, f64::MIN_POSITIVE];
    let data: Vec<u8> = doubles.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
    assert_eq!(read("F64", 5, &data), [1.0, -0.1, 0.0, f32::INFINITY, 0.0]);
    let data: Vec<u8> = [1.5_f32, -0.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read("F32", 2, &data).iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [0x3fc0_0000, 0x8000_0000]);
}

#[cfg(feature = "std")]
#[test]
fn errors_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.safetensors");
    std::fs::write(&path, file("{}", &[])).unwrap();
    let text = take(&Weights::load(&path).unwrap().strip_prefix("a.")).unwrap_err().to_string();
    assert!(text.starts_with(&format!("net `Tiny` cannot take its weights from `{}`: 6 of", path.display())), "{text}");
}

/// So that a file of millions of names does not take for ever, the search for near ones gives up after the first few.
#[test]
fn nearest_names_are_looked_for_within_a_bound() {
    let mut weights = Weights::new();
    weights.insert("heads.weight", &[1, 2], vec![0.0; 2]).unwrap();
    let nearest = |weights: &Weights| match take(weights).unwrap_err().weight_faults() {
        [.., WeightFault::Missing { name: "head.weight", nearest, .. }] => nearest.clone(),
        faults => panic!("{faults:?}"),
    };
    assert_eq!(nearest(&weights).as_deref(), Some("heads.weight"));
    for i in 0..300_000 {
        weights.insert(i.to_string(), &[1], vec![0.0]).unwrap();
    }
    assert_eq!(nearest(&weights), None);
}

#[test]
fn weights_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Weights>();
    let weights = all("");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| take(&weights).unwrap());
        }
    });
    assert!(format!("{weights:?}").contains(r#""head.weight": F32 [1, 2]"#));
}
