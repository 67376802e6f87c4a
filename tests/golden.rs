//! The six first blocks give PyTorch's numbers (`tests/golden`: float64, stored as f32), on every backend.

use lightconv::{Backend, Net, Weights, lightnet};
use safetensors::SafeTensors;
use std::path::Path;

#[allow(dead_code)]
#[path = "../examples/nets/blocks.rs"]
mod blocks;

lightnet! {
    /// `ir_32_16_s2_e6_se` at 56 pixels.
    net InvertedResidual32At56(x: [32, 56, 56]) -> [16, 28, 28] {
        x -> InvertedResidual(16, stride = 2, expand_ratio = 6, use_se = true)
    }
}

/// In units of the largest output.
const BOUND: f64 = 1e-5;

fn floats(file: &SafeTensors, name: &str) -> (Vec<usize>, Vec<f32>) {
    let tensor = file.tensor(name).unwrap();
    let (values, _) = tensor.data().as_chunks();
    (tensor.shape()[1..].to_vec(), values.iter().map(|&b| f32::from_le_bytes(b)).collect())
}

/// From channel-first to channels-last.
fn channels_last(dims: &[usize], chw: &[f32]) -> Vec<f32> {
    let pixels = dims[1] * dims[2];
    (0..pixels).flat_map(|p| (0..dims[0]).map(move |c| chw[c * pixels + p])).collect()
}

fn check(
    name: &str,
    make: impl Fn(&Weights) -> Result<Box<dyn Net>, lightconv::Error>,
    force: impl Fn(Backend) -> Box<dyn Net>,
) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let weights = Weights::load(folder.join(format!("{name}.weights.safetensors"))).unwrap();
    make(&weights).unwrap();
    assert_eq!(weights.unused(), Vec::<String>::new(), "{name}");
    let bytes = std::fs::read(folder.join(format!("{name}.io.safetensors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let ((in_dims, input), (out_dims, output)) = (floats(&file, "input"), floats(&file, "output"));
    let (input, output) = (channels_last(&in_dims, &input), channels_last(&out_dims, &output));
    let largest = output.iter().fold(0.0, |m: f64, &x| m.max(f64::from(x).abs()));
    for backend in Backend::available() {
        let net = force(backend);
        assert_eq!(net.backend(), backend);
        let found = net.run_slices(&[&input]).unwrap().remove(0);
        assert_eq!(found.len(), output.len());
        let errors = found.iter().zip(&output).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
        let error = errors.fold(0.0, |m: f64, e| if e > m || e.is_nan() { e } else { m });
        assert!(error <= BOUND * largest, "{name} on {backend}: {error:e} of {largest}");
    }
}

macro_rules! golden {
    ($($test:ident: $file:literal, $net:ty;)*) => { $(
        #[test]
        fn $test() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
            let path = folder.join(concat!($file, ".weights.safetensors"));
            check(
                $file,
                |weights| Ok(Box::new(<$net>::from_weights(weights)?)),
                |backend| Box::new(<$net>::load(&path).unwrap().with_backend(backend).unwrap()),
            );
        }
    )* };
}

golden! {
    inverted_residual_with_stride: "ir_32_16_s2_e6_se_56", InvertedResidual32At56;
    inverted_residual_with_gate: "ir_24_24_s1_e4_se", blocks::InvertedResidual56;
    inverted_residual: "ir_96_96_s1_e6", blocks::InvertedResidual14;
    depthwise_separable: "dsc_3_16_k3", blocks::DepthwiseSeparable32;
    dense: "conv_64_128_k3_d2_32", blocks::Conv32;
    depthwise: "dwconv_64_128_k3_d2_32", blocks::DWConv32;
}
