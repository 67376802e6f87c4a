//! A net that uses the block is the PyTorch original: names and shapes of the weights, counts, numbers.

use lightconv::{Backend, Tensor, Weights, lightnet};

lightnet! {
    use lightconv_coordatt::CoordAtt;
    net Reference(x: [16, 6, 9]) -> [16, 6, 9] { x -> CoordAtt(16, reduction = 4) }
}

/// What `sum(p.numel() for p in net.parameters())` says.
const _: () = assert!(Reference::COST.params == 440);

/// Written by `tests/reference.py`.
fn reference() -> Weights {
    Weights::load(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference.safetensors")).expect("the reference")
}

#[test]
fn it_takes_every_weight_of_the_original() {
    let weights = reference();
    Reference::from_weights(&weights).expect("all weights, of the right shapes");
    assert_eq!(weights.unused(), ["input", "output"]);
}

#[test]
fn it_computes_what_the_original_computes() {
    let weights = reference();
    let numbers = |name| weights.get(name).and_then(|weight| weight.to_vec()).expect("numbers");
    let x = Tensor::<16, 6, 9>::from_chw(&numbers("input")).expect("a number for each element");
    let expected = numbers("output");
    let largest = expected.iter().fold(0.0, |m: f32, y| m.max(y.abs()));
    for backend in Backend::available() {
        let net = Reference::from_weights(&weights).and_then(|net| net.with_backend(backend)).expect("a net");
        let found = net.run(&x).to_chw();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-5 * largest, "{backend}: {found} where PyTorch has {expected}");
        }
    }
}
