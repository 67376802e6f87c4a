//! A function for each distinct step and backend, the forward of each backend that calls them, and the dispatch.
//!
//! Sizes are literals in the step functions, places are literals in the forward: so equal layers share a function.

use super::call::{Call, call};
use super::operand::Operand;
use super::unary::Functions;
use super::{Backends, Net};
use crate::graph::TensorId;
use crate::tiles::{self, Machine};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;

/// A backend as generated code knows it.
pub(super) struct Backend {
    /// Ends the names of its functions.
    pub(super) suffix: &'static str,
    /// The token type of the runtime.
    pub(super) token: &'static str,
    /// What `#[target_feature]` enables; empty: nothing.
    features: &'static str,
    pub(super) machine: Machine,
}

const PORTABLE: Backend = Backend { suffix: "portable", token: "Portable", features: "", machine: tiles::PORTABLE };
const AVX2: Backend = Backend { suffix: "avx2", token: "Avx2", features: "avx2,fma", machine: tiles::AVX2 };
const AVX512: Backend = Backend {
    suffix: "avx512",
    token: "Avx512",
    features: "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma",
    machine: tiles::AVX512,
};

impl Backend {
    /// Attributes of its functions.
    fn attributes(&self) -> TokenStream {
        let features = self.features;
        if features.is_empty() {
            return TokenStream::new();
        }
        quote!(#[cfg(target_arch = "x86_64")] #[target_feature(enable = #features)])
    }
}

/// The backends to emit.
pub(super) fn chosen(backends: Backends) -> Vec<&'static Backend> {
    let mut chosen = vec![&PORTABLE];
    if backends.avx2 {
        chosen.push(&AVX2);
    }
    if backends.avx512 {
        chosen.push(&AVX512);
    }
    chosen
}

/// Everything that runs: functions of one number, step functions, forwards, dispatch.
pub(super) fn steps(net: Net, backends: Backends) -> TokenStream {
    let chosen = chosen(backends);
    let mut functions = Functions::default();
    let forwards: Vec<_> = chosen.iter().map(|b| forward(net, b, &mut functions)).collect();
    let dispatch = dispatch(net, &chosen);
    let items = functions.items();
    quote! {
        #items
        #(#forwards)*
        #dispatch
    }
}

