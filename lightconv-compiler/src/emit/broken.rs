//! What is emitted when there are errors: the errors, once, and for each net that has some a type with the usual API, made so
//! that code which uses it raises no error of its own.

use crate::diagnostics::Diagnostic;
use crate::graph::Broken;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The errors and the nets they leave broken; `krate` is the path of the facade.
///
/// The errors stand in one constant that every constant of the API depends on: rustc reports it once and is silent about
/// whatever needs its value.
#[must_use]
pub fn broken(nets: &[Broken], errors: &[Diagnostic], krate: &TokenStream) -> TokenStream {
    let errors = errors.iter().map(Diagnostic::to_compile_error);
    let items = nets.iter().map(|Broken { name, vis, attrs, .. }| {
        quote! {
            #attrs
            #[derive(Debug)]
            #vis struct #name {
                packed: (),
            }
        }
    });
    let methods = nets.iter().map(|net| methods(net, krate));
    quote! {
        #(#items)*
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as rt;
            #[allow(dead_code)]
            const __ERR: usize = { #(#errors)* 0 };
            #(#methods)*
        };
    }
}

fn methods(net: &Broken, krate: &TokenStream) -> TokenStream {
    let name = &net.name;
    let inputs: Vec<_> = (0..net.inputs).map(|i| format_ident!("input_{}", i)).collect();
    let types: Vec<_> = (0..net.inputs).map(|i| format_ident!("I{}", i)).collect();
    let tensor = quote!(#krate::Tensor<__ERR, __ERR, __ERR>);
    let output = if net.outputs == 1 {
        tensor
    } else {
        let tensors = (0..net.outputs).map(|_| &tensor);
        quote!((#(#tensors),*))
    };
    let text = name.to_string();
    quote! {
        #[allow(missing_docs, unused_variables, clippy::all)]
        impl #name {
            pub const INPUT: [usize; 3] = [__ERR; 3];
            pub const OUTPUT: [usize; 1] = [__ERR; 1];
            pub const COST: rt::Cost = rt::Cost {
                params: __ERR as u64, macs: __ERR as u64, flops: __ERR as u64, ptflops: __ERR as u64, fvcore: __ERR as u64,
            };
            pub const LAYERS: &'static [rt::LayerInfo] = &[];
            pub const WEIGHTS: &'static [rt::WeightInfo] = &[];
            pub const ARENA_BYTES: usize = __ERR;
            rt::__if_std! {
                pub fn load(path: impl ::core::convert::AsRef<rt::Path>) -> ::core::result::Result<Self, #krate::Error> {
                    Self::from_weights(&#krate::Weights::load(path)?)
                }
            }
            pub fn from_weights(weights: &#krate::Weights) -> ::core::result::Result<Self, #krate::Error> {
                ::core::result::Result::Ok(Self { packed: () })
            }
            pub fn random(seed: u64) -> Self {
                Self { packed: () }
            }
            pub fn with_backend(self, backend: #krate::Backend) -> ::core::result::Result<Self, #krate::Error> {
                ::core::result::Result::Ok(self)
            }
            pub fn backend(&self) -> #krate::Backend {
                #krate::Backend::Portable
            }
            pub fn workspace() -> #krate::Workspace<Self> {
                #krate::Workspace::new()
            }
            pub fn summary() -> #krate::Summary {
                #krate::Summary { name: #text, inputs: &[], outputs: &[], layers: &[], cost: Self::COST, arena_bytes: __ERR }
            }
            pub fn forward<#(#types: ?::core::marker::Sized,)* W: ?::core::marker::Sized, O>(
                &self, #(#inputs: &#types,)* workspace: &mut W, output: O,
            ) {
            }
            pub fn forward_with<#(#types: ?::core::marker::Sized,)* W: ?::core::marker::Sized, O, P: ?::core::marker::Sized>(
                &self, #(#inputs: &#types,)* workspace: &mut W, output: O, observer: &mut P,
            ) {
            }
            pub fn run<#(#types: ?::core::marker::Sized),*>(&self, #(#inputs: &#types),*) -> #output {
                ::core::unreachable!()
            }
            rt::__if_rayon! {
                pub fn run_batch<T>(&self, items: &[T]) -> rt::Vec<#output> {
                    ::core::unreachable!()
                }
            }
        }
        impl rt::Planned for #name {
            const ARENA_BYTES: usize = __ERR;
        }
        #[allow(unused_variables)]
        impl rt::Net for #name {
            fn name(&self) -> &'static str {
                #text
            }
            fn cost(&self) -> rt::Cost {
                Self::COST
            }
            fn layers(&self) -> &'static [rt::LayerInfo] {
                &[]
            }
            fn weights(&self) -> &'static [rt::WeightInfo] {
                &[]
            }
            fn inputs(&self) -> &'static [&'static [usize]] {
                &[]
            }
            fn outputs(&self) -> &'static [&'static [usize]] {
                &[]
            }
            fn arena_bytes(&self) -> usize {
                __ERR
            }
            fn backend(&self) -> rt::Backend {
                rt::Backend::Portable
            }
            fn forward_slices(
                &self, inputs: &[&[f32]], arena: &mut [f32], outputs: &mut [&mut [f32]],
            ) -> ::core::result::Result<(), rt::Error> {
                ::core::result::Result::Ok(())
            }
        }
    }
}
