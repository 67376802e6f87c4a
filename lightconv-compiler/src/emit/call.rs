//! One kernel call: from a step of the plan to the body of its function, which has the step's operands by name.
//!
//! Each family of kernels has a function, the long ones in `convolution`. [`call`] names every kind of work, so that rustc says
//! when one has no family.

mod convolution;

use super::operand::{geometry, map, strides};
use super::steps::Backend;
use super::unary::{Functions, binary};
use crate::ops::{Axis, Reduction, Resize, Window};
use crate::options::Options;
use crate::plan::tiling::Tiling;
use crate::plan::{Stride, Unary, View, Work};
use convolution::{convolution, joined, scale, separable};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// One kernel call.
pub(super) struct Call {
    /// Begins the function's name.
    pub(super) kind: &'static str,
    pub(super) body: TokenStream,
}

pub(super) fn call(work: &Work, backend: &Backend, options: Options, functions: &mut Functions) -> Call {
    let site = &mut Site { work, backend, options, functions };
    match work {
        Work::Conv { .. } | Work::Winograd { .. } | Work::Depthwise { .. } => convolution(site),
        Work::Joined { .. } => joined(site),
        Work::Separable { .. } => separable(site),
        Work::ScalePanels { .. } => scale(site),
        Work::MaxPool { .. } | Work::AvgPool { .. } | Work::AdaptivePool { .. } => pool(site),
        Work::Unary { .. } | Work::Binary { .. } | Work::Affine { .. } | Work::Prelu { .. } => elementwise(site),
        Work::Copy { .. }
        | Work::Flatten { .. }
        | Work::ChannelShuffle { .. }
        | Work::Move { .. }
        | Work::Resize { .. } => rearrangement(site),
        Work::LayerNorm { .. } | Work::GroupNorm { .. } | Work::Softmax { .. } => normalisation(site),
        Work::ChannelConv { .. } | Work::MatMul { .. } | Work::Attention { .. } => product(site),
    }
}

/// What every family has to know: the work, and where its call will stand.
struct Site<'a> {
    work: &'a Work,
    backend: &'a Backend,
    options: Options,
    functions: &'a mut Functions,
}

impl Site<'_> {
    /// The token of the backend, which every kernel takes first.
    fn simd(&self) -> TokenStream {
        let token = format_ident!("{}", self.backend.token);
        quote!(rt::#token::new())
    }

    fn tiling(&self) -> Option<Tiling> {
        self.work.tiling(self.backend.machine, self.options)
    }

    fn function(&mut self, unary: &Unary) -> TokenStream {
        self.functions.expression(unary)
    }
}