fn forward(net: Net, backend: &Backend, functions: &mut Functions) -> TokenStream {
    let attributes = backend.attributes();
    let mut names: HashMap<String, Ident> = HashMap::new();
    let mut items = TokenStream::new();
    let mut calls = TokenStream::new();
    for (i, step) in net.plan.steps.iter().enumerate() {
        let is_shared = step.work.is_shared();
        let Call { kind, body, operands } = call(net, &step.work, backend, functions);
        let part = match (step.work.is_partial(), is_shared) {
            (false, _) => quote!(),
            (true, false) => quote!(let part = rt::Part::ALL;),
            (true, true) => quote!(let part = member.part();),
        };
        let cuts = operands.iter().map(Operand::cut);
        let body = quote!(#part #(#cuts)* #body);
        let key = format!("{body}");
        let next = format_ident!("{}_{}_{}", kind, names.len(), backend.suffix);
        let about = format!(" {}: {}, and whatever equals it.", step.path, step.work.verb());
        let name = names.entry(key).or_insert_with(|| {
            let parameters = operands.iter().map(Operand::parameter);
            items.extend(quote! {
                #[doc = #about]
                #attributes
                #[inline(never)]
                #[allow(unused_variables)]
                fn #next(member: &rt::Member<'_>, #(#parameters),*) {
                    #body
                }
            });
            next
        });
        let places = operands.iter().map(|Operand { whole, at, .. }| quote!(#whole, #at));
        let path = &step.path;
        let mut call = quote!(#name(&member, #(#places),*););
        if !is_shared {
            call = quote!(if member.leads() { #call });
        }
        // what one thread does alone, twice in a row, wants no waiting between
        let goes_on = !is_shared && net.plan.steps.get(i + 1).is_some_and(|next| !next.work.is_shared());
        let wait = (!goes_on).then(|| quote!(member.wait();));
        calls.extend(quote! {
            probe.start();
            #call
            #wait
            probe.done(#path);
        });
    }
    let name = forward_name(backend);
    let parameters = forward_parameters(net);
    let lengths = known_lengths(net);
    quote! {
        #items
        #attributes
        #[inline(never)]
        #[allow(unused_variables)]
        fn #name<P: rt::Probe>(#parameters) {
            #lengths
            #calls
        }
    }
}

fn forward_name(backend: &Backend) -> Ident {
    format_ident!("forward_{}", backend.suffix)
}

fn forward_parameters(net: Net) -> TokenStream {
    let (inputs, outputs) = (net.graph.inputs.len(), net.graph.outputs.len());
    quote! {
        inputs: [rt::Src<'_>; #inputs],
        outputs: [rt::Dst<'_>; #outputs],
        arena: rt::Dst<'_>,
        weights: rt::Src<'_>,
        probe: &mut P,
        member: rt::Member<'_>
    }
}

/// All memory checked once for its length, which is a literal from there on: rustc then passes no lengths to the steps and has
/// no checks to compile at their calls. (200 equal inverted residuals: 1.4 times the time of 20 without this, 1.25 with it.)
fn known_lengths(net: Net) -> TokenStream {
    let cut = |memory: &'static str| {
        let memory = format_ident!("{}", memory);
        move |(i, len): (usize, usize)| quote!(#memory[#i].cut(0, #len))
    };
    let elements = |t: TensorId| net.graph.shape(t).elements();
    let inputs = net.graph.inputs.iter().map(|&(_, t)| elements(t)).enumerate().map(cut("inputs"));
    let outputs = net.graph.outputs.iter().map(|&t| elements(t)).enumerate().map(cut("outputs"));
    let (arena, weights) = (net.layout.len, net.plan.packed_len);
    quote! {
        let (inputs, outputs) = ([#(#inputs),*], [#(#outputs),*]);
        let (arena, weights) = (arena.cut(0, #arena), weights.cut(0, #weights));
        let source = arena.as_src();
    }
}

/// `forward`, of a member of the crew on the backend that was chosen at load, and `dispatch`, which sets the crew to work.
fn dispatch(net: Net, backends: &[&Backend]) -> TokenStream {
    let parameters = forward_parameters(net);
    let arms = backends.iter().filter(|b| !b.features.is_empty()).map(|b| {
        let (variant, name) = (format_ident!("{}", b.token), forward_name(b));
        quote! {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a net holds a backend only after `Backend::is_available` said that the CPU has all its features
            rt::Backend::#variant => unsafe { #name(inputs, outputs, arena, weights, probe, member) },
        }
    });
    let portable = forward_name(&PORTABLE);
    let (inputs, outputs) = (net.graph.inputs.len(), net.graph.outputs.len());
    quote! {
        fn forward<P: rt::Probe>(backend: rt::Backend, #parameters) {
            match backend {
                #(#arms)*
                _ => #portable(inputs, outputs, arena, weights, probe, member),
            }
        }
        fn dispatch<P: rt::Probe>(
            threads: &rt::Threads, backend: rt::Backend,
            inputs: [rt::Src<'_>; #inputs], outputs: [rt::Dst<'_>; #outputs], arena: rt::Dst<'_>, weights: rt::Src<'_>, probe: &mut P,
        ) {
            // SAFETY: the parts of a step write different memory, and all members meet before another step reads it
            unsafe {
                threads.run(
                    |member| forward(backend, inputs, outputs, arena, weights, probe, member),
                    |member| forward(backend, inputs, outputs, arena, weights, &mut rt::NoProbe, member),
                );
            }
        }
    }
}
