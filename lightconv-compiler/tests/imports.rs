//! Imports without rustc: blocks packed by one invocation and unpacked by another.

use lightconv_compiler::bundle::{Bundle, Items};
use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::syntax::ast::Program;
use lightconv_compiler::{Backends, blocks, elaborate, emit, expand, expand_fetched, syntax};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

#[path = "support/front.rs"]
#[allow(dead_code)]
mod front;

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|e| panic!("{source}: {e}"))
}

/// A program whose imports bring these bundles.
fn program(source: &str, bundles: &[Bundle]) -> (Program, Diagnostics) {
    let diagnostics = Diagnostics::new();
    let mut program = syntax::parse(tokens(source), &diagnostics);
    assert_eq!(program.imports.len(), bundles.len(), "{source}");
    for (import, bundle) in program.imports.iter_mut().zip(bundles) {
        import.bundle = Some(bundle.clone());
    }
    (program, diagnostics)
}

/// A block of a program, packed and unpacked.
fn bundle(source: &str, bundles: &[Bundle], block: &str) -> Bundle {
    let (program, diagnostics) = program(source, bundles);
    drop(diagnostics.finish());
    Bundle::read(Bundle::of(&Items::of(&program), block).into_token_stream()).expect("what was written")
}

/// The graph of the only net, as text.
fn show(source: &str, bundles: &[Bundle]) -> String {
    let (program, diagnostics) = program(source, bundles);
    let nets = elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    let errors = diagnostics.finish();
    assert!(errors.is_empty(), "{source}\n{errors:#?}");
    front::show(nets[0].as_ref().expect("no error and a graph"))
}

fn errors(source: &str, bundles: &[Bundle]) -> Vec<String> {
    let (program, diagnostics) = program(source, bundles);
    elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    diagnostics.finish().iter().map(ToString::to_string).collect()
}

#[test]
fn a_block_brings_what_it_needs_and_no_more() {
    let source =
        "block A(x; n = WIDTH) { x -> \"a{LABEL}\": B(n) } const WIDTH = 2 * HALF; const HALF = 4; const LABEL = 3;
        block B(x; n) { x -> b: Conv2d(n, 1) } block C(x) { x } const OTHER = 1; net N(x: [3, 2, 2]) { x -> A }";
    let a = bundle(source, &[], "A");
    let items = a.scopes[0].items.to_string();
    assert!(!items.contains("OTHER") && !items.contains("block C") && !items.contains("net"), "{items}");
    assert_eq!(show("use m::A; net N(x: [3, 2, 2]) { x -> A }", &[a]), show(source, &[]));
}

#[test]
fn names_mean_what_they_mean_where_they_stand() {
    let leaf = bundle("block Conv(x; n) { x -> leaf: Conv2d(n, K) } const K = 1;", &[], "Conv");
    let middle = bundle(
        "use leaf::Conv as L; block Conv(x; n = K) { x -> middle: L(n) -> DWConv(n) } const K = 5;",
        std::slice::from_ref(&leaf),
        "Conv",
    );
    let shown = show(
        "use leaf::Conv as M; use middle::Conv as DWConv; const K = 7;
         block Conv(x) { x -> top: DWConv -> M(K) } net N(x: [3, 2, 2]) { x -> Conv }",
        &[leaf, middle],
    );
    let expected = show(
        "block Leaf(x; n) { x -> leaf: Conv2d(n, 1) }
         net N(x: [3, 2, 2]) { x -> top: [] -> top: M -> Leaf(7) } block M(x) { x -> middle: Leaf(5) -> DWConv(5) }",
        &[],
    );
    assert_eq!(shown, expected);
}

#[test]
fn a_scope_travels_once() {
    let leaf = bundle("block Leaf(x) { x -> ReLU }", &[], "Leaf");
    let mut before = [leaf.clone(), leaf];
    for i in 0..40 {
        // Each uses both before it: a tree of these would have 2^40 leaves.
        let [a, b] = [&before[0].block, &before[1].block];
        let source = format!("use m::{a} as A; use m::{b} as B; block New(x) {{ x -> \"a{i}\": A -> B }}");
        let new = bundle(&source, &before, "New");
        assert_eq!(new.scopes.len(), i + 2);
        before = [before[1].clone(), new];
    }
}

#[test]
fn attributes_that_are_ours_come_along() {
    let b = bundle("/// Doc.\n #[ptflops(skip = [ReLU])] #[cold] pub block B(x) { x -> ReLU }", &[], "B");
    let (program, diagnostics) = program("use m::B; net N(x: [3, 2, 2]) { x -> B -> ReLU }", &[b]);
    let nets = elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    assert!(diagnostics.finish().is_empty());
    let skipped: Vec<bool> = nets[0].as_ref().expect("a graph").nodes.iter().map(|n| n.ptflops_skip).collect();
    assert_eq!(skipped, [true, false]);
}