fn pool(site: &mut Site) -> Call {
    match site.work {
        Work::MaxPool { input, output, window, act } => windowed(site, "max_pool", *input, *output, window, false, act),
        Work::AvgPool { input, output, window, count_include_pad, act } => {
            windowed(site, "avg_pool", *input, *output, window, *count_include_pad, act)
        }
        Work::AdaptivePool { reduction, input, output, act } => {
            let s = site.simd();
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            let name = match (reduction, input.channels == output.channels) {
                (Reduction::Mean, true) => format_ident!("adaptive_avg_pool"),
                (Reduction::Mean, false) => format_ident!("channel_avg_pool"),
                (Reduction::Max, true) => format_ident!("adaptive_max_pool"),
                (Reduction::Max, false) => format_ident!("channel_max_pool"),
            };
            let part = site.work.is_partial().then(|| quote!(part,));
            Call { kind: "adaptive_pool", body: quote!(rt::#name(#s, #part #input_map, #output_map, src, dst, #act)) }
        }
        _ => unreachable!("no pooling"),
    }
}

fn windowed(
    site: &mut Site,
    kernel: &str,
    input: View,
    output: View,
    window: &Window,
    count_include_pad: bool,
    act: &Unary,
) -> Call {
    let (s, kernel) = (site.simd(), format_ident!("{}", kernel));
    let (input_map, output_map, act) = (map(input), map(output), site.function(act));
    let [below, right] = window.after;
    let counted = if count_include_pad {
        quote!(::core::option::Option::Some([#below, #right]))
    } else {
        quote!(::core::option::Option::None)
    };
    let window = geometry(window);
    Call {
        kind: "pool",
        body: quote! {
            rt::#kernel(
                #s, part,
                rt::Pool {
                    input: #input_map, output: #output_map, window: #window, count_include_pad: #counted,
                },
                src, dst, #act,
            )
        },
    }
}

fn elementwise(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::Unary { input, output, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call { kind: "unary", body: quote!(rt::unary(#s, part, #input_map, #output_map, src, dst, #act)) }
        }
        Work::Binary { op, a, b, output, act } => {
            let (output_map, act, op) = (map(*output), site.function(act), binary(*op));
            let (a_strides, b_strides) = (strides(*a, *output), strides(*b, *output));
            Call {
                kind: "binary",
                body: quote! {
                    rt::binary(
                        #s, part, rt::Broadcast { output: #output_map, a: #a_strides, b: #b_strides }, a, b, dst, rt::#op, #act,
                    )
                },
            }
        }
        Work::Affine { input, output, act, .. } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "affine",
                body: quote!(rt::affine(#s, part, #input_map, #output_map, src, weights, dst, #act)),
            }
        }
        Work::Prelu { input, output, .. } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call { kind: "prelu", body: quote!(rt::prelu(#s, part, #input_map, #output_map, src, weights, dst)) }
        }
        _ => unreachable!("nothing elementwise"),
    }
}

fn rearrangement(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::Copy { input, output } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call { kind: "copy", body: quote!(rt::copy(#s, part, #input_map, #output_map, src, dst)) }
        }
        Work::Flatten { input, .. } => {
            let input_map = map(*input);
            Call { kind: "flatten", body: quote!(rt::flatten(#s, #input_map, src, dst)) }
        }
        Work::ChannelShuffle { parts, output } => {
            let output_map = map(*output);
            let sources = parts.iter().enumerate().map(|(i, part)| {
                let (name, stride) = (format_ident!("part{}", i), part.stride);
                quote!((#name, #stride))
            });
            Call {
                kind: "channel_shuffle",
                body: quote!(rt::channel_shuffle(#s, part, #output_map, [#(#sources),*], dst)),
            }
        }
        Work::Move { output, fill, from, to, loops, .. } => {
            let output_map = map(*output);
            let fill = if *fill { quote!(rt::zero(#s, #output_map, dst);) } else { quote!() };
            let loops = loops.iter().map(|Stride { count, input, output }| quote!([#count, #input, #output]));
            Call {
                kind: "rearrange",
                body: quote! {
                    #fill
                    rt::rearrange(#s, [#(#loops),*], src.after(#from), dst.after(#to))
                },
            }
        }
        Work::Resize { input, output, how } => {
            let (input_map, output_map) = (map(*input), map(*output));
            let body = match how {
                Resize::Nearest { step: [y, x] } => {
                    quote!(rt::resize_nearest(#s, part, #input_map, #output_map, [#y, #x], src, dst))
                }
                Resize::Bilinear { step: [y, x], align_corners } => {
                    quote!(rt::resize_bilinear(#s, part, #input_map, #output_map, [#y, #x], #align_corners, src, dst))
                }
            };
            Call { kind: "resize", body }
        }
        _ => unreachable!("no rearrangement"),
    }
}

fn normalisation(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::LayerNorm { input, output, eps, act, .. } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "layer_norm",
                body: quote!(rt::layer_norm(#s, #input_map, #output_map, src, weight, bias, dst, #eps, #act)),
            }
        }
        Work::GroupNorm { input, output, groups, eps, act, .. } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "group_norm",
                body: quote! {
                    rt::group_norm(#s, #input_map, #output_map, #groups, src, weight, bias, stats, dst, #eps, #act)
                },
            }
        }
        Work::Softmax { input, output, axis } => {
            let (input_map, output_map) = (map(*input), map(*output));
            let axis = match axis {
                Axis::Channels => quote!(rt::Axis::Channels),
                Axis::Height => quote!(rt::Axis::Height),
                Axis::Width => quote!(rt::Axis::Width),
            };
            Call { kind: "softmax", body: quote!(rt::softmax(#s, #input_map, #output_map, src, dst, #axis)) }
        }
        _ => unreachable!("no normalisation"),
    }
}

fn product(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::ChannelConv { input, act, .. } => {
            let (channels, act) = (input.channels, site.function(act));
            Call { kind: "channel_conv", body: quote!(rt::channel_conv(#s, #channels, src, weights, dst, #act)) }
        }
        Work::MatMul { a, b, output, act } => {
            let (a_map, b_map, output_map, act) = (map(*a), map(*b), map(*output), site.function(act));
            Call {
                kind: "matmul",
                body: quote! {
                    rt::matmul(#s, rt::MatMul { a: #a_map, b: #b_map, output: #output_map }, a, b, dst, #act)
                },
            }
        }
        Work::Attention { query, key, value, output, heads: [heads, key_heads, value_heads], .. } => {
            let (query_map, key_map, value_map, output_map) = (map(*query), map(*key), map(*value), map(*output));
            Call {
                kind: "attention",
                body: quote! {
                    rt::attention(
                        #s,
                        rt::Attention {
                            query: #query_map, key: #key_map, value: #value_map, output: #output_map,
                            heads: #heads, key_heads: #key_heads, value_heads: #value_heads,
                        },
                        query, key, value, scratch, dst,
                    )
                },
            }
        }
        _ => unreachable!("no product"),
    }
}
