//! The nets of `examples/nets`, as graphs.

use super::workshop::support;
use lightconv::Backend;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::tiles;

/// The files.
const FILES: &[&str] = &[
    include_str!("../../examples/nets/blocks.rs"),
    include_str!("../../examples/nets/efficientnet.rs"),
    include_str!("../../examples/nets/efficientnet_lite.rs"),
    include_str!("../../examples/nets/ghostnet.rs"),
    include_str!("../../examples/nets/mnasnet.rs"),
    include_str!("../../examples/nets/mobilenet_v1.rs"),
    include_str!("../../examples/nets/mobilenet_v2.rs"),
    include_str!("../../examples/nets/mobilenet_v3.rs"),
    include_str!("../../examples/nets/mobilenet_v4.rs"),
    include_str!("../../examples/nets/mobileone.rs"),
    include_str!("../../examples/nets/shufflenet_v2.rs"),
];

/// The nets that any of the words names, else those that the `default` names.
pub fn named(words: &[String], default: &[&str]) -> Vec<Graph> {
    let mut graphs: Vec<Graph> = FILES.iter().flat_map(|file| support::graphs(support::invocation(file))).collect();
    let is_named = |graph: &Graph| words.iter().any(|word| graph.name == word);
    if graphs.iter().any(is_named) {
        graphs.retain(is_named);
    } else {
        graphs.retain(|graph| default.iter().any(|name| graph.name == name));
    }
    graphs
}

/// The backend as the compiler's choice of tiles sees it.
pub fn machine(backend: Backend) -> tiles::Machine {
    match backend {
        Backend::Avx512 => tiles::AVX512,
        Backend::Avx2 => tiles::AVX2,
        _ => tiles::PORTABLE,
    }
}
