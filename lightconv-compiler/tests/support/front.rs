//! What the tests of the front end share: errors with the source they point at, graphs as text.

use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::graph::{Broken, Graph};
use lightconv_compiler::syntax::ast::Program;
use lightconv_compiler::{blocks, elaborate, syntax};
use proc_macro2::TokenStream;

/// An error and the source that it points at.
#[derive(Debug)]
pub struct Found {
    pub message: String,
    pub place: Option<String>,
    pub help: Option<String>,
    /// From the first token of its region to the last, empty where that is not in the source.
    pub at: String,
}

/// The syntax tree of a program and the errors of parsing alone.
pub fn parse(source: &str) -> (Program, Vec<Found>) {
    let tokens: TokenStream = source.parse().unwrap_or_else(|e| panic!("{source}: {e}"));
    let diagnostics = Diagnostics::new();
    let program = syntax::parse(tokens, &diagnostics);
    (program, found(source, diagnostics))
}

/// The nets and errors of a program.
pub fn elaborate(source: &str) -> (Vec<Result<Graph, Broken>>, Vec<Found>) {
    let tokens: TokenStream = source.parse().unwrap_or_else(|e| panic!("{source}: {e}"));
    let diagnostics = Diagnostics::new();
    let program = syntax::parse(tokens, &diagnostics);
    let nets = elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    (nets, found(source, diagnostics))
}

/// All errors of a program, in order.
///
/// # Panics
/// When it has neither an error nor a graph for each net.
#[track_caller]
pub fn errors(source: &str) -> Vec<Found> {
    let (nets, errors) = elaborate(source);
    if errors.is_empty() {
        assert!(nets.iter().all(Result::is_ok), "{source}: no error and no graph");
    }
    errors
}

/// Checks that the program has just these errors: the tokens, and a part of the message or help.
#[track_caller]
pub fn has(source: &str, expected: &[(&str, &str)]) {
    let found = errors(source);
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|(f, (at, part))| {
            f.at == *at && (f.message.contains(part) || f.help.as_deref().is_some_and(|h| h.contains(part)))
        });
    assert!(fits, "{source}\nexpected {expected:#?}\nfound {found:#?}");
}

/// The same for the body of a net whose input `x` is [8, 6, 6].
#[track_caller]
pub fn body_has(body: &str, expected: &[(&str, &str)]) {
    has(&format!("net N(x: [8, 6, 6]) {{ {body} }}"), expected);
}

/// The errors of an invocation given as tokens, which have no source.
pub fn messages(tokens: TokenStream) -> Vec<String> {
    let diagnostics = Diagnostics::new();
    let program = syntax::parse(tokens, &diagnostics);
    elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    diagnostics.finish().into_iter().map(|d| d.message).collect()
}

fn found(source: &str, diagnostics: Diagnostics) -> Vec<Found> {
    let lines: Vec<&str> = source.lines().collect();
    let offset = |line: usize, column: usize| {
        let before: usize = lines.iter().take(line.saturating_sub(1)).map(|l| l.len() + 1).sum();
        let line = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        before + line.char_indices().nth(column).map_or(line.len(), |(i, _)| i)
    };
    let at = |d: &lightconv_compiler::diagnostics::Diagnostic| {
        let (start, end) = (d.region.start.start(), d.region.end.end());
        source.get(offset(start.line, start.column)..offset(end.line, end.column)).unwrap_or_default().to_owned()
    };
    let errors = diagnostics.finish();
    errors.into_iter().map(|d| Found { at: at(&d), message: d.message, place: d.place, help: d.help }).collect()
}

/// The graph of the only net of a program without errors.
///
/// # Panics
/// When the program has an error.
pub fn graph(source: &str) -> Graph {
    let (mut nets, errors) = elaborate(source);
    assert!(errors.is_empty(), "{source}\n{errors:#?}");
    assert_eq!(nets.len(), 1, "a program of one net");
    nets.remove(0).unwrap_or_else(|_| panic!("{source}\nno graph and no error"))
}

/// A graph as text: a line a node, such as `stem.0: Conv2d(16, 3)(t0 [3, 8, 8]) = t1 [16, 6, 6]`.
pub fn show(graph: &Graph) -> String {
    let tensor = |t: &lightconv_compiler::graph::TensorId| format!("t{} {}", t.0, graph.shape(*t));
    let list = |ts: &[lightconv_compiler::graph::TensorId]| ts.iter().map(tensor).collect::<Vec<_>>().join(", ");
    let mut out = String::new();
    for node in &graph.nodes {
        let path = if node.path.is_empty() { "-" } else { &node.path };
        out += &format!("{path}: {} ({}) = {}\n", node.op.describe(), list(&node.inputs), list(&node.outputs));
    }
    out + &format!("-> {}\n", list(&graph.outputs))
}

/// The names of all weights, in order, without running statistics.
pub fn weights(graph: &Graph) -> Vec<&str> {
    let names = graph.weights.iter().map(|w| w.name.as_str());
    names.filter(|n| !n.ends_with("running_mean") && !n.ends_with("running_var")).collect()
}
