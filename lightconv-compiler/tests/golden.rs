//! The six shipped blocks through the front end and the reference evaluation: outputs against PyTorch (`tests/golden`), counts
//! against ptflops and fvcore.

mod support;

use lightconv_compiler::blocks;
use lightconv_compiler::cost::cost;
use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::elaborate::elaborate;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::ops::Array;
use lightconv_compiler::reference::evaluate;
use lightconv_compiler::syntax;
use support::{counts, difference, load};

/// The blocks of `tests/golden`, as a user writes them.
const BLOCKS: &[(&str, &str)] = &[
    ("ir_32_16_s2_e6_se_56", "x: [32, 56, 56]) -> [16, 28, 28] { x -> InvertedResidual(16, 2, 6, true) }"),
    ("ir_24_24_s1_e4_se", "x: [24, 56, 56]) -> [24, 56, 56] { x -> InvertedResidual(24, 1, 4, use_se = true) }"),
    (
        "ir_96_96_s1_e6",
        "x: [96, 14, 14]) -> [96, 14, 14] { x -> InvertedResidual(oup = 96, stride = 1, expand_ratio = 6) }",
    ),
    ("dsc_3_16_k3", "x: [3, 32, 32]) -> [16, 30, 30] { x -> DepthwiseSeparableConv(16, 3) }"),
    ("conv_64_128_k3_d2_32", "x: [64, 32, 32]) -> [128, 30, 30] { x -> Conv(128, 3, dilation = 2) }"),
    ("dwconv_64_128_k3_d2_32", "x: [64, 32, 32]) -> [128, 30, 30] { x -> DWConv(128, 3, dilation = 2) }"),
];

/// The same modules at the sizes at which `counts.json` has them.
const COUNTED: &[(&str, &str)] = &[
    (
        "ir_32_16_s2_e6_se",
        "x: [32, 224, 224]) { x -> InvertedResidual(inp = 32, oup = 16, stride = 2, expand_ratio = 6, use_se = true) }",
    ),
    ("conv_64_128_k3_d2_256", "x: [64, 256, 256]) { x -> Conv(128, 3, dilation = 2) }"),
    ("dwconv_64_128_k3_d2_256", "x: [64, 256, 256]) { x -> DWConv(128, 3, dilation = 2) }"),
    ("conv_64_128_k3_d2_640", "x: [64, 640, 640]) { x -> Conv(128, 3, dilation = 2) }"),
    ("dwconv_64_128_k3_d2_640", "x: [64, 640, 640]) { x -> DWConv(128, 3, dilation = 2) }"),
];

#[test]
fn blocks_are_pytorch_s() {
    for (name, net) in BLOCKS {
        let graph = graph(net);
        let (weights, _) = load(&format!("golden/{name}.weights.safetensors"));
        let (io, _) = load(&format!("golden/{name}.io.safetensors"));
        let unbatched = |a: &Array| Array { dims: a.dims[1..].to_vec(), data: a.data.clone() };
        let outputs = evaluate(&graph, &|name| weights.get(name).cloned(), &[unbatched(&io["input"])]).unwrap();
        difference(&outputs[0], &unbatched(&io["output"]), 1e-6).unwrap_or_else(|e| panic!("{name}: {e}"));
        let wanted = weights.keys().filter(|name| !name.ends_with("num_batches_tracked")).count();
        assert_eq!(graph.weights.len(), wanted, "{name}: weights that the file has and the net does not ask for");
    }
}

#[test]
fn counts_are_those_of_the_tools() {
    for (name, net) in BLOCKS.iter().filter(|(name, _)| !name.ends_with("_56")).chain(COUNTED) {
        let total = cost(&graph(net)).total;
        let found = [total.params, total.macs, total.ptflops, total.fvcore];
        assert_eq!(found, counts(name, name.ends_with("_se")), "{name}");
    }
}

#[test]
fn every_text_defines_its_block() {
    for (name, text) in blocks::TEXTS {
        let diagnostics = Diagnostics::new();
        syntax::parse(text.parse().unwrap_or_else(|e| panic!("{name}: {e}")), &diagnostics);
        let errors = diagnostics.finish();
        assert!(errors.is_empty(), "{name}: {}", errors[0]);
        assert!(text.contains(&format!("pub block {name}(x")), "{name} is not what its text defines");
        assert!(text.starts_with("/// "), "{name} has no documentation");
    }
}

fn graph(net: &str) -> Graph {
    let diagnostics = Diagnostics::new();
    let tokens = format!("net Test({net}").parse().expect("tokens");
    let program = syntax::parse(tokens, &diagnostics);
    let mut nets = elaborate(&program, blocks::TEXTS, &diagnostics);
    let errors = diagnostics.finish();
    assert!(errors.is_empty(), "{net}: {}", errors[0]);
    nets.remove(0).unwrap_or_else(|_| panic!("{net}: no graph and no error"))
}
