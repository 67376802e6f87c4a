//! Programs as text, through the front end.

use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::{blocks, elaborate, syntax};

/// The graph of the only net of a program.
///
/// # Panics
/// When the program has an error.
pub fn graph(program: &str) -> Graph {
    let diagnostics = Diagnostics::new();
    let tokens = program.parse().unwrap_or_else(|e| panic!("{program}: {e}"));
    let program = syntax::parse(tokens, &diagnostics);
    let mut nets = elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    let errors = diagnostics.finish();
    assert!(errors.is_empty(), "{}", errors[0]);
    assert_eq!(nets.len(), 1, "a program of one net");
    let net = nets.remove(0);
    net.unwrap_or_else(|_| panic!("no graph and no error"))
}
