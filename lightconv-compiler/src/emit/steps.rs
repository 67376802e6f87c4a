//! A function for each distinct step and backend, the forward of each backend that calls them, and the dispatch.
//!
//! Sizes are literals in the step functions, places are literals in the forward: so equal layers share a function.

use super::unary::{Functions, binary};
use super::{Backends, Net};
use crate::graph::TensorId;
use crate::ops::{Axis, Reduction, Resize, Window};
use crate::plan::tiling::Tiling;
use crate::plan::{Expansion, Home, Projection, Range, Step, Stride, Unary, View, Weights, Work};
use crate::tiles::{self, Machine, Tile};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;

/// A backend as generated code knows it.
pub(super) struct Backend {
    /// Ends the names of its functions.
    pub(super) suffix: &'static str,
    /// The token type of the runtime.
    token: &'static str,
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

/// One kernel call: the function's body, its operands by name, and where those lie.
struct Call {
    kind: &'static str,
    body: TokenStream,
    operands: Vec<Operand>,
}

/// What a step reads or writes. Step functions are handed whole memories and places, and cut their part themselves: a net has few
/// of them and many calls.
struct Operand {
    name: Ident,
    is_written: bool,
    /// The memory that holds it, as the forward names it.
    whole: TokenStream,
    /// Where in that memory.
    at: usize,
    len: usize,
    /// Where in a thread's own scratch memory, if no two threads may use it at a time.
    own: Option<usize>,
}

impl Operand {
    fn parameter(&self) -> TokenStream {
        let (name, at) = (&self.name, self.place());
        let ty = if self.is_written { quote!(rt::Dst<'_>) } else { quote!(rt::Src<'_>) };
        quote!(#name: #ty, #at: usize)
    }

    /// What the parameter is when the kernel gets it.
    fn cut(&self) -> TokenStream {
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

fn forward(net: Net, backend: &Backend, functions: &mut Functions) -> TokenStream {
    let attributes = backend.attributes();
    let mut names: HashMap<String, Ident> = HashMap::new();
    let mut items = TokenStream::new();
    let mut calls = TokenStream::new();
    for (i, step) in net.plan.steps.iter().enumerate() {
        let is_shared = step.work.is_shared();
        let Call { kind, body, operands } = call(net, step, backend, functions);
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

fn call(net: Net, step: &Step, backend: &Backend, functions: &mut Functions) -> Call {
    let token = format_ident!("{}", backend.token);
    let s = quote!(rt::#token::new());
    let tiling = step.work.tiling(backend.machine, net.plan.options);
    let view = |name: &str, v: View| read(net, name, v);
    let written = |name: &str, v: View| write(net, name, v);
    // what no two threads may use at a time
    let own = |name: &str, v: View| {
        let own = step.work.is_shared().then(|| step.work.own_scratch(&v));
        Operand { own, ..write(net, name, v) }
    };
    match &step.work {
        Work::Conv { input, output, window, groups, weights, act, residual, after, pad } => {
            let Some(Tiling::Conv(Tile { rows, vectors, rest, half, block })) = tiling else {
                unreachable!("a convolution has a tile")
            };
            let (input_map, output_map, window) = (map(*input), map(*output), geometry(window));
            let mut operands = vec![view("src", *input)];
            let pad = match pad {
                Some(pad) => {
                    operands.push(own("pad", *pad));
                    quote!(pad)
                }
                None => quote!(rt::Dst::empty()),
            };
            operands.push(match weights {
                Weights::Packed(range) => packed("weights", *range),
                Weights::Gated(v) => view("weights", *v),
            });
            operands.push(written("dst", *output));
            let epilogue = epilogue(act, *residual, after, functions);
            operands.extend(residual.map(|r| view("residual", r)));
            let body = quote! {
                rt::conv::<_, _, _, _, #rows, #vectors, #rest, #half>(
                    #s, part,
                    rt::Conv { input: #input_map, output: #output_map, window: #window, groups: #groups, block: #block },
                    src, #pad, weights, dst, #epilogue,
                )
            };
            Call { kind: "conv", body, operands }
        }
        Work::Winograd { input, output, window, weights, act, residual, after, blocks, scratch, .. } => {
            let Some(Tiling::Conv(Tile { rows, vectors, rest, .. })) = tiling else {
                unreachable!("a convolution has a tile")
            };
            let (input_map, output_map) = (map(*input), map(*output));
            let [padding, dilation] = [window.before, window.dilation].map(|[y, x]| quote!([#y, #x]));
            let epilogue = epilogue(act, *residual, after, functions);
            let mut operands = vec![
                view("src", *input),
                own("scratch", *scratch),
                packed("weights", *weights),
                written("dst", *output),
            ];
            operands.extend(residual.map(|r| view("residual", r)));
            let body = quote! {
                rt::winograd::<_, _, _, _, #rows, #vectors, #rest>(
                    #s, part,
                    rt::Winograd {
                        input: #input_map, output: #output_map, padding: #padding, dilation: #dilation, blocks: #blocks,
                    },
                    src, scratch, weights, dst, #epilogue,
                )
            };
            Call { kind: "winograd", body, operands }
        }
        Work::Depthwise { input, output, window, weights, act, residual, after } => {
            let Some(Tiling::Depthwise(columns)) = tiling else { unreachable!("its tile is some columns") };
            let (input_map, output_map, window) = (map(*input), map(*output), geometry(window));
            let epilogue = epilogue(act, *residual, after, functions);
            let mut operands = vec![view("src", *input), packed("weights", *weights), written("dst", *output)];
            operands.extend(residual.map(|r| view("residual", r)));
            let body = quote! {
                rt::depthwise::<_, _, _, _, #columns>(
                    #s, part, rt::Depthwise { input: #input_map, output: #output_map, window: #window }, src, weights, dst, #epilogue,
                )
            };
            Call { kind: "depthwise", body, operands }
        }
        Work::Joined { input, output, middle, window, expand, weights, act, project, means, ring } => {
            let mut operands = vec![view("src", *input), own("ring", *ring), packed("weights", *weights)];
            let Some(Tiling::Joined { slice, columns, project: tile, .. }) = tiling else {
                unreachable!("a joined step has tiles")
            };
            let (input_map, geometry) = (map(*input), geometry(window));
            let (height, width, channels) = (middle.height(), middle.width(), middle.channels());
            let stride = if project.is_some() { channels } else { output.stride };
            let fill = match expand {
                None => quote!(rt::Direct),
                Some(Expansion { weights, act }) => {
                    operands.push(packed("expand", *weights));
                    let (rows, act) = (slice.rows, functions.expression(act));
                    quote!(rt::Expand::<_, #rows> { weights: expand, act: #act })
                }
            };
            let act = functions.expression(act);
            let drain = match project {
                None => {
                    operands.push(written("dst", *output));
                    match means {
                        None => quote!(rt::Keep { dst }),
                        Some(means) => {
                            operands.push(written("means", *means));
                            quote!(rt::KeepMeans { dst, means })
                        }
                    }
                }
                Some(Projection { weights, act, residual, after, row }) => {
                    operands.extend([own("row", *row), packed("project", *weights), written("dst", *output)]);
                    operands.extend(residual.map(|r| view("residual", r)));
                    let Tile { rows, vectors, rest, half, block } = tile.expect("a projection has a tile");
                    let (output_map, act, after) =
                        (map(*output), functions.expression(act), functions.expression(after));
                    let residual = shortcut(*residual);
                    quote! {
                        rt::Project::<_, _, _, #rows, #vectors, #rest, #half> {
                            row, weights: project, dst, output: #output_map, block: #block, act: #act, residual: #residual, after: #after,
                        }
                    }
                }
            };
            let (vectors, rest, half) = (slice.vectors, slice.rest, slice.half);
            let body = quote! {
                rt::fused::<_, _, _, _, #vectors, #rest, #half, #columns>(
                    #s, part,
                    rt::Fused {
                        input: #input_map,
                        middle: rt::Map { height: #height, width: #width, channels: #channels, stride: #stride },
                        window: #geometry,
                    },
                    src, #fill, ring, weights, #act, #drain,
                )
            };
            Call { kind: "joined", body, operands }
        }
        Work::ScalePanels { weights, gate, output, outputs, inputs, taps } => Call {
            kind: "scale_panels",
            body: quote! {
                rt::scale_panels(#s, part, rt::WeightPanels { outputs: #outputs, inputs: #inputs, taps: #taps, groups: 1 }, weights, gate, dst)
            },
            operands: vec![packed("weights", *weights), view("gate", *gate), written("dst", *output)],
        },
        Work::MaxPool { input, output, window, act } => {
            pool(quote!(rt::max_pool), &s, *input, *output, window, false, functions.expression(act), net)
        }
        Work::AvgPool { input, output, window, count_include_pad, act } => {
            pool(quote!(rt::avg_pool), &s, *input, *output, window, *count_include_pad, functions.expression(act), net)
        }
        Work::AdaptivePool { reduction, input, output, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), functions.expression(act));
            let name = match (reduction, input.channels == output.channels) {
                (Reduction::Mean, true) => format_ident!("adaptive_avg_pool"),
                (Reduction::Mean, false) => format_ident!("channel_avg_pool"),
                (Reduction::Max, true) => format_ident!("adaptive_max_pool"),
                (Reduction::Max, false) => format_ident!("channel_max_pool"),
            };
            let part = step.work.is_partial().then(|| quote!(part,));
            Call {
                kind: "adaptive_pool",
                body: quote!(rt::#name(#s, #part #input_map, #output_map, src, dst, #act)),
                operands: vec![view("src", *input), written("dst", *output)],
            }
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
                operands: vec![view("src", *input), written("dst", *output)],
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
            Call { kind: "resize", body, operands: vec![view("src", *input), written("dst", *output)] }
        }
        Work::Unary { input, output, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), functions.expression(act));
            Call {
                kind: "unary",
                body: quote!(rt::unary(#s, part, #input_map, #output_map, src, dst, #act)),
                operands: vec![view("src", *input), written("dst", *output)],
            }
        }
        Work::Binary { op, a, b, output, act } => {
            let (output_map, act, op) = (map(*output), functions.expression(act), binary(*op));
            let (a_strides, b_strides) = (strides(*a, *output), strides(*b, *output));
            Call {
                kind: "binary",
                body: quote! {
                    rt::binary(
                        #s, part, rt::Broadcast { output: #output_map, a: #a_strides, b: #b_strides }, a, b, dst, rt::#op, #act,
                    )
                },
                operands: vec![view("a", *a), view("b", *b), written("dst", *output)],
            }
        }
        Work::Affine { input, output, weights, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), functions.expression(act));
            Call {
                kind: "affine",
                body: quote!(rt::affine(#s, part, #input_map, #output_map, src, weights, dst, #act)),
                operands: vec![view("src", *input), packed("weights", *weights), written("dst", *output)],
            }
        }
        Work::Prelu { input, output, weights } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call {
                kind: "prelu",
                body: quote!(rt::prelu(#s, part, #input_map, #output_map, src, weights, dst)),
                operands: vec![view("src", *input), packed("weights", *weights), written("dst", *output)],
            }
        }
        Work::Copy { input, output } => {
            let (input_map, output_map) = (map(*input), map(*output));
            Call {
                kind: "copy",
                body: quote!(rt::copy(#s, part, #input_map, #output_map, src, dst)),
                operands: vec![view("src", *input), written("dst", *output)],
            }
        }
        Work::ChannelShuffle { parts, output } => {
            let output_map = map(*output);
            let names: Vec<_> = (0..parts.len()).map(|i| format!("part{i}")).collect();
            let mut operands: Vec<_> = names.iter().zip(parts).map(|(name, part)| view(name, *part)).collect();
            let sources =
                operands.iter().zip(parts).map(|(Operand { name, .. }, View { stride, .. })| quote!((#name, #stride)));
            let body = quote!(rt::channel_shuffle(#s, part, #output_map, [#(#sources),*], dst));
            operands.push(written("dst", *output));
            Call { kind: "channel_shuffle", body, operands }
        }
        Work::LayerNorm { input, output, weight, bias, eps, act } => {
            let (input_map, output_map, act) = (map(*input), map(*output), functions.expression(act));
            Call {
                kind: "layer_norm",
                body: quote!(rt::layer_norm(#s, #input_map, #output_map, src, weight, bias, dst, #eps, #act)),
                operands: vec![
                    view("src", *input),
                    packed("weight", *weight),
                    packed("bias", *bias),
                    written("dst", *output),
                ],
            }
        }
        Work::GroupNorm { input, output, groups, weight, bias, eps, act, stats } => {
            let (input_map, output_map, act) = (map(*input), map(*output), functions.expression(act));
            Call {
                kind: "group_norm",
                body: quote! {
                    rt::group_norm(#s, #input_map, #output_map, #groups, src, weight, bias, stats, dst, #eps, #act)
                },
                operands: vec![
                    view("src", *input),
                    packed("weight", *weight),
                    packed("bias", *bias),
                    written("stats", *stats),
                    written("dst", *output),
                ],
            }
        }
        Work::ChannelConv { input, output, weights, act } => {
            let (channels, act) = (input.channels, functions.expression(act));
            Call {
                kind: "channel_conv",
                body: quote!(rt::channel_conv(#s, #channels, src, weights, dst, #act)),
                operands: vec![view("src", *input), packed("weights", *weights), written("dst", *output)],
            }
        }
        Work::MatMul { a, b, output, act } => {
            let (a_map, b_map, output_map, act) = (map(*a), map(*b), map(*output), functions.expression(act));
            Call {
                kind: "matmul",
                body: quote! {
                    rt::matmul(#s, rt::MatMul { a: #a_map, b: #b_map, output: #output_map }, a, b, dst, #act)
                },
                operands: vec![view("a", *a), view("b", *b), written("dst", *output)],
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
                    view("query", *query),
                    view("key", *key),
                    view("value", *value),
                    written("scratch", *scratch),
                    written("dst", *output),
                ],
            }
        }
        Work::Flatten { input, output } => {
            let input_map = map(*input);
            Call {
                kind: "flatten",
                body: quote!(rt::flatten(#s, #input_map, src, dst)),
                operands: vec![view("src", *input), written("dst", *output)],
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
                operands: vec![view("src", *input), written("dst", *output)],
            }
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn pool(
    kernel: TokenStream,
    s: &TokenStream,
    input: View,
    output: View,
    window: &Window,
    count_include_pad: bool,
    act: TokenStream,
    net: Net,
) -> Call {
    let (input_map, output_map) = (map(input), map(output));
    let [below, right] = window.after;
    let counted = if count_include_pad { quote!(Some([#below, #right])) } else { quote!(None) };
    let window = geometry(window);
    Call {
        kind: "pool",
        body: quote! {
            #kernel(
                #s, part,
                rt::Pool {
                    input: #input_map, output: #output_map, window: #window, count_include_pad: #counted,
                },
                src, dst, #act,
            )
        },
        operands: vec![read(net, "src", input), write(net, "dst", output)],
    }
}

/// The last three arguments of a convolution: before the residual, the residual, after it.
fn epilogue(act: &Unary, residual: Option<View>, after: &Unary, functions: &mut Functions) -> TokenStream {
    let (act, after) = (functions.expression(act), functions.expression(after));
    let residual = shortcut(residual);
    quote!(#act, #residual, #after)
}

fn shortcut(residual: Option<View>) -> TokenStream {
    match residual {
        Some(View { stride, .. }) => quote!(rt::Residual { src: residual, stride: #stride }),
        None => quote!(rt::NoResidual),
    }
}

fn packed(name: &str, range: Range) -> Operand {
    let Range { at, len } = range;
    Operand { name: format_ident!("{}", name), is_written: false, whole: quote!(weights), at, len, own: None }
}

fn map(v: View) -> TokenStream {
    let View { height, width, channels, stride, .. } = v;
    quote!(rt::Map { height: #height, width: #width, channels: #channels, stride: #stride })
}

fn geometry(w: &Window) -> TokenStream {
    let pair = |[a, b]: [usize; 2]| quote!([#a, #b]);
    let (kernel, stride, padding, dilation) = (pair(w.kernel), pair(w.stride), pair(w.before), pair(w.dilation));
    quote!(rt::Window { kernel: #kernel, stride: #stride, padding: #padding, dilation: #dilation })
}

/// Floats from row to row, pixel to pixel and channel to channel of an operand; 0 along an axis where it is broadcast.
fn strides(v: View, output: View) -> TokenStream {
    let row = if v.height == output.height { v.width * v.stride } else { 0 };
    let pixel = if v.width == output.width { v.stride } else { 0 };
    let channel = usize::from(v.channels == output.channels);
    quote!(rt::Strides { row: #row, pixel: #pixel, channel: #channel })
}

/// The view as a source.
fn read(net: Net, name: &str, v: View) -> Operand {
    let written = write(net, name, v);
    let whole = match net.plan.buffers[v.buffer.0].home {
        Home::Input(_) | Home::Weights(_) => written.whole,
        Home::Arena => quote!(source),
        Home::Output(i) => quote!(outputs[#i].as_src()),
    };
    Operand { is_written: false, whole, ..written }
}

/// The view as a destination.
fn write(net: Net, name: &str, v: View) -> Operand {
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
