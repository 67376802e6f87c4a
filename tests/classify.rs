//! The main job: the trained net of `examples/classify` gives PyTorch's answers for the shipped photographs.

#[allow(dead_code)]
#[path = "../examples/classify/main.rs"]
mod classify;

use classify::{Args, EfficientNetLite0, answer, normalise, run};
use lightconv::{Backend, Tensor, Weights};
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};

const PHOTOGRAPHS: [(&str, &str); 3] = [("chelsea", "chelsea.png"), ("coffee", "coffee.png"), ("rocket", "rocket.jpg")];

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assets")
}

fn args(files: &[&str]) -> Args {
    Args {
        weights: assets().join("efficientnet_lite0.safetensors"),
        top: 5,
        backend: None,
        files: files.iter().map(|f| assets().join(f)).collect(),
    }
}

/// The five likeliest classes by PyTorch: name, index, probability.
fn top_five() -> serde_json::Value {
    let text = std::fs::read_to_string(assets().join("top5.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn floats(file: &SafeTensors, name: &str) -> Vec<f32> {
    let bytes = file.tensor(name).unwrap().data();
    let (values, _) = bytes.as_chunks();
    values.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// The largest difference, in units of the largest value wanted.
fn error(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    assert!(got.iter().all(|x| x.is_finite()));
    let differences = got.iter().zip(want).map(|(a, b)| (a - b).abs());
    let largest = want.iter().map(|x| x.abs()).fold(0.0, f32::max);
    differences.fold(0.0, f32::max) / largest
}

#[test]
fn logits_are_those_of_pytorch_on_every_backend() {
    let data = std::fs::read(assets().join("reference.safetensors")).unwrap();
    let reference = SafeTensors::deserialize(&data).unwrap();
    let weights = Weights::load(assets().join("efficientnet_lite0.safetensors")).unwrap();
    for backend in Backend::available() {
        let net = EfficientNetLite0::from_weights(&weights).unwrap();
        let net = net.with_backend(backend).unwrap();
        let mut workspace = EfficientNetLite0::workspace();
        // a forward takes seconds in a debug build
        let photographs = if backend == Backend::best() { &PHOTOGRAPHS[..] } else { &PHOTOGRAPHS[..1] };
        for (name, _) in photographs {
            let rgb = reference.tensor(&format!("{name}.rgb8")).unwrap().data();
            let mut logits = Tensor::<1000>::zeros();
            net.forward(&normalise(rgb).unwrap(), &mut workspace, &mut logits);
            // the same weights, in float64
            let same = error(logits.as_slice(), &floats(&reference, &format!("{name}.logits_f16")));
            assert!(same < 2e-5, "{name}, {backend}: {same}");
            // the published weights
            let published = error(logits.as_slice(), &floats(&reference, &format!("{name}.logits")));
            assert!(published < 1e-2, "{name}, {backend}: {published}");

            let best = answer::best(logits.as_slice(), 5);
            for (i, (class, probability)) in best.into_iter().enumerate() {
                let want = &top_five()[*name][i];
                assert_eq!(want[1], class, "{name}, {backend}, place {i}");
                let change = (want[2].as_f64().unwrap() - probability).abs();
                assert!(change < 2e-3, "{name}, {backend}, class {class}: {change}");
            }
        }
    }
    assert_eq!(weights.unused(), Vec::<&str>::new());
}

#[test]
fn photographs_are_classified_from_their_files() {
    let mut out = Vec::new();
    assert_eq!(run(&args(&[]), &mut out).unwrap(), 0);
    let text = String::from_utf8(out).unwrap();
    let mut lines = text.lines();
    for (name, file) in PHOTOGRAPHS {
        let head = lines.next().unwrap();
        assert!(head.contains(file) && head.ends_with(" ms)"), "{head}");
        for place in 0..5 {
            let line = lines.next().unwrap();
            let class = top_five()[name][place][0].as_str().unwrap().to_string();
            assert!(line.ends_with(&format!(" %  {class}")), "{name}, place {place}: {line}");
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others_back() {
    let mut out = Vec::new();
    let files = ["no-such.png", "coffee.png", "top5.json", "chelsea.png"];
    assert_eq!(run(&args(&files), &mut out).unwrap(), 2);
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("coffee.png") && text.contains("chelsea.png"), "{text}");
    assert_eq!(text.lines().count(), 12, "{text}");
}

#[test]
fn weights_that_are_not_there_are_an_error() {
    let args = Args { weights: assets().join("no-such.safetensors"), ..args(&[]) };
    let error = run(&args, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("no-such.safetensors"), "{error:#}");
}

#[test]
fn the_likeliest_come_first() {
    let best = answer::best(&[0.0, f32::ln(2.0), -1e30, f32::ln(5.0)], 3);
    let classes: Vec<usize> = best.iter().map(|b| b.0).collect();
    assert_eq!(classes, [3, 1, 0]);
    for ((_, probability), want) in best.iter().zip([0.625, 0.25, 0.125]) {
        assert!((probability - want).abs() < 1e-7, "{probability} {want}");
    }
}

#[test]
fn counts_are_those_of_the_tools() {
    let cost = EfficientNetLite0::COST;
    assert_eq!(cost.params, 4_652_008);
    assert_eq!(cost.macs, 385_187_552);
    assert_eq!(cost.fvcore, 398_725_664);
    assert_eq!(cost.ptflops, 21_039_368);
}
