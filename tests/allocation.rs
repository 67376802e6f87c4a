//! `forward` allocates nothing, of any example's net, on any backend.

use counting::allocations;
use lightconv::{Backend, Net, Tensor, lightnet};
use std::time::Duration;

#[allow(dead_code)]
#[path = "../examples/nets/blocks.rs"]
mod blocks;
#[allow(dead_code)]
#[path = "../examples/classify/main.rs"]
mod classify;
#[path = "support/counting.rs"]
mod counting;
#[allow(dead_code)]
#[path = "../examples/depthwise_separable.rs"]
mod depthwise_separable;
#[allow(dead_code)]
#[path = "../examples/mobilenet_v3_block.rs"]
mod mobilenet_v3_block;

lightnet! {
    /// Copies, padding, a gate in the weights, slopes, softmax; several inputs and outputs.
    net Mixed(image: [3, 24, 24], pose: [6]) -> ([10, 12, 12], [12], [3, 24, 24]) {
        param token: [6, 1, 1];
        let f = image -> stem: [Conv2d(12, 3, stride = 2, padding = 1), BatchNorm2d, GELU];
        let (a, b) = f -> Chunk(2);
        let (l, r) = b + token -> Chunk(2, axis = width);
        let f = (a -> PReLU, (r, l) -> Concat(axis = width)) -> Concat;
        let gate = (f -> GlobalAvgPool, pose) -> Concat -> fc: [Linear(12), Softmax];
        let y = f * gate -> conv: Conv2d(10, 3, padding = 1) -> HSwish;
        (y -> MaxPool2d(3, 1, 1) -> AvgPool2d(3, 1, 1), gate, image)
    }

    /// Joined: expansion, depthwise convolution and projection in one step.
    net Inverted(x: [8, 70, 72]) -> [8, 70, 72] {
        x -> InvertedResidual(8, 1, 5)
    }
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![1.0_f32; 10]))) > 0);
}

/// Large nets, which take seconds in a debug build, run once on each backend.
macro_rules! forward_allocates_nothing {
    ($($test:ident: $net:ty, $input:ty, $output:ty;)*) => { $(
        #[test]
        fn $test() {
            for backend in Backend::available() {
                let net = <$net>::random(1).with_backend(backend).unwrap();
                let (input, mut output) = (<$input>::zeros(), <$output>::zeros());
                let mut workspace = <$net>::workspace();
                assert_eq!(allocations(|| net.forward(&input, &mut workspace, &mut output)), 0, "{backend}");
            }
        }
    )* };
}

forward_allocates_nothing! {
    efficientnet_lite0: classify::EfficientNetLite0, Tensor<3, 224, 224>, Tensor<1000>;
    inverted_residual_224: blocks::InvertedResidual224, Tensor<32, 224, 224>, Tensor<16, 112, 112>;
}

/// The others in each way that a net can be run.
macro_rules! allocates_nothing {
    ($($test:ident: $net:ty, $input:ty, $output:ty;)*) => { $(
        #[test]
        fn $test() {
            for backend in Backend::available() {
                let net = <$net>::random(1).with_backend(backend).unwrap();
                let (input, mut output) = (<$input>::zeros(), <$output>::zeros());
                let mut workspace = <$net>::workspace();
                assert_eq!(allocations(|| net.forward(&input, &mut workspace, &mut output)), 0, "{backend}");

                let mut steps = 0;
                let mut observer = |_: &'static str, _: Duration| steps += 1;
                let count = allocations(|| net.forward_with(&input, &mut workspace, &mut output, &mut observer));
                assert_eq!(count, 0, "{backend}, observed");
                assert!(steps > 0);

                let crew = <$net>::random(1).with_backend(backend).unwrap().with_threads(2).unwrap();
                assert_eq!(allocations(|| crew.forward(&input, &mut workspace, &mut output)), 0, "{backend}, two threads");

                let mut arena = vec![0.0; <$net>::ARENA_BYTES / 4];
                let (inputs, mut flat) = ([input.as_slice()], vec![0.0; output.as_slice().len()]);
                let count = allocations(|| net.forward_slices(&inputs, &mut arena, &mut [&mut flat]).unwrap());
                assert_eq!(count, 0, "{backend}, by slices");
                assert_eq!(flat, output.as_slice());
            }
        }
    )* };
}

allocates_nothing! {
    inverted_residual_56: blocks::InvertedResidual56, Tensor<24, 56, 56>, Tensor<24, 56, 56>;
    inverted_residual_14: blocks::InvertedResidual14, Tensor<96, 14, 14>, Tensor<96, 14, 14>;
    depthwise_separable: blocks::DepthwiseSeparable32, Tensor<3, 32, 32>, Tensor<16, 30, 30>;
    dense: blocks::Conv32, Tensor<64, 32, 32>, Tensor<128, 30, 30>;
    depthwise: blocks::DWConv32, Tensor<64, 32, 32>, Tensor<128, 30, 30>;
    mobilenet_v3_plain: mobilenet_v3_block::Plain, Tensor<24, 56, 56>, Tensor<24, 56, 56>;
    mobilenet_v3_down: mobilenet_v3_block::Down, Tensor<24, 56, 56>, Tensor<40, 28, 28>;
    separable: depthwise_separable::Separable, Tensor<64, 56, 56>, Tensor<128, 56, 56>;
    joined: Inverted, Tensor<8, 70, 72>, Tensor<8, 70, 72>;
}

#[test]
fn several_inputs_and_outputs() {
    let (image, pose) = (Tensor::<3, 24, 24>::zeros(), Tensor::<6>::zeros());
    let mut workspace = Mixed::workspace();
    for backend in Backend::available() {
        let net = Mixed::random(1).with_backend(backend).unwrap();
        let mut outputs = net.run(&image, &pose);
        assert_eq!(allocations(|| net.forward(&image, &pose, &mut workspace, &mut outputs)), 0, "{backend}");
    }
}
