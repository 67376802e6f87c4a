//! Convolutions, alone or joined: the kernels that have tiles and epilogues; and the scaling of their weights by a gate.

use super::{Call, Site};
use crate::emit::operand::{geometry, map, map_of};
use crate::plan::tiling::Tiling;
use crate::plan::{Expansion, Projection, Unary, View, Work};
use crate::tiles::Tile;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn convolution(site: &mut Site) -> Call {
    let s = site.simd();
    match (site.work, site.tiling()) {
        (
            Work::Conv { input, output, window, groups, act, residual, after, pad, pairs, .. },
            Some(Tiling::Conv(Tile { rows, vectors, rest, half, tail, block, .. })),
        ) => {
            let (input_map, output_map, window) = (map(*input), map(*output), geometry(window));
            let (pad, pairs) = (room(*pad, &quote!(pad)), room(*pairs, &quote!(pairs)));
            let epilogue = epilogue(site, act, *residual, after);
            let body = quote! {
                rt::conv::<_, _, _, _, #rows, #vectors, #rest, #half, #tail>(
                    #s, part,
                    rt::Conv { input: #input_map, output: #output_map, window: #window, groups: #groups, block: #block },
                    src, #pad, #pairs, weights, upcoming, dst, #epilogue,
                )
            };
            Call { kind: "conv", body }
        }
        (
            Work::Winograd { input, output, window, act, residual, after, side, blocks, .. },
            Some(Tiling::Conv(Tile { rows, vectors, rest, .. })),
        ) => {
            let (input_map, output_map) = (map(*input), map(*output));
            let [padding, dilation] = [window.before, window.dilation].map(|[y, x]| quote!([#y, #x]));
            let epilogue = epilogue(site, act, *residual, after);
            let under = side + 2;
            let body = quote! {
                rt::winograd::<_, _, _, _, #under, #side, #rows, #vectors, #rest>(
                    #s, part,
                    rt::Winograd {
                        input: #input_map, output: #output_map, padding: #padding, dilation: #dilation, side: #side,
                        blocks: #blocks,
                    },
                    src, scratch, weights, dst, #epilogue,
                )
            };
            Call { kind: "winograd", body }
        }
        (
            Work::Depthwise { input, output, window, act, residual, after, means, .. },
            Some(Tiling::Depthwise(columns)),
        ) => {
            let (input_map, output_map, window) = (map(*input), map(*output), geometry(window));
            let (epilogue, means) = (epilogue(site, act, *residual, after), row_means(*means));
            let body = quote! {
                rt::depthwise::<_, _, _, _, _, #columns>(
                    #s, part, rt::Depthwise { input: #input_map, output: #output_map, window: #window }, src, weights, dst,
                    #epilogue, #means,
                )
            };
            Call { kind: "depthwise", body }
        }
        _ => unreachable!("a convolution has its tile"),
    }
}

pub(super) fn joined(site: &mut Site) -> Call {
    let s = site.simd();
    let (
        Work::Joined { input, output, middle, window, band, expand, act, project, means, .. },
        Some(Tiling::Joined { slice, columns, project: tile, .. }),
    ) = (site.work, site.tiling())
    else {
        unreachable!("a joined step has tiles")
    };
    let input_map = map(*input);
    let stride = if project.is_some() { middle.channels() } else { output.stride };
    let (middle_map, middle_window) = (map_of(*middle, stride), geometry(window));
    let Expansion { window, shape, act: first, pad, .. } = &**expand;
    let (window, first, pad) = (geometry(window), site.function(first), room(*pad, &quote!(pad)));
    let entered = map_of(*shape, shape.channels());
    let act = site.function(act);
    let drain = match project {
        None => {
            let means = row_means(*means);
            quote!(rt::Keep { dst, means: #means })
        }
        Some(project) => projection(site, project, *output, tile.expect("a projection has a tile")),
    };
    let Tile { rows, vectors, rest, half, tail, .. } = slice;
    let body = quote! {
        rt::fused::<_, _, _, _, #rows, #vectors, #rest, #half, #tail, #columns>(
            #s, part,
            rt::Fused { input: #entered, middle: #middle_map, window: #middle_window, band: #band },
            src,
            rt::Expand {
                conv: rt::Conv { input: #input_map, output: #entered, window: #window, groups: 1, block: 1 },
                pad: #pad, weights: expand, act: #first,
            },
            ring, weights, #act, #drain,
        )
    };
    Call { kind: "joined", body }
}

pub(super) fn separable(site: &mut Site) -> Call {
    let s = site.simd();
    let (
        Work::Separable { input, output, middle, window, band, act, project, .. },
        Some(Tiling::Separable { columns, project: tile }),
    ) = (site.work, site.tiling())
    else {
        unreachable!("a separable step has tiles")
    };
    let (input_map, middle_map, window) = (map(*input), map_of(*middle, middle.channels()), geometry(window));
    let (act, project) = (site.function(act), projection(site, project, *output, tile));
    let body = quote! {
        rt::separable::<_, _, _, #columns>(
            #s, part, rt::Depthwise { input: #input_map, output: #middle_map, window: #window }, #band, src, weights, #act, #project,
        )
    };
    Call { kind: "separable", body }
}

/// What projects rows to a map.
fn projection(site: &mut Site, project: &Projection, output: View, tile: Tile) -> TokenStream {
    let Projection { pairs, act, residual, after, .. } = project;
    let Tile { rows, vectors, rest, half, block, .. } = tile;
    let (output, act, after, residual) = (map(output), site.function(act), site.function(after), shortcut(*residual));
    let pairs = room(*pairs, &quote!(pairs));
    quote! {
        rt::Project::<_, _, _, #rows, #vectors, #rest, #half> {
            rows, weights: project, pairs: #pairs, dst, output: #output, block: #block, act: #act, residual: #residual, after: #after,
        }
    }
}

pub(super) fn scale(site: &mut Site) -> Call {
    let s = site.simd();
    let Work::ScalePanels { outputs, inputs, taps, .. } = site.work else { unreachable!("no packed weights to scale") };
    Call {
        kind: "scale_panels",
        body: quote! {
            rt::scale_panels(#s, part, rt::WeightPanels { outputs: #outputs, inputs: #inputs, taps: #taps, groups: 1 }, weights, gate, dst)
        },
    }
}

/// Scratch memory, where there is to be some: what a function takes under `name`.
fn room(scratch: Option<View>, name: &TokenStream) -> TokenStream {
    if scratch.is_some() { name.clone() } else { quote!(rt::Dst::empty()) }
}

/// What becomes of the sums of rows.
fn row_means(means: Option<View>) -> TokenStream {
    if means.is_some() { quote!(rt::Means { dst: means }) } else { quote!(rt::NoMeans) }
}

/// The last three arguments of a convolution: before the residual, the residual, after it.
fn epilogue(site: &mut Site, act: &Unary, residual: Option<View>, after: &Unary) -> TokenStream {
    let (act, after) = (site.function(act), site.function(after));
    let residual = shortcut(residual);
    quote!(#act, #residual, #after)
}

fn shortcut(residual: Option<View>) -> TokenStream {
    match residual {
        Some(View { stride, .. }) => quote!(rt::Residual { src: residual, stride: #stride }),
        None => quote!(rt::NoResidual),
    }
}
