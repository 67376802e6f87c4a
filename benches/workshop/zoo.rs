//! The nets of `examples/nets`, as graphs.

use anyhow::{Context, Result, anyhow};
use lightconv::Backend;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::tiles;
use proc_macro2::{TokenStream, TokenTree};

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
pub fn named(words: &[String], default: &[&str]) -> Result<Vec<Graph>> {
    let mut graphs = Vec::new();
    for file in FILES {
        graphs.extend(super::workshop::graphs(invocation(file)?)?);
    }
    let is_named = |graph: &Graph| words.iter().any(|word| graph.name == word);
    if graphs.iter().any(is_named) {
        graphs.retain(is_named);
    } else {
        graphs.retain(|graph| default.iter().any(|name| graph.name == name));
    }
    Ok(graphs)
}

/// What stands in the `lightnet! { … }` of a source file.
fn invocation(source: &str) -> Result<TokenStream> {
    let file: TokenStream = source.parse().map_err(|e| anyhow!("{e}"))?;
    let mut tokens = file.into_iter().skip_while(|t| !matches!(t, TokenTree::Ident(i) if i == "lightnet"));
    // the name stands first in a `use`
    let body = tokens.find_map(|t| match t {
        TokenTree::Group(body) => Some(body.stream()),
        _ => None,
    });
    body.context("no `lightnet!` in the file")
}

/// The backend as the compiler's choice of tiles sees it.
pub fn machine(backend: Backend) -> tiles::Machine {
    match backend {
        Backend::Avx512 => tiles::AVX512,
        Backend::Avx2 => tiles::AVX2,
        _ => tiles::PORTABLE,
    }
}
