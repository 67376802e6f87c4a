//! What editors read: the names of layers, blocks and arguments once more, as Rust that means their documentation. It stands
//! behind `cfg(rust_analyzer)`, which rust-analyzer sets and rustc does not.

use super::export::is_exported;
use crate::elaborate::{Reference, Target};
use crate::syntax::ast::{Block, Name, Program};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeMap;

/// The references of `program` as uses of the facade's `layers` and `blocks`, of the macros that its blocks are, of fields.
#[must_use]
pub fn editors(program: &Program, references: &[Reference], krate: &TokenStream) -> TokenStream {
    let uses = references.iter().filter(|r| r.argument.is_none()).filter_map(|r| item(program, r, krate));
    let arguments: Vec<&Reference> = references.iter().filter(|r| r.argument.is_some()).collect();
    let blocks: BTreeMap<&str, &Block> = arguments.iter().filter_map(|r| block(r)).collect();
    let structs = blocks.iter().map(|(name, block)| parameters(name, block));
    let fields = arguments.iter().filter_map(|r| {
        let owner = match &r.target {
            Target::Layer(name) => page(krate, "layers", name),
            Target::Shipped(name) => page(krate, "blocks", name),
            Target::Block(name) | Target::Import(name) => parameters_of(name).into_token_stream(),
        };
        let field = ident(r.argument.as_deref()?, r.region.start)?;
        Some(quote!(const _: fn(&#owner) = |owner| { let _ = &owner.#field; };))
    });
    quote! {
        #[allow(unexpected_cfgs, unused_imports, dead_code)]
        const _: () = {
            #[cfg(rust_analyzer)]
            const _: () = {
                #(#uses)*
                #(#structs)*
                #(#fields)*
            };
        };
    }
}

/// `use path as _;`, the last name of which has the user's token.
fn item(program: &Program, r: &Reference, krate: &TokenStream) -> Option<TokenStream> {
    let span = r.region.start;
    Some(match &r.target {
        Target::Layer(name) => {
            let name = ident(name, span)?;
            quote!(use #krate::layers::#name as _;)
        }
        Target::Shipped(name) => {
            let name = ident(name, span)?;
            quote!(use #krate::blocks::#name as _;)
        }
        Target::Block(name) => {
            let block = program.blocks.iter().find(|b| b.name.text == *name && is_exported(b))?;
            let (name, conditions) = (ident(&block.name.text, span)?, &block.attributes.conditions);
            quote!(#conditions use #name as _;)
        }
        Target::Import(name) => {
            let import = program.imports.iter().find(|i| i.name.text == *name)?;
            let mut path: Vec<TokenTree> = import.path.clone().into_iter().collect();
            let Some(TokenTree::Ident(last)) = path.pop() else { return None };
            let last = Ident::new(&last.to_string(), span);
            quote!(use #(#path)* #last as _;)
        }
    })
}

fn page(krate: &TokenStream, module: &str, name: &str) -> TokenStream {
    let (module, name) = (format_ident!("{}", module), format_ident!("{}", name));
    quote!(#krate::#module::#name)
}

/// The block that has this argument, behind its name here, if it has no page.
fn block(r: &Reference) -> Option<(&str, &Block)> {
    match &r.target {
        Target::Block(name) | Target::Import(name) => Some((name, r.block.as_deref()?)),
        Target::Layer(_) | Target::Shipped(_) => None,
    }
}

/// The parameters of a block as fields, which stand where the block names them, be it in another crate.
fn parameters(name: &str, block: &Block) -> TokenStream {
    let name = parameters_of(name);
    let doc = format!("A parameter of the block `{}`.", block.name.text);
    let fields = block.params.iter().filter_map(|(Name { text, region }, _)| ident(text, region.start));
    quote! {
        struct #name { #(#[doc = #doc] #fields: (),)* }
    }
}

fn parameters_of(block: &str) -> Ident {
    format_ident!("__Parameters_{}", block)
}

/// A name with the span of the user's token; `None` where Rust cannot have it.
fn ident(text: &str, span: Span) -> Option<Ident> {
    let mut ident = syn::parse_str::<Ident>(text).or_else(|_| syn::parse_str(&format!("r#{text}"))).ok()?;
    ident.set_span(span);
    Some(ident)
}
