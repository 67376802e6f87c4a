//! The nets of `examples/nets`, whole and at their full size: each backend gives what the f64 reference gives, `forward` allocates
//! nothing, the arena is hardly larger than what lives at once, and a forward takes as many instructions as before. In release only,
//! `cargo test --release --test zoo`: unoptimised kernels would take an hour.
#![cfg(not(debug_assertions))]

#[path = "../support/counting.rs"]
mod counting;
#[allow(dead_code)]
#[path = "../../examples/nets/mod.rs"]
mod nets;
#[path = "../support/mod.rs"]
mod support;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod instructions;

use counting::allocations;
use lightconv::{Backend, Net};
use lightconv_compiler::graph::Graph;
use lightconv_compiler::{arena, fuse};

/// The error allowed to a net of some sixty layers, in units of the largest number of the output: ten times that of a block.
const TOLERANCE: f64 = 10.0 * support::TOLERANCE;

/// `test: Net in "file";`
macro_rules! zoo {
    ($($test:ident: $net:ident in $file:literal;)*) => { $(
        #[test]
        fn $test() {
            let graph = graph(stringify!($net), include_str!(concat!("../../examples/nets/", $file)));
            arena_is_tight(&graph, nets::$net::ARENA_BYTES);
            for backend in Backend::available() {
                allocates_nothing(&nets::$net::random(1).with_backend(backend).unwrap());
            }
            support::graph_agrees(&graph, TOLERANCE, &|weights, backend, threads| {
                Ok(Box::new(nets::$net::from_weights(weights)?.with_backend(backend)?.with_threads(threads)?))
            });
        }
    )* };
}

zoo! {
    mobilenet_v1: MobileNetV1 in "mobilenet_v1.rs";
    mobilenet_v2: MobileNetV2 in "mobilenet_v2.rs";
    mobilenet_v3_large: MobileNetV3Large in "mobilenet_v3.rs";
    mobilenet_v3_small: MobileNetV3Small in "mobilenet_v3.rs";
    mobilenet_v4: MobileNetV4ConvSmall in "mobilenet_v4.rs";
    efficientnet_b0: EfficientNetB0 in "efficientnet.rs";
    efficientnet_lite0: EfficientNetLite0 in "efficientnet_lite.rs";
    shufflenet_v2: ShuffleNetV2 in "shufflenet_v2.rs";
    mnasnet: MNASNet in "mnasnet.rs";
    ghostnet: GhostNet in "ghostnet.rs";
    mobileone: MobileOneS0 in "mobileone.rs";
    inverted_residual_14: InvertedResidual14 in "blocks.rs";
    inverted_residual_56: InvertedResidual56 in "blocks.rs";
    inverted_residual_224: InvertedResidual224 in "blocks.rs";
    depthwise_separable: DepthwiseSeparable32 in "blocks.rs";
    conv_32: Conv32 in "blocks.rs";
    dwconv_32: DWConv32 in "blocks.rs";
    conv_256: Conv256 in "blocks.rs";
    dwconv_256: DWConv256 in "blocks.rs";
}

/// The graph of a net that a source file declares.
fn graph(net: &str, source: &str) -> Graph {
    let mut graphs = support::graphs(support::invocation(source)).into_iter();
    graphs.find(|graph| graph.name == net).unwrap_or_else(|| panic!("no {net} in its file"))
}

fn arena_is_tight(graph: &Graph, bytes: usize) {
    let plan = fuse::fuse(graph);
    assert_eq!(arena::place(&plan).len * size_of::<f32>(), bytes, "the arena of the compiled net");
    let alive = arena::lower_bound(&plan) * size_of::<f32>();
    assert!(bytes as f64 <= 1.15 * alive as f64, "an arena of {bytes} bytes for {alive} alive at once");
}

fn allocates_nothing(net: &dyn Net) {
    let count = on_zeros(net, |forward| allocations(forward));
    assert_eq!(count, 0, "{}", net.backend());
}

/// Gives `with` a forward of the net on zeros, in memory made before.
fn on_zeros<R>(net: &dyn Net, with: impl FnOnce(&mut dyn FnMut()) -> R) -> R {
    let zeros = |dims: &[usize]| vec![0.0_f32; dims.iter().product()];
    let inputs: Vec<_> = net.inputs().iter().map(|dims| zeros(dims)).collect();
    let inputs: Vec<_> = inputs.iter().map(Vec::as_slice).collect();
    let mut outputs: Vec<_> = net.outputs().iter().map(|dims| zeros(dims)).collect();
    let mut outputs: Vec<_> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let mut arena = vec![0.0; net.arena_bytes() / size_of::<f32>()];
    with(&mut || net.forward_slices(&inputs, &mut arena, &mut outputs).unwrap())
}
