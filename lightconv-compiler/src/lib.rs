//! The compiler of lightconv. A program travels one way, through stages each with one input type and one output type:
//!
//! | stage | module | in → out |
//! |---|---|---|
//! | parse | [`syntax`] | tokens → `Program` |
//! | elaborate | [`elaborate`] | `Program` + shipped blocks → [`graph::Graph`] |
//! | cost | [`cost`] | `Graph` → `NetCost` |
//! | fuse | [`fuse`] | `Graph` → `Plan` |
//! | place | [`arena`] | `Plan` → `Layout` |
//! | emit | [`emit`] | all of these → Rust tokens |
//!
//! [`expand`] is those calls in order. Blocks of other modules and crates are fetched before the second stage, by [`fetch`], as a
//! [`bundle::Bundle`]. [`diagnostics`] collects errors through all of them.

pub mod arena;
pub mod blocks;
mod bounds;
mod budget;
pub mod bundle;
pub mod cost;
pub mod diagnostics;
mod dump;
pub mod elaborate;
pub mod emit;
pub mod fetch;
pub mod fuse;
pub mod graph;
pub mod ops;
pub mod options;
pub mod plan;
pub mod reference;
pub mod shape;
pub mod sizes;
pub mod syntax;
pub mod tiles;
pub mod value;

pub use emit::Backends;

use diagnostics::{Diagnostic, Diagnostics, Region};
use graph::{Broken, Graph};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syntax::ast::Program;

/// The whole way: the tokens of an invocation, the facade's path in braces before them, to the tokens of its nets. With a
/// `use` the way is by [`fetch`], which goes on with [`expand_fetched`].
#[must_use]
pub fn expand(tokens: TokenStream, backends: Backends) -> TokenStream {
    let (krate, body) = split_path(tokens);
    if let Some(error) = bounds::exceeded_by_tokens(&body) {
        return error.to_compile_error();
    }
    let diagnostics = Diagnostics::new();
    let program = syntax::parse(body.clone(), &diagnostics);
    if let Some(error) = bounds::exceeded_by_items(&program) {
        drop(diagnostics.finish());
        return error.to_compile_error();
    }
    if program.imports.is_empty() {
        return finish(&program, backends, &krate, diagnostics);
    }
    // The errors will be found again, when all that can be known is.
    drop(diagnostics.finish());
    fetch::begin(&program, body, krate)
}

/// Goes on when a block was fetched: `{ bundle }` and what was handed to it, to the call that fetches the next one or, behind
/// the last, to the tokens of the nets.
#[must_use]
pub fn expand_fetched(tokens: TokenStream, backends: Backends) -> TokenStream {
    let Some(fetched) = fetch::Fetch::read(tokens) else {
        let d = Diagnostic::new(Region::call_site(), "`lightnet!` was called back by something that is no block");
        return d.to_compile_error();
    };
    if let Some(call) = fetched.next() {
        return call;
    }
    let diagnostics = Diagnostics::new();
    let mut program = syntax::parse(fetched.body.clone(), &diagnostics);
    fetched.put_into(&mut program);
    finish(&program, backends, &fetched.krate, diagnostics)
}

/// From a program whose imports are known to the tokens of its nets and blocks.
fn finish(program: &Program, backends: Backends, krate: &TokenStream, diagnostics: Diagnostics) -> TokenStream {
    let mut items = TokenStream::new();
    let mut broken = Vec::new();
    for net in elaborate::elaborate(program, blocks::TEXTS, &diagnostics) {
        match net.and_then(|graph| compile(&graph, backends, krate, &diagnostics)) {
            Ok(tokens) => items.extend(tokens),
            Err(net) => broken.push(net),
        }
    }
    if !program.nets.is_empty() {
        items.extend(dump::rebuild());
    }
    let errors = diagnostics.finish();
    if !errors.is_empty() {
        items.extend(emit::broken(&broken, &errors, krate));
    }
    let references = elaborate::references(program, blocks::TEXTS);
    items.extend(emit::editors(program, &references, krate));
    // Where there are imports, the blocks that need none did not wait for them.
    items.extend(emit::exports(program, !program.imports.is_empty()));
    items
}

fn compile(
    graph: &Graph,
    backends: Backends,
    krate: &TokenStream,
    diagnostics: &Diagnostics,
) -> Result<TokenStream, Broken> {
    let cost = cost::cost(graph);
    let plan = fuse::fuse(graph);
    let layout = arena::place(&plan);
    if !budget::check(graph, &cost, &layout, diagnostics) || graph.contradicted.is_some() {
        return Err(Broken::from(graph));
    }
    let tokens = emit::emit(emit::Net { graph, cost: &cost, plan: &plan, layout: &layout }, backends, krate);
    dump::dump(&graph.name, &tokens, diagnostics);
    Ok(tokens)
}

/// `{ path } rest`, as `lightconv::lightnet!` hands it on; without the braces the path is `::lightconv`.
fn split_path(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut iter = tokens.clone().into_iter();
    match iter.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => (group.stream(), iter.collect()),
        _ => (quote!(::lightconv), tokens),
    }
}
