//! What a user meets who gives a net the wrong file or the wrong numbers: an error that says what and where, never a panic.

use lightconv::{Error, Net, Weights, lightnet};
use safetensors::tensor::{Dtype, TensorView, serialize};
use std::path::PathBuf;

lightnet! {
    net Small(x: [3, 8, 8]) -> [4] {
        x -> stem: [Conv2d(6, 3), BatchNorm2d, ReLU] -> GlobalAvgPool -> head: Linear(4)
    }
}

/// Every tensor that the net wants, all 0.5, changed by `change`.
fn file(change: impl Fn(&str, &mut Vec<usize>, &mut Vec<f32>) -> bool) -> Vec<u8> {
    let tensors: Vec<(&str, Vec<usize>, Vec<u8>)> = (Small::WEIGHTS.iter())
        .filter_map(|w| {
            let mut shape = w.shape.to_vec();
            let mut values = vec![0.5; shape.iter().product()];
            let keep = change(w.name, &mut shape, &mut values);
            keep.then(|| (w.name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect()))
        })
        .collect();
    let views =
        tensors.iter().map(|(name, shape, data)| (*name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
    serialize(views, None).unwrap()
}

fn load(name: &str, bytes: &[u8]) -> Result<Small, Error> {
    let path: PathBuf = std::env::temp_dir().join(format!("lightconv-{}-{name}.safetensors", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let result = Small::load(&path);
    std::fs::remove_file(&path).unwrap();
    if let Err(e) = &result {
        assert!(e.to_string().contains(name), "the file should be named: {e}");
    }
    result
}

#[test]
fn a_whole_file_loads() {
    let net = load("whole", &file(|_, _, _| true)).unwrap();
    assert_eq!(net.run_slices(&[&[0.0; 3 * 64]]).unwrap()[0].len(), 4);
}

#[test]
fn no_such_file() {
    let error = Small::load("no/such/file.safetensors").unwrap_err().to_string();
    assert!(error.contains("no/such/file.safetensors"), "{error}");
}

#[test]
fn truncated_anywhere() {
    let whole = file(|_, _, _| true);
    for len in (0..whole.len()).step_by(7) {
        assert!(load("truncated", &whole[..len]).is_err(), "{len} of {} bytes", whole.len());
    }
}

#[test]
fn a_header_that_promises_terabytes() {
    let mut bytes = file(|_, _, _| true);
    bytes[..8].copy_from_slice(&(1_u64 << 44).to_le_bytes());
    let error = load("terabytes", &bytes).unwrap_err();
    assert!(error.to_string().contains("header"), "{error}");
    let header = br#"{"stem.0.weight":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    assert!(load("promise", &bytes).is_err());
}

#[test]
fn all_that_is_wrong_at_once() {
    let bytes = file(|name, shape, values| {
        match name {
            "stem.0.bias" => return false,
            "head.weight" => *shape = vec![6, 4],
            "stem.1.running_mean" => values[2] = f32::NAN,
            "stem.1.running_var" => values[0] = -1.0,
            _ => {}
        }
        true
    });
    let error = load("wrong", &bytes).unwrap_err().to_string();
    for part in ["stem.0.bias", "head.weight", "[4, 6]", "[6, 4]", "stem.1.running_mean", "stem.1.running_var"] {
        assert!(error.contains(part), "{part} should be named:\n{error}");
    }
}

#[test]
fn a_near_name_is_suggested() {
    let weights = Weights::from_bytes(file(|_, _, _| true)).unwrap();
    let mut renamed = Weights::new();
    for name in weights.names() {
        let weight = weights.get(name).unwrap();
        let name = name.replace("head", "haed");
        renamed.insert(name, weight.shape(), weight.to_vec().unwrap()).unwrap();
    }
    let error = Small::from_weights(&renamed).unwrap_err().to_string();
    assert!(error.contains("haed.weight"), "{error}");
}

#[test]
fn slices_of_wrong_lengths() {
    let net = Small::random(1);
    let (input, short) = ([0.0; 3 * 64], [0.0; 3 * 64 - 1]);
    let mut arena = vec![0.0; Small::ARENA_BYTES / 4];
    let mut output = [0.0; 4];
    net.forward_slices(&[&input], &mut arena, &mut [&mut output]).unwrap();
    let cases = [
        net.forward_slices(&[&short], &mut arena, &mut [&mut output]),
        net.forward_slices(&[], &mut arena, &mut [&mut output]),
        net.forward_slices(&[&input, &input], &mut arena, &mut [&mut output]),
        net.forward_slices(&[&input], &mut [], &mut [&mut output]),
        net.forward_slices(&[&input], &mut arena, &mut [&mut output[..3]]),
        net.forward_slices(&[&input], &mut arena, &mut []),
    ];
    for (i, case) in cases.into_iter().enumerate() {
        let error = case.expect_err(&format!("case {i}")).to_string();
        assert!(error.chars().any(|c| c.is_ascii_digit()), "case {i} should give numbers: {error}");
    }
}
