//! Counting and evaluating graphs, on blocks built by hand: no front end between the operators and the reference numbers.

mod support;

use lightconv_compiler::cost::cost;
use lightconv_compiler::graph::{Graph, TensorId};
use lightconv_compiler::ops::{self, Array, Binary};
use lightconv_compiler::reference::evaluate;
use lightconv_compiler::shape::Shape;
use support::graph::Builder;
use support::{counts, difference, load};

#[test]
fn inverted_residual_is_pytorch_s() {
    for (name, input, block) in [
        ("ir_32_16_s2_e6_se_56", Shape::map(32, 56, 56), [16, 2, 6, 1]),
        ("ir_24_24_s1_e4_se", Shape::map(24, 56, 56), [24, 1, 4, 1]),
        ("ir_96_96_s1_e6", Shape::map(96, 14, 14), [96, 1, 6, 0]),
    ] {
        let graph = inverted_residual(input, block);
        let (weights, _) = load(&format!("golden/{name}.weights.safetensors"));
        let (io, _) = load(&format!("golden/{name}.io.safetensors"));
        let unbatched = |a: &Array| Array { dims: a.dims[1..].to_vec(), data: a.data.clone() };
        let outputs = evaluate(&graph, &|name| weights.get(name).cloned(), &[unbatched(&io["input"])]).unwrap();
        difference(&outputs[0], &unbatched(&io["output"]), 1e-6).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn inverted_residual_counts_are_the_tools() {
    for (name, input, block) in [
        ("ir_32_16_s2_e6_se", Shape::map(32, 224, 224), [16, 2, 6, 1]),
        ("ir_24_24_s1_e4_se", Shape::map(24, 56, 56), [24, 1, 4, 1]),
        ("ir_96_96_s1_e6", Shape::map(96, 14, 14), [96, 1, 6, 0]),
    ] {
        let graph = inverted_residual(input, block);
        let total = cost(&graph).total;
        assert_eq!([total.params, total.macs, total.ptflops, total.fvcore], counts(name, block[3] == 1), "{name}");
    }
}

#[test]
fn flops_are_counted_after_folding() {
    let (mut b, x) = Builder::new(Shape::map(4, 5, 5));
    let unfolded = b.layer("a", "BatchNorm2d", x);
    let convolved = b.layer("b", "Conv2d(6, 1)", unfolded);
    let folded = b.layer("c", "BatchNorm2d", convolved);
    let activated = b.layer("d", "ReLU", folded);
    let graph = b.finish(activated);
    let flops: Vec<u64> = cost(&graph).layers.iter().map(|layer| layer.flops).collect();
    assert_eq!(flops, [2 * 100, 2 * 4 * 150, 0, 150]);
}

/// As the fuser does, which makes no step of it.
#[test]
fn a_batch_norm_folds_through_an_identity() {
    let (mut b, x) = Builder::new(Shape::map(4, 5, 5));
    let convolved = b.layer("a", "Conv2d(4, 1)", x);
    let dropped = b.layer("", "Dropout", convolved);
    let normed = b.layer("b", "BatchNorm2d", dropped);
    assert_eq!(cost(&b.finish(normed)).layers[2].flops, 0);
}

#[test]
fn a_batch_norm_does_not_fold_into_a_convolution_that_others_read() {
    let (mut b, x) = Builder::new(Shape::map(4, 5, 5));
    let convolved = b.layer("a", "Conv2d(4, 1)", x);
    let normed = b.layer("b", "BatchNorm2d", convolved);
    let shape = b.shape(x);
    let sum = b.op("sum", ops::binary(Binary::Add, shape, shape).unwrap(), &[convolved, normed]);
    let graph = b.finish(sum);
    assert_eq!(cost(&graph).layers[1].flops, 200);
}

#[test]
fn shared_weights_count_once_and_run_twice() {
    let (mut b, x) = Builder::new(Shape::map(4, 3, 3));
    let once = b.layer("mlp", "Conv2d(4, 1)", x);
    let twice = b.layer("mlp", "Conv2d(4, 1)", once);
    let total = cost(&b.finish(twice)).total;
    assert_eq!((total.params, total.macs), (20, 2 * 16 * 9));
}

#[test]
fn ptflops_passes_over_what_it_is_told_to() {
    let (mut b, x) = Builder::new(Shape::map(4, 3, 3));
    let normed = b.layer("bn", "BatchNorm2d", x);
    let mut graph = b.finish(normed);
    assert_eq!(cost(&graph).total.ptflops, 72);
    graph.nodes[0].ptflops_skip = true;
    assert_eq!((cost(&graph).total.ptflops, cost(&graph).total.fvcore), (0, 72));
}

#[test]
fn the_reference_says_what_it_misses() {
    let (mut b, x) = Builder::new(Shape::Vector(3));
    let y = b.layer("fc", "Linear(2)", x);
    let graph = b.finish(y);
    let input = || Array { dims: vec![3], data: vec![1.0; 3] };
    assert_eq!(evaluate(&graph, &|_| None, &[input()]).unwrap_err(), "weight `fc.weight` is missing");
    let wrong = |_: &str| Some(Array { dims: vec![3, 2], data: vec![0.0; 6] });
    let error = evaluate(&graph, &wrong, &[input()]).unwrap_err();
    assert_eq!(error, "weight `fc.weight` has shape [3, 2] and 6 elements, expected [2, 3]");
    assert_eq!(evaluate(&graph, &|_| None, &[]).unwrap_err(), "`Test` takes 1 inputs, found 0");
}

/// `InvertedResidual(oup, stride, expand_ratio, use_se)` with an expansion.
fn inverted_residual(input: Shape, [oup, stride, expand_ratio, use_se]: [usize; 4]) -> Graph {
    let (mut b, x) = Builder::new(input);
    let hidden = input.channels() * expand_ratio;
    let mut y = b.layer("conv.0", &format!("Conv2d({hidden}, 1, bias = false)"), x);
    y = b.layer("conv.1", "BatchNorm2d", y);
    y = h_swish(&mut b, y);
    y = b.layer("conv.3", &format!("Conv2d({hidden}, 3, {stride}, 1, groups = {hidden}, bias = false)"), y);
    y = b.layer("conv.4", "BatchNorm2d", y);
    y = h_swish(&mut b, y);
    let mut next = 6;
    if use_se == 1 {
        y = se_block(&mut b, "conv.6", y);
        next = 7;
    }
    y = b.layer(&format!("conv.{next}"), &format!("Conv2d({oup}, 1, bias = false)"), y);
    y = b.layer(&format!("conv.{}", next + 1), "BatchNorm2d", y);
    if stride == 1 && oup == input.channels() {
        y = binary(&mut b, Binary::Add, x, y);
    }
    b.finish(y)
}

fn h_swish(b: &mut Builder, x: TensorId) -> TensorId {
    let shape = b.shape(x);
    let shifted = b.op("", ops::scalar(Binary::Add, 3.0, false, shape), &[x]);
    let gate = b.layer("", "Sigmoid", shifted);
    let product = binary(b, Binary::Mul, x, gate);
    b.op("", ops::scalar(Binary::Div, 6.0, false, shape), &[product])
}

fn se_block(b: &mut Builder, path: &str, x: TensorId) -> TensorId {
    let c = b.shape(x).channels();
    let mut gate = b.layer(&format!("{path}.avg_pool"), "AdaptiveAvgPool2d(1)", x);
    gate = b.layer("", "Flatten", gate);
    gate = b.layer(&format!("{path}.fc.0"), &format!("Linear({}, bias = false)", c / 4), gate);
    gate = b.layer("", "ReLU", gate);
    gate = b.layer(&format!("{path}.fc.2"), &format!("Linear({c}, bias = false)"), gate);
    gate = b.layer("", "Sigmoid", gate);
    binary(b, Binary::Mul, x, gate)
}

fn binary(b: &mut Builder, op: Binary, x: TensorId, y: TensorId) -> TensorId {
    let op = ops::binary(op, b.shape(x), b.shape(y)).unwrap();
    b.op("", op, &[x, y])
}
