//! What stands in for the nets of an invocation while the blocks that it imports are fetched. If all are there, the nets'
//! own types hide it; if a path is wrong, it is all that the rest of the program sees, and raises no error of its own.

use super::broken::methods;
use crate::fetch::{at, call};
use crate::syntax::ast::Program;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// For each net a type with the usual API, brought in by a glob, which the type's own definition hides. Its constants depend
/// on whether the paths of all imports lead to a block.
#[must_use]
pub fn stub(program: &Program, krate: &TokenStream) -> TokenStream {
    // What is wrong with a path is said once more by the call that fetches: at the same tokens, so that rustc shows it once.
    let probes = program.imports.iter().map(|import| call(&import.path, at(&import.path, quote!(@probe))));
    let types = program.nets.iter().map(|net| {
        let (name, vis, conditions) = (&net.name, &net.vis, &net.attributes.conditions);
        let module = format_ident!("__lightconv_stub_{}", name);
        quote! {
            #conditions
            #[doc(hidden)]
            #[allow(non_snake_case, non_camel_case_types, dead_code, missing_docs, unreachable_pub)]
            mod #module {
                #[derive(Debug)]
                pub struct #name {
                    pub packed: (),
                }
            }
            #conditions
            #[doc(hidden)]
            #[allow(unused_imports, unreachable_pub)]
            #vis use #module::*;
        }
    });
    let methods = program.nets.iter().map(|net| {
        let name = &net.name;
        let module = format_ident!("__lightconv_stub_{}", name);
        let outputs = net.outputs.as_ref().map_or(1, Vec::len);
        let conditions = &net.attributes.conditions;
        methods(&quote!(#module::#name), conditions, &name.to_string(), (net.inputs.len(), outputs), krate)
    });
    quote! {
        #(#types)*
        #[allow(dead_code, unreachable_pub)]
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as rt;
            const __ERR: usize = 0 #(+ #probes)*;
            #(#methods)*
        };
    }
}
