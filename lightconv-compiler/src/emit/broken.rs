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
    // Names are checked before shapes; people read from top to bottom.
    let mut errors: Vec<&Diagnostic> = errors.iter().collect();
    errors.sort_by_key(|e| {
        let start = e.region.start.start();
        (start.line, start.column)
    });
    let errors = errors.into_iter().map(Diagnostic::to_compile_error);
    let items = nets.iter().map(|Broken { name, vis, attrs, .. }| {
        quote! {
            #attrs
            #[derive(Debug)]
            #vis struct #name {
                packed: (),
            }
        }
    });
    let methods: TokenStream = nets
        .iter()
        .map(|Broken { name, conditions, inputs, outputs, .. }| {
            methods(&quote!(#name), conditions, &name.to_string(), (*inputs, *outputs), krate)
        })
        .collect();
    quote! {
        #(#items)*
        #[allow(deprecated)]
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as rt;
            #[allow(dead_code)]
            const __ERR: usize = { #(#errors)* 0 };
            #methods
        };
    }
}

/// The API of a net that cannot be built: of the type `name`, which is there on `conditions` and called `text`, with so many
/// inputs and outputs.
pub(super) fn methods(
    name: &TokenStream,
    conditions: &TokenStream,
    text: &str,
    (inputs, outputs): (usize, usize),
    krate: &TokenStream,
) -> TokenStream {
    // A net whose inputs could not be read most likely has one.
    let count = inputs.max(1);
    let inputs: Vec<_> = (0..count).map(|i| format_ident!("input_{}", i)).collect();
    let (input_shapes, inputs_unknown) = unknown_shapes(count);
    let (output_shapes, outputs_unknown) = unknown_shapes(outputs);
    // Sizes that depend on the errors agree with any that the user states, and are inferred where none is.
    let (tensor, data) = (quote!(#krate::Tensor<__ERR, __ERR, __ERR>), quote!(#krate::TensorData<__ERR, __ERR, __ERR>));
    let one_or_tuple = |n: usize, one: &TokenStream| {
        let all = (0..n).map(|_| one);
        if n == 1 { one.clone() } else { quote!((#(#all),*)) }
    };
    let (output, item) = (one_or_tuple(outputs, &tensor), one_or_tuple(count, &tensor));
    let parameters = quote!(#(#inputs: &impl rt::Input<Data = #data>),*);
    let destination = if outputs == 1 {
        quote!(output: &mut #data)
    } else {
        let (tuple, count) = (one_or_tuple(outputs, &data), outputs);
        quote!(output: impl rt::Outputs<#tuple, #count>)
    };
    quote! {
        #conditions
        #[allow(missing_docs, unused_variables, clippy::all)]
        impl #name {
            pub const INPUT: #input_shapes = #inputs_unknown;
            pub const OUTPUT: #output_shapes = #outputs_unknown;
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
            rt::__if_std! {
                pub fn with_threads(self, count: usize) -> ::core::result::Result<Self, #krate::Error> {
                    ::core::result::Result::Ok(self)
                }
            }
            pub fn threads(&self) -> usize {
                1
            }
            pub fn workspace() -> #krate::Workspace<Self> {
                #krate::Workspace::new()
            }
            pub fn summary() -> #krate::Summary {
                #krate::Summary { name: #text, inputs: &[], outputs: &[], layers: &[], cost: Self::COST, arena_bytes: __ERR }
            }
            pub fn plan() -> &'static ::core::primitive::str {
                ""
            }
            pub fn dot() -> &'static ::core::primitive::str {
                ""
            }
            pub fn forward(&self, #parameters, workspace: &mut #krate::Workspace<Self>, #destination) {}
            rt::__if_std! {
                pub fn forward_with(
                    &self, #parameters, workspace: &mut #krate::Workspace<Self>, #destination,
                    observer: &mut (impl #krate::Observer + ?::core::marker::Sized),
                ) {
                }
            }
            pub fn run(&self, #parameters) -> #output {
                ::core::unreachable!()
            }
            rt::__if_rayon! {
                pub fn run_batch(&self, items: &[#item]) -> rt::Vec<#output> {
                    ::core::unreachable!()
                }
            }
        }
        #conditions
        impl rt::Planned for #name {
            const ARENA_BYTES: usize = __ERR;
        }
        #conditions
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

/// Type and value of one shape or of a tuple of several, of a rank that depends on the errors and so agrees with any.
fn unknown_shapes(count: usize) -> (TokenStream, TokenStream) {
    let (one, value) = (quote!([usize; __ERR]), quote!([__ERR; __ERR]));
    if count == 1 {
        return (one, value);
    }
    let (types, values) = ((0..count).map(|_| &one), (0..count).map(|_| &value));
    (quote!((#(#types),*)), quote!((#(#values),*)))
}
