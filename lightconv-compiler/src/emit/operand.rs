//! What a kernel call is handed: its operands, each a stretch of some memory, and their sizes.
//!
//! A step's function is handed the memories of the forward and the places in them, and cuts its operands itself: a net has few functions
//! and many steps.

use super::Net;
use crate::ops::Window;
use crate::plan::{Home, Prefetch, Range, Step, Touch, View, Work};
use crate::shape::Shape;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Statements that cut the operands of a step, by name.
pub(super) fn cuts(net: Net, step: &Step) -> TokenStream {
    let work = &step.work;
    let operands = work.operands();
    let cuts = operands.iter().enumerate().map(|(i, (name, touch))| {
        let name = format_ident!("{}", name);
        let cut = match touch {
            Touch::Read(_) | Touch::Packed(_) => quote!(source),
            Touch::Written(_) | Touch::Scratch(_) => quote!(destination),
        };
        let len = match touch {
            Touch::Read(view) | Touch::Written(view) | Touch::Scratch(view) => view.extent(),
            Touch::Packed(range) => range.len,
        };
        let cut = quote!(operands.#cut(#i, #len));
        match touch {
            // what no two threads may use at a time
            Touch::Scratch(view) if work.is_shared() => {
                let own = work.own_scratch(view);
                quote!(let #name = member.scratch(#cut, #own);)
            }
            _ => quote!(let #name = #cut;),
        }
    });
    let upcoming = match work {
        Work::Conv { .. } if step.fetches() => {
            let weights = weights(net);
            quote!(let upcoming = operands.upcoming(member, #weights);)
        }
        Work::Conv { .. } => quote!(let upcoming = rt::Upcoming::NOTHING;),
        _ => quote!(),
    };
    quote!(#(#cuts)* #upcoming)
}

/// The weights of later steps that are fetched meanwhile.
pub(super) fn prefetch(Prefetch { ranges, beside }: &Prefetch) -> TokenStream {
    let spans = ranges
        .iter()
        .map(|(Range { at, len }, is_shared)| quote!(rt::Span { at: #at, len: #len, is_shared: #is_shared }));
    quote!(rt::Prefetch { spans: &[#(#spans),*], beside: #beside })
}

/// Where the operands of a step lie: of each the number of its memory, as [`memory`] counts them, and the first float there.
pub(super) fn places(net: Net, work: &Work) -> Vec<TokenStream> {
    let place = |(_, touch): (_, Touch)| {
        let (memory, at) = match touch {
            Touch::Read(view) | Touch::Written(view) | Touch::Scratch(view) => place(net, view),
            Touch::Packed(range) => (weights(net), range.at),
        };
        quote!((#memory, #at))
    };
    work.operands().into_iter().map(place).collect()
}

/// The memories of a forward: what can be written, then what can only be read besides.
pub(super) fn memory(net: Net) -> TokenStream {
    let outputs: Vec<_> = (0..net.graph.outputs.len()).collect();
    let inputs = 0..net.graph.inputs.len();
    quote! {
        rt::Memory {
            written: &[arena, #(outputs[#outputs]),*],
            read: &[arena.as_src(), #(outputs[#outputs].as_src(),)* weights, #(inputs[#inputs]),*],
        }
    }
}

/// The number of the packed weights among the memories.
fn weights(net: Net) -> usize {
    1 + net.graph.outputs.len()
}

/// The number of the memory that holds a view, and where in it the view begins.
fn place(net: Net, view: View) -> (usize, usize) {
    match net.plan.buffers[view.buffer.0].home {
        Home::Arena => {
            let at = net.layout.offsets[view.buffer.0].expect("a buffer that a step touches has its place");
            (0, at + view.offset)
        }
        Home::Output(i) => (1 + i, view.offset),
        Home::Weights(at) => (weights(net), at + view.offset),
        Home::Input(i) => (weights(net) + 1 + i, view.offset),
    }
}

pub(super) fn map(v: View) -> TokenStream {
    map_of(Shape::map(v.channels, v.height, v.width), v.stride)
}

/// The map of a tensor that may have no place of its own.
pub(super) fn map_of(shape: Shape, stride: usize) -> TokenStream {
    let (height, width, channels) = (shape.height(), shape.width(), shape.channels());
    quote!(rt::Map { height: #height, width: #width, channels: #channels, stride: #stride })
}

pub(super) fn geometry(w: &Window) -> TokenStream {
    let pair = |[a, b]: [usize; 2]| quote!([#a, #b]);
    let (kernel, stride, padding, dilation) = (pair(w.kernel), pair(w.stride), pair(w.before), pair(w.dilation));
    quote!(rt::Window { kernel: #kernel, stride: #stride, padding: #padding, dilation: #dilation })
}

/// Floats from row to row, pixel to pixel and channel to channel of an operand; 0 along an axis where it is broadcast.
pub(super) fn strides(v: View, output: View) -> TokenStream {
    let row = if v.height == output.height { v.width * v.stride } else { 0 };
    let pixel = if v.width == output.width { v.stride } else { 0 };
    let channel = usize::from(v.channels == output.channels);
    quote!(rt::Strides { row: #row, pixel: #pixel, channel: #channel })
}
