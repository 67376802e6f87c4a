//! One kernel call: from a step of the plan to the body of its function and the operands that it is handed.
//!
//! Each family of kernels has a function, the long ones in `convolution`. [`call`] names every kind of work, so that rustc says
//! when one has no family.

mod convolution;

use super::Net;
use super::operand::{Operand, geometry, map, packed, read, strides, write};
use super::steps::Backend;
use super::unary::{Functions, binary};
use crate::ops::{Axis, Reduction, Resize, Window};
use crate::plan::tiling::Tiling;
use crate::plan::{Stride, Unary, View, Work};
use convolution::{convolution, joined, scale};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// One kernel call: the function's body, its operands by name, and where those lie.
pub(super) struct Call {
    /// Begins the function's name.
    pub(super) kind: &'static str,
    pub(super) body: TokenStream,
    pub(super) operands: Vec<Operand>,
}

pub(super) fn call(net: Net, work: &Work, backend: &Backend, functions: &mut Functions) -> Call {
    let site = &mut Site { net, work, backend, functions };
    match work {
        Work::Conv { .. } | Work::Winograd { .. } | Work::Depthwise { .. } => convolution(site),
        Work::Joined { .. } => joined(site),
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
    net: Net<'a>,
    work: &'a Work,
    backend: &'a Backend,
    functions: &'a mut Functions,
}

impl Site<'_> {
    /// The token of the backend, which every kernel takes first.
    fn simd(&self) -> TokenStream {
        let token = format_ident!("{}", self.backend.token);
        quote!(rt::#token::new())
    }

    fn tiling(&self) -> Option<Tiling> {
        self.work.tiling(self.backend.machine, self.net.plan.options)
    }

    fn read(&self, name: &str, v: View) -> Operand {
        read(self.net, name, v)
    }

    fn write(&self, name: &str, v: View) -> Operand {
        write(self.net, name, v)
    }

    /// What no two threads may use at a time.
    fn own(&self, name: &str, v: View) -> Operand {
        let own = self.work.is_shared().then(|| self.work.own_scratch(&v));
        self.write(name, v).owned(own)
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
            Call {
                kind: "adaptive_pool",
                body: quote!(rt::#name(#s, #part #input_map, #output_map, src, dst, #act)),
                operands: vec![site.read("src", *input), site.write("dst", *output)],
            }
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
    let counted = if count_include_pad { quote!(Some([#below, #right])) } else { quote!(None) };
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
        operands: vec![site.read("src", input), site.write("dst", output)],
    }
}

fn elementwise(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::Unary { input, output, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "unary",
                body: quote!(rt::unary(#s, part, #input_map, #output_map, src, dst, #act)),
                operands: vec![site.read("src", *input), site.write("dst", *output)],
            }
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
                operands: vec![site.read("a", *a), site.read("b", *b), site.write("dst", *output)],
            }
        }
        Work::Affine { input, output, weights, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "affine",
                body: quote!(rt::affine(#s, part, #input_map, #output_map, src, weights, dst, #act)),
                operands: vec![site.read("src", *input), packed("weights", *weights), site.write("dst", *output)],
            }
        }
        Work::Prelu { input, output, weights } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call {
                kind: "prelu",
                body: quote!(rt::prelu(#s, part, #input_map, #output_map, src, weights, dst)),
                operands: vec![site.read("src", *input), packed("weights", *weights), site.write("dst", *output)],
            }
        }
        _ => unreachable!("nothing elementwise"),
    }
}

fn rearrangement(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::Copy { input, output } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call {
                kind: "copy",
                body: quote!(rt::copy(#s, part, #input_map, #output_map, src, dst)),
                operands: vec![site.read("src", *input), site.write("dst", *output)],
            }
        }
        Work::Flatten { input, output } => {
            let input_map = map(*input);
            Call {
                kind: "flatten",
                body: quote!(rt::flatten(#s, #input_map, src, dst)),
                operands: vec![site.read("src", *input), site.write("dst", *output)],
            }
        }
        Work::ChannelShuffle { parts, output } => {
            let output_map = map(*output);
            let names: Vec<_> = (0..parts.len()).map(|i| format!("part{i}")).collect();
            let mut operands: Vec<_> = names.iter().zip(parts).map(|(name, part)| site.read(name, *part)).collect();
            let sources =
                operands.iter().zip(parts).map(|(Operand { name, .. }, View { stride, .. })| quote!((#name, #stride)));
            let body = quote!(rt::channel_shuffle(#s, part, #output_map, [#(#sources),*], dst));
            operands.push(site.write("dst", *output));
            Call { kind: "channel_shuffle", body, operands }
        }
        Work::Move { input, output, fill, from, to, loops } => {
            let output_map = map(*output);
            let fill = if *fill { quote!(rt::zero(#s, #output_map, dst);) } else { quote!() };
            let loops = loops.iter().map(|Stride { count, input, output }| quote!([#count, #input, #output]));
            Call {
                kind: "rearrange",
                body: quote! {
                    #fill
                    rt::rearrange(#s, [#(#loops),*], src.after(#from), dst.after(#to))
                },
                operands: vec![site.read("src", *input), site.write("dst", *output)],
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
            Call { kind: "resize", body, operands: vec![site.read("src", *input), site.write("dst", *output)] }
        }
        _ => unreachable!("no rearrangement"),
    }
}

fn normalisation(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::LayerNorm { input, output, weight, bias, eps, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "layer_norm",
                body: quote!(rt::layer_norm(#s, #input_map, #output_map, src, weight, bias, dst, #eps, #act)),
                operands: vec![
                    site.read("src", *input),
                    packed("weight", *weight),
                    packed("bias", *bias),
                    site.write("dst", *output),
                ],
            }
        }
        Work::GroupNorm { input, output, groups, weight, bias, eps, act, stats } => {
            let (input_map, output_map, act) = (map(*input), map(*output), site.function(act));
            Call {
                kind: "group_norm",
                body: quote! {
                    rt::group_norm(#s, #input_map, #output_map, #groups, src, weight, bias, stats, dst, #eps, #act)
                },
                operands: vec![
                    site.read("src", *input),
                    packed("weight", *weight),
                    packed("bias", *bias),
                    site.write("stats", *stats),
                    site.write("dst", *output),
                ],
            }
        }
        Work::Softmax { input, output, axis } => {
            let (input_map, output_map) = (map(*input), map(*output));
            let axis = match axis {
                Axis::Channels => quote!(rt::Axis::Channels),
                Axis::Height => quote!(rt::Axis::Height),
                Axis::Width => quote!(rt::Axis::Width),
            };
            Call {
                kind: "softmax",
                body: quote!(rt::softmax(#s, #input_map, #output_map, src, dst, #axis)),
                operands: vec![site.read("src", *input), site.write("dst", *output)],
            }
        }
        _ => unreachable!("no normalisation"),
    }
}

fn product(site: &mut Site) -> Call {
    let s = site.simd();
    match site.work {
        Work::ChannelConv { input, output, weights, act } => {
            let (channels, act) = (input.channels, site.function(act));
            Call {
                kind: "channel_conv",
                body: quote!(rt::channel_conv(#s, #channels, src, weights, dst, #act)),
                operands: vec![site.read("src", *input), packed("weights", *weights), site.write("dst", *output)],
            }
        }
        Work::MatMul { a, b, output, act } => {
            let (a_map, b_map, output_map, act) = (map(*a), map(*b), map(*output), site.function(act));
            Call {
                kind: "matmul",
                body: quote! {
                    rt::matmul(#s, rt::MatMul { a: #a_map, b: #b_map, output: #output_map }, a, b, dst, #act)
                },
                operands: vec![site.read("a", *a), site.read("b", *b), site.write("dst", *output)],
            }
        }
        Work::Attention { query, key, value, output, heads: [heads, key_heads, value_heads], scratch } => {
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
                operands: vec![
                    site.read("query", *query),
                    site.read("key", *key),
                    site.read("value", *value),
                    site.write("scratch", *scratch),
                    site.write("dst", *output),
                ],
            }
        }
        _ => unreachable!("no product"),
    }
}
