//! What a kernel call is handed: its operands, each a stretch of some memory, and their sizes.

use super::Net;
use crate::ops::Window;
use crate::plan::{Home, Range, View};
use crate::shape::Shape;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// What a step reads or writes. Step functions are handed whole memories and places, and cut their part themselves: a net has few
/// of them and many calls.
pub(super) struct Operand {
    pub(super) name: Ident,
    is_written: bool,
    /// The memory that holds it, as the forward names it.
    pub(super) whole: TokenStream,
    /// Where in that memory.
    pub(super) at: usize,
    len: usize,
    /// Where in a thread's own scratch memory, if no two threads may use it at a time.
    own: Option<usize>,
}

impl Operand {
    /// The same, at `own` in each thread's own scratch memory if there is one.
    pub(super) fn owned(self, own: Option<usize>) -> Operand {
        Operand { own, ..self }
    }

    pub(super) fn parameter(&self) -> TokenStream {
        let (name, at) = (&self.name, self.place());
        let ty = if self.is_written { quote!(rt::Dst<'_>) } else { quote!(rt::Src<'_>) };
        quote!(#name: #ty, #at: usize)
    }

    /// What the parameter is when the kernel gets it.
    pub(super) fn cut(&self) -> TokenStream {
        let (name, at, len) = (&self.name, self.place(), self.len);
        let cut = quote!(#name.cut(#at, #len));
        match self.own {
            None => quote!(let #name = #cut;),
            Some(own) => quote!(let #name = member.scratch(#cut, #own);),
        }
    }

    fn place(&self) -> Ident {
        format_ident!("{}_at", self.name)
    }
}

pub(super) fn packed(name: &str, range: Range) -> Operand {
    let Range { at, len } = range;
    Operand { name: format_ident!("{}", name), is_written: false, whole: quote!(weights), at, len, own: None }
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

/// The view as a source.
pub(super) fn read(net: Net, name: &str, v: View) -> Operand {
    let written = write(net, name, v);
    let whole = match net.plan.buffers[v.buffer.0].home {
        Home::Input(_) | Home::Weights(_) => written.whole,
        Home::Arena => quote!(source),
        Home::Output(i) => quote!(outputs[#i].as_src()),
    };
    Operand { is_written: false, whole, ..written }
}

/// The view as a destination.
pub(super) fn write(net: Net, name: &str, v: View) -> Operand {
    let (whole, at) = whole(net, v);
    Operand { name: format_ident!("{}", name), is_written: true, whole, at, len: v.extent(), own: None }
}

/// The memory that holds a view, and where in it the view begins.
fn whole(net: Net, v: View) -> (TokenStream, usize) {
    match net.plan.buffers[v.buffer.0].home {
        Home::Input(i) => (quote!(inputs[#i]), v.offset),
        Home::Output(i) => (quote!(outputs[#i]), v.offset),
        Home::Weights(at) => (quote!(weights), at + v.offset),
        Home::Arena => {
            let at = net.layout.offsets[v.buffer.0].expect("a buffer that a step touches has its place");
            (quote!(arena), at + v.offset)
        }
    }
}
