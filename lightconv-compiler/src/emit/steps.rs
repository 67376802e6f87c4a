//! A function for each distinct step and backend, the steps as a table, the forward of each backend that goes through it, and the
//! dispatch.
//!
//! Sizes are literals in the step functions, places are in the table, which all backends share: so equal layers share a function, and
//! one more of them costs rustc a line of data.

use super::call::{Call, call};
use super::operand::{cuts, memory, places, prefetch};
use super::unary::Functions;
use super::{Backends, Net};
use crate::plan::{Step, Work};
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
    /// The architecture that it is for, and what `#[target_feature]` enables there; `None`: it is for all, and nothing.
    target: Option<(&'static str, &'static str)>,
    pub(super) machine: Machine,
}

const PORTABLE: Backend = Backend { suffix: "portable", token: "Portable", target: None, machine: tiles::PORTABLE };
const AVX2: Backend =
    Backend { suffix: "avx2", token: "Avx2", target: Some(("x86_64", "avx2,fma")), machine: tiles::AVX2 };
const AVX512: Backend = Backend {
    suffix: "avx512",
    token: "Avx512",
    target: Some(("x86_64", "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")),
    machine: tiles::AVX512,
};

impl Backend {
    /// Attributes of its functions.
    fn attributes(&self) -> TokenStream {
        let enabled = self
            .target
            .map(|(arch, features)| quote!(#[cfg(target_arch = #arch)] #[target_feature(enable = #features)]));
        enabled.unwrap_or_default()
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

/// Everything that runs: functions of one number, step functions, the table of steps, forwards, dispatch.
pub(super) fn steps(net: Net, backends: Backends) -> TokenStream {
    let chosen = chosen(backends);
    let kinds = Kinds::of(net);
    let mut functions = Functions::default();
    let forwards: Vec<_> = chosen.iter().map(|b| forward(net, &kinds, b, &mut functions)).collect();
    let items = functions.items();
    let table = table(net, &kinds);
    let dispatch = dispatch(net, &chosen);
    quote! {
        #items
        #table
        #(#forwards)*
        #dispatch
    }
}

/// Which steps are equal but for the places of their operands and of what they fetch.
struct Kinds<'a> {
    /// The first step of each kind.
    first: Vec<&'a Step>,
    /// The kind of each step.
    of: Vec<usize>,
}

impl Kinds<'_> {
    fn of(net: Net<'_>) -> Kinds<'_> {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut kinds = Kinds { first: Vec::new(), of: Vec::new() };
        for step in &net.plan.steps {
            let kind =
                *known.entry(format!("{:?} {}", step.work.placeless(), step.fetches())).or_insert(kinds.first.len());
            if kind == kinds.first.len() {
                kinds.first.push(step);
            }
            kinds.of.push(kind);
        }
        kinds
    }
}

/// `STEPS`: of each its path, its kind, whether the members of a crew meet after it, its places, and what it fetches for others.
fn table(net: Net, kinds: &Kinds) -> TokenStream {
    let steps = &net.plan.steps;
    let lines = steps.iter().zip(&kinds.of).enumerate().map(|(i, (step, kind))| {
        // what one thread does alone, twice in a row, wants no waiting between
        let goes_on = |next: &Step| !step.work.is_shared() && !next.work.is_shared();
        let meets = !steps.get(i + 1).is_some_and(goes_on);
        let (path, places, prefetch) = (&step.path, places(net, &step.work), prefetch(&step.prefetch));
        quote!(rt::Step { path: #path, kind: #kind, meets: #meets, places: &[#(#places),*], prefetch: #prefetch })
    });
    quote!(static STEPS: &[rt::Step] = &[#(#lines),*];)
}

/// The step functions of a backend, and the forward that calls them.
fn forward(net: Net, kinds: &Kinds, backend: &Backend, functions: &mut Functions) -> TokenStream {
    let attributes = backend.attributes();
    let (mut items, mut arms) = (TokenStream::new(), TokenStream::new());
    for (kind, step) in kinds.first.iter().enumerate() {
        let Call { kind: family, body } = call(&step.work, backend, net.plan.options, functions);
        let (part, cuts) = (part(&step.work), cuts(net, step));
        let name = format_ident!("{}_{}_{}", family, kind, backend.suffix);
        let about = format!(" {}: {}, and whatever equals it.", step.path, step.work.verb());
        items.extend(quote! {
            #[doc = #about]
            #attributes
            #[inline(never)]
            #[allow(unused_variables)]
            fn #name(member: &rt::Member<'_>, operands: &rt::Operands<'_>) {
                #part
                #cuts
                #body
            }
        });
        let alone = (!step.work.is_shared()).then(|| quote!(if member.leads()));
        arms.extend(quote!(#kind => #alone { #name(&member, operands) }));
    }
    let name = forward_name(backend);
    let parameters = forward_parameters();
    quote! {
        #items
        #attributes
        #[inline(never)]
        fn #name<P: rt::Probe>(#parameters) {
            for step in STEPS {
                probe.start();
                let operands = &rt::Operands { memory, places: step.places, prefetch: step.prefetch };
                match step.kind {
                    #arms
                    _ => ::core::unreachable!(),
                }
                if step.meets {
                    member.wait();
                }
                probe.done(step.path);
            }
        }
    }
}

/// The share of the work that a step's function does.
fn part(work: &Work) -> TokenStream {
    match (work.is_partial(), work.is_shared()) {
        (false, _) => quote!(),
        (true, false) => quote!(let part = rt::Part::ALL;),
        (true, true) => quote!(let part = member.part();),
    }
}

fn forward_name(backend: &Backend) -> Ident {
    format_ident!("forward_{}", backend.suffix)
}

fn forward_parameters() -> TokenStream {
    quote!(memory: &rt::Memory<'_>, probe: &mut P, member: rt::Member<'_>)
}

/// `forward`, of a member of the crew on the backend that was chosen at load, and `dispatch`, which sets the crew to work.
fn dispatch(net: Net, backends: &[&Backend]) -> TokenStream {
    let parameters = forward_parameters();
    let arms = backends.iter().filter_map(|b| {
        let ((arch, _), variant, name) = (b.target?, format_ident!("{}", b.token), forward_name(b));
        Some(quote! {
            #[cfg(target_arch = #arch)]
            // SAFETY: the CPU has all features of an `Available` backend
            rt::Backend::#variant => unsafe { #name(memory, probe, member) },
        })
    });
    let portable = forward_name(&PORTABLE);
    let memory = memory(net);
    let (inputs, outputs) = (net.graph.inputs.len(), net.graph.outputs.len());
    quote! {
        fn forward<P: rt::Probe>(backend: rt::Available, #parameters) {
            match backend.backend() {
                #(#arms)*
                _ => #portable(memory, probe, member),
            }
        }
        fn dispatch<P: rt::Probe>(
            threads: &rt::Threads, backend: rt::Available,
            inputs: [rt::Src<'_>; #inputs], outputs: [rt::Dst<'_>; #outputs], arena: rt::Dst<'_>, weights: rt::Src<'_>, probe: &mut P,
        ) {
            let memory = &#memory;
            // SAFETY: the parts of a step write different memory, and all members meet before another step reads it
            unsafe {
                threads.run(
                    |member| forward(backend, memory, probe, member),
                    |member| forward(backend, memory, &mut rt::NoProbe, member),
                );
            }
        }
    }
}