#[test]
fn an_error_is_told_where_it_is_defined() {
    for source in [
        "block B(x) { x -> Conv2d(8, 1 2) }",
        "block B(x) { x -> Conv2d(8, nothing) }",
        "block B(x) { x -> C } block C(x) { x -> B }",
        "block B(x) { x -> Conv2d(8, K) } const K = $;",
        "use m::C; block B(x) { x -> C }",
    ] {
        let unsound = bundle("block C(x) { x -> Conv2d(8, 1 2) }", &[], "C");
        let bundles = if source.starts_with("use") { vec![unsound] } else { Vec::new() };
        let b = bundle(source, &bundles, "B");
        let found = errors("use m::B as Other; net N(x: [3, 2, 2]) { x -> Other -> Linear(3) }", &[b]);
        assert_eq!(found, ["block `B` has an error where it is defined"], "{source}");
    }
}

#[test]
fn without_a_use_nothing_is_fetched() {
    let backends = Backends { avx2: false, avx512: false };
    let at_once = expand(tokens("net N(x: [3, 2, 2]) { x -> ReLU }"), backends).to_string();
    assert!(at_once.contains("struct N") && !at_once.contains("lightconv_stub") && !at_once.contains("@"), "{at_once}");
}

#[test]
fn editors_read_the_arguments_of_blocks_that_were_brought() {
    let source = "use m::B as C; net N(x: [3, 2, 2]) { x -> C(3, type = 2) -> C(out = 3, wrong = 1) }";
    let read = |bundle: Option<Bundle>| {
        let diagnostics = Diagnostics::new();
        let mut program = syntax::parse(tokens(source), &diagnostics);
        drop(diagnostics.finish());
        program.imports[0].bundle = bundle;
        emit::editors(&program, &elaborate::references(&program, blocks::TEXTS), &quote!(krate)).to_string()
    };
    let editors = read(Some(bundle("block B(x; out, type = K) { x -> ReLU } const K = 1;", &[], "B")));
    let doc = "# [doc = \"A parameter of the block `B`.\"]";
    let parameters = format!("struct __Parameters_C {{ {doc} out : () , {doc} r#type : () , }}");
    assert_eq!(editors.matches(&parameters).count(), 1, "{editors}");
    for argument in ["r#type", "out"] {
        let named = format!("fn (& __Parameters_C) = | owner | {{ let _ = & owner . {argument} ; }}");
        assert_eq!(editors.matches(&named).count(), 1, "{editors}");
    }
    assert!(!editors.contains("wrong"), "{editors}");

    for broken in [None, Some(bundle("block B(x; out) { x -> Conv2d(8, 1 2) }", &[], "B"))] {
        let editors = read(broken);
        assert!(editors.contains("use m :: B as _") && !editors.contains("__Parameters"), "{editors}");
    }
}

#[test]
fn fetching_goes_from_path_to_path() {
    let backends = Backends { avx2: false, avx512: false };
    let source = "{ krate } use a::{B, c::D as E}; net N(x: [3, 2, 2]) { x -> B -> E }";
    let mut call = expand(tokens(source), backends);
    assert!(call.to_string().contains("mod __lightconv_stub_N"));
    for (path, block) in [("a :: B", "B"), ("a :: c :: D", "D")] {
        // What the block's macro does: the callback and what follows it, with the bundle between.
        let all: Vec<TokenTree> = call.into_iter().collect();
        let Some(TokenTree::Group(arguments)) = all.last() else { panic!("no call") };
        assert!(all[..all.len() - 2].iter().cloned().collect::<TokenStream>().to_string().ends_with(path), "{path}");
        let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
        let start: TokenStream = arguments[..4].iter().cloned().collect();
        assert_eq!(start.to_string(), "@ lightconv 1 { krate :: __private :: __lightnet_import }");
        let bundle = bundle(&format!("block {block}(x) {{ x -> ReLU }}"), &[], block);
        let bundle = TokenTree::Group(Group::new(Delimiter::Brace, quote!(#bundle)));
        call = expand_fetched([bundle].into_iter().chain(arguments[4..].iter().cloned()).collect(), backends);
    }
    let nets = call.to_string();
    assert!(nets.contains("struct N") && !nets.contains("compile_error"), "{nets}");
    let other = expand_fetched(tokens("something else"), backends).to_string();
    assert!(other.contains("called back by something that is no block"), "{other}");
}
