//! Blocks for other modules and crates. A macro can only be told what another item says by that item being a macro too, so
//! each block becomes one: called as `block! { @lightconv 1 { callback } state… }` it calls `callback! { { bundle } state… }`,
//! its [`Bundle`] in front of what was handed to it.

use crate::bundle::{Bundle, Items, hash};
use crate::syntax::ast::{Block, Program};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashSet;

/// The macros of the blocks of `program` that need no import; or of the others, when the imports were fetched.
#[must_use]
pub fn exports(program: &Program, needing_imports: bool) -> TokenStream {
    let items = Items::of(program);
    let mut seen = HashSet::new();
    let blocks = program.blocks.iter().filter(|b| seen.insert(&b.name.text));
    let blocks = blocks.filter(|b| Bundle::needs_imports(&items, &b.name.text) == needing_imports);
    blocks.filter_map(|b| export(&items, b)).collect()
}

/// The macros that Rust has everywhere. A private block of such a name stays in its invocation, for it would stand in the way
/// of the macro in its module.
const EVERYWHERE: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Whether a block becomes a macro.
pub(super) fn is_exported(block: &Block) -> bool {
    !block.vis.is_empty() || !EVERYWHERE.contains(&block.name.text.as_str())
}

/// `None` for a name that no item can have, or should not.
fn export(items: &Items<'_>, block: &Block) -> Option<TokenStream> {
    let text = &block.name.text;
    if !is_exported(block) {
        return None;
    }
    let mut name = syn::parse_str::<Ident>(text).or_else(|_| syn::parse_str(&format!("r#{text}"))).ok()?;
    name.set_span(block.name.region.start);
    let bundle = Bundle::of(items, text).to_token_stream();
    // A block of the same text may stand elsewhere in the crate, and what it exports stands in the crate's root.
    let unique = hash(&format!("{:?} {bundle}", Span::call_site()));
    // With the span of the block's name, which is where an editor leads to.
    let hidden = format_ident!("__lightconv_block_{}_{}", text, unique, span = name.span());
    let misused = format!(
        "`{text}` is a block of lightconv, and stands in a net\n  help: `lightnet! {{ use path::{text}; net Name(x: [3, 32, 32]) {{ x -> {text} }} }}`"
    );
    let (attributes, conditions) = (&block.attributes.passed, &block.attributes.conditions);
    let signature = signature(block);
    let definition = quote! {
        #attributes
        #[doc = #signature]
        #[allow(unused_macros, unused_macro_rules, non_local_definitions)]
        macro_rules! #hidden {
            (@lightconv 1 { $($callback:tt)* } $($state:tt)*) => { $($callback)* ! { { #bundle } $($state)* } };
            (@probe) => { 0 };
            ($($t:tt)*) => { ::core::compile_error! { #misused } };
        }
    };
    let vis = &block.vis;
    Some(if vis.is_empty() {
        // Brought in by a glob: other invocations of the module may have private blocks of the same name.
        let module = format_ident!("__lightconv_private_{}_{}", text, unique);
        quote! {
            #conditions
            #[doc(hidden)]
            #[allow(non_snake_case)]
            mod #module {
                #definition
                #[allow(unused_imports, deprecated)]
                pub(super) use #hidden as #name;
            }
            #conditions
            #[allow(unused_imports)]
            use #module::*;
        }
    } else {
        let exported = is_public(vis).then(|| quote!(#[doc(hidden)] #[macro_export]));
        quote! {
            #exported
            #definition
            #conditions
            #[doc(inline)]
            #[allow(unused_imports, unreachable_pub, deprecated)]
            #vis use #hidden as #name;
        }
    })
}

/// Whether a visibility is `pub` and no more.
fn is_public(vis: &TokenStream) -> bool {
    vis.clone().into_iter().count() == 1
}

/// How the block is called, for its documentation.
fn signature(block: &Block) -> String {
    let names = |names: Vec<&str>| names.join(", ");
    let inputs = names(block.inputs.iter().map(|n| n.text.as_str()).collect());
    let params = names(block.params.iter().map(|(n, _)| n.text.as_str()).collect());
    let params = if params.is_empty() { params } else { format!("; {params}") };
    format!("\n\nA block for `lightnet!`: `{}({inputs}{params})`.", block.name.text)
}
