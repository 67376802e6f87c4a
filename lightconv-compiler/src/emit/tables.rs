//! Layers, weights and packing as constants.

use super::Net;
use crate::graph::{Graph, Node};
use crate::ops::WeightKind;
use crate::plan::{Norm, Pack};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// `LAYERS`, `WEIGHTS` and `PACKS`, within the net's own scope.
pub(super) fn tables(net: Net) -> TokenStream {
    let mut shapes = Shapes::default();
    let layers = net.graph.nodes.iter().zip(&net.cost.layers).map(|(node, cost)| {
        let (path, operator) = (&node.path, node.op.describe());
        let input = shapes.name(input_dims(net.graph, node));
        let output = shapes.name(net.graph.shape(node.outputs[0]).dims());
        let (params, macs) = (cost.params, cost.macs);
        quote! {
            rt::LayerInfo { path: #path, operator: #operator, input: #input, output: #output, params: #params, macs: #macs }
        }
    });
    let layers: Vec<_> = layers.collect();
    let weights = net.graph.weights.iter().map(|w| {
        let (name, shape, kind) = (&w.name, shapes.name(w.shape.clone()), weight_kind(w.kind));
        quote!(rt::WeightInfo { name: #name, shape: #shape, kind: #kind })
    });
    let weights: Vec<_> = weights.collect();
    let packs = net.plan.packs.iter().map(pack);
    let shapes = shapes.items;
    quote! {
        #shapes
        const LAYERS: &[rt::LayerInfo] = &[#(#layers),*];
        const WEIGHTS: &[rt::WeightInfo] = &[#(#weights),*];
        static PACKS: &[rt::Pack] = &[#(#packs),*];
    }
}

/// Distinct shapes, each a constant: written out at every layer and weight, they took rustc most of the time it spent on the tables.
#[derive(Default)]
struct Shapes {
    names: HashMap<Vec<usize>, Ident>,
    items: TokenStream,
}

impl Shapes {
    fn name(&mut self, dims: Vec<usize>) -> Ident {
        let next = format_ident!("SHAPE_{}", self.names.len());
        match self.names.entry(dims) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let dims = new.key();
                self.items.extend(quote!(const #next: &[usize] = &[#(#dims),*];));
                new.insert(next).clone()
            }
        }
    }
}

/// The shape of a layer's first input; empty where it has none.
fn input_dims(graph: &Graph, node: &Node) -> Vec<usize> {
    node.inputs.first().map_or(Vec::new(), |&t| graph.shape(t).dims())
}

fn weight_kind(kind: WeightKind) -> TokenStream {
    match kind {
        WeightKind::Kernel { fan_in } => quote!(rt::WeightKind::Kernel { fan_in: #fan_in }),
        WeightKind::Bias => quote!(rt::WeightKind::Bias),
        WeightKind::Factor => quote!(rt::WeightKind::Factor),
        WeightKind::Mean => quote!(rt::WeightKind::Mean),
        WeightKind::Variance => quote!(rt::WeightKind::Variance),
        WeightKind::Slope => quote!(rt::WeightKind::Slope),
        WeightKind::Free => quote!(rt::WeightKind::Free),
    }
}

fn pack(pack: &Pack) -> TokenStream {
    match *pack {
        Pack::Conv { at, weight, bias, norm: n, outputs, inputs, taps, groups, transposed } => {
            let (bias, norm) = (option(bias), option(n.map(norm)));
            quote!(rt::Pack::Conv {
                at: #at, weight: #weight, bias: #bias, norm: #norm, outputs: #outputs, inputs: #inputs, taps: #taps, groups: #groups,
                transposed: #transposed,
            })
        }
        Pack::Winograd { at, weight, bias, norm: n, outputs, inputs, side } => {
            let (bias, norm) = (option(bias), option(n.map(norm)));
            quote!(rt::Pack::Winograd {
                at: #at, weight: #weight, bias: #bias, norm: #norm, outputs: #outputs, inputs: #inputs, side: #side,
            })
        }
        Pack::Depthwise { at, weight, bias, norm: n, channels, taps, transposed } => {
            let (bias, norm) = (option(bias), option(n.map(norm)));
            quote!(rt::Pack::Depthwise {
                at: #at, weight: #weight, bias: #bias, norm: #norm, channels: #channels, taps: #taps, transposed: #transposed,
            })
        }
        Pack::Affine { at, norm: n, channels } => {
            let norm = norm(n);
            quote!(rt::Pack::Affine { at: #at, norm: #norm, channels: #channels })
        }
        Pack::Scale { at, weight, channels } => {
            quote!(rt::Pack::Scale { at: #at, gamma: #weight, channels: #channels })
        }
        Pack::Raw { at, weight, dims } => quote!(rt::Pack::Raw { at: #at, weight: #weight, dims: [#(#dims),*] }),
    }
}

fn norm(n: Norm) -> TokenStream {
    let Norm { gamma, beta, mean, variance, eps } = n;
    quote!(rt::Norm { gamma: #gamma, beta: #beta, mean: #mean, variance: #variance, eps: #eps })
}

fn option(x: Option<impl quote::ToTokens>) -> TokenStream {
    match x {
        Some(x) => quote!(::core::option::Option::Some(#x)),
        None => quote!(::core::option::Option::None),
    }
}
