//! Section "What a net generates" of `docs/language.md`, used as a stranger would.

use lightconv::{Cost, Net, Observer, Profile, Tensor, TensorData, Weights, lightnet};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

lightnet! {
    /// One input, one output.
    pub net Single(x: [3, 8, 8]) -> [4] {
        x -> stem: [Conv2d(6, 3, bias = false), BatchNorm2d, ReLU] -> GlobalAvgPool -> head: Linear(4)
    }
    /// Several of both.
    pub net Several(a: [3, 8, 8], b: [6]) -> ([6, 6, 6], [6]) {
        let y = a -> stem: Conv2d(6, 3);
        (y * b, b -> Sigmoid)
    }
}

const _: () = assert!(Single::COST.params == 3 * 6 * 9 + 12 + 6 * 4 + 4);
static SCRATCH: [u8; Single::ARENA_BYTES] = [0; Single::ARENA_BYTES];
static INPUT: TensorData<3, 8, 8> = TensorData::zeros();

fn image() -> Tensor<3, 8, 8> {
    let values: Vec<f32> = (0..3 * 64).map(|i| (i as f32).sin()).collect();
    Tensor::from_chw(&values).unwrap()
}

#[test]
fn constants() {
    assert_eq!((Single::INPUT, Single::OUTPUT), ([3, 8, 8], [4]));
    assert_eq!((Several::INPUT, Several::OUTPUT), (([3, 8, 8], [6]), ([6, 6, 6], [6])));
    let Cost { params, macs, flops, ptflops, fvcore } = Single::COST;
    assert_eq!((params, macs), (202, 3 * 6 * 9 * 36 + 24));
    // two for each MAC, one for each ReLU; batch norm is folded, a bias and a mean are free
    assert_eq!(flops, 2 * macs + 6 * 36);
    // convolution, batch norm twice its elements; ReLU as a module twice, the bias of the linear layer
    assert_eq!((ptflops, fvcore), (macs + 2 * 216 + 2 * 216 + 4, macs + 2 * 216));
    assert_eq!(SCRATCH.len() % 64, 0);
    let weights: Vec<_> = Single::WEIGHTS.iter().map(|w| (w.name, w.shape)).collect();
    assert_eq!(weights[0], ("stem.0.weight", &[6, 3, 3, 3][..]));
    assert_eq!(weights.last(), Some(&("head.bias", &[4][..])));
    let layers: Vec<_> = Single::LAYERS.iter().map(|l| (l.path, l.operator, l.output)).collect();
    assert_eq!(layers[0], ("stem.0", "Conv2d(6, 3, bias = false)", &[6, 6, 6][..]));
    assert_eq!(Single::LAYERS.iter().map(|l| l.params).sum::<u64>(), params);
    let summary = Single::summary().to_string();
    for part in ["Single", "stem.0", "Conv2d(6, 3, bias = false)", "[6, 6, 6]", "5,856"] {
        assert!(summary.contains(part), "{part} is missing in\n{summary}");
    }
}

#[test]
fn plan_and_graph_can_be_read() {
    let plan = Single::plan();
    for part in
        ["stem.0: conv 3x3 x0 [3, 8, 8] -> ", ", relu(x)", "head: conv 1x1 ", " -> y0 [4, 1, 1]", " of the arena"]
    {
        assert!(plan.contains(part), "{part} is missing in\n{plan}");
    }
    // each buffer lies within the arena
    for line in plan.lines().filter(|line| line.ends_with("of the arena")) {
        let end: usize = line.split("..").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert!(end * 4 <= Single::ARENA_BYTES, "{line}");
    }
    let dot = Several::dot();
    for part in [
        "digraph \"Several\" {",
        "x0 [shape=oval, label=\"a\"]",
        "n0 [label=\"stem\\nConv2d(6, 3)\"]",
        "x0 -> n0 [label=\"[3, 8, 8]\"]",
        "n1 -> y0 [label=\"[6, 6, 6]\"]",
        "n2 -> y1 [label=\"[6]\"]",
    ] {
        assert!(dot.contains(part), "{part} is missing in\n{dot}");
    }
}

#[test]
fn all_ways_to_run_agree() {
    let net = Single::random(7);
    let x = image();
    let y: Tensor<4> = net.run(&x);
    assert!(y.as_slice().iter().any(|&v| v != 0.0));

    let mut workspace = Single::workspace();
    let mut out = Tensor::<4>::zeros();
    net.forward(&x, &mut workspace, &mut out);
    assert_eq!(out, y);

    // plain data, wherever it lies
    let mut data = TensorData::<4>::zeros();
    net.forward(&x, &mut workspace, &mut data);
    assert_eq!(data.as_slice(), y.as_slice());
    net.forward(&INPUT, &mut workspace, &mut data);
    assert_eq!(data.as_slice(), net.run(&Tensor::zeros()).as_slice());

    let mut paths = Vec::new();
    net.forward_with(&x, &mut workspace, &mut out, &mut |path: &'static str, _: Duration| paths.push(path));
    assert_eq!((out.as_slice(), paths[0], paths.last()), (y.as_slice(), "stem.0", Some(&"head")));
    let mut profile = Profile::new();
    let observer: &mut dyn Observer = &mut profile;
    net.forward_with(&x, &mut workspace, &mut out, observer);
    assert!(profile.to_string().contains("head"), "{profile}");
}

/// Whatever holds a tensor is an input, without its shape being told again.
#[test]
fn inputs_of_every_kind() -> Result<(), lightconv::Error> {
    let net = Single::random(7);
    let values: Vec<f32> = image().to_chw();
    let y = net.run(&image());
    assert_eq!(net.run(&Tensor::from_chw(&values)?), y);
    let (mut workspace, mut out) = (Single::workspace(), Tensor::<4>::zeros());
    net.forward(&Tensor::from_chw(&values)?, &mut workspace, &mut out);
    assert_eq!(out, y);
    let (_, gate) = Several::random(1).run(&Tensor::from_chw(&values)?, &Tensor::from_chw(&[0.0; 6])?);
    assert_eq!(gate.as_slice(), [0.5; 6]);

    let x = Tensor::from_chw(&values)?;
    for found in [net.run(&x), net.run(&&x), net.run(&*x), net.run(x.as_ref())] {
        assert_eq!(found, y);
    }
    let (boxed, shared, cell) = (Box::new(image()), Arc::new(image()), RefCell::new(image()));
    for found in [net.run(&boxed), net.run(&shared), net.run(&cell.borrow())] {
        assert_eq!(found, y);
    }
    let run: fn(&Single, &TensorData<3, 8, 8>) -> Tensor<4> = Single::run;
    assert_eq!(run(&net, &x), y);
    let of_any = |x| net.run(x);
    of_any(&INPUT);
    Ok(())
}

#[test]
fn several_outputs_are_a_tuple() {
    let net = Several::random(2);
    let (a, b) = (image(), Tensor::<6>::from_chw(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap());
    let (y, gate): (Tensor<6, 6, 6>, Tensor<6>) = net.run(&a, &b);
    let mut workspace = Several::workspace();

    let mut both = (Tensor::<6, 6, 6>::zeros(), Tensor::<6>::zeros());
    net.forward(&a, &b, &mut workspace, &mut both);
    assert_eq!((&both.0, &both.1), (&y, &gate));

    let (mut first, mut second) = (Tensor::<6, 6, 6>::zeros(), TensorData::<6>::zeros());
    net.forward(&a, &b, &mut workspace, (&mut first, &mut second));
    assert_eq!((first.as_slice(), second.as_slice()), (y.as_slice(), gate.as_slice()));
}

#[test]
fn weights_come_by_name() {
    let drawn = Single::random(1);
    let mut weights = Weights::new();
    for w in Single::WEIGHTS {
        let values = vec![0.25; w.shape.iter().product()];
        weights.insert(format!("module.{}", w.name), w.shape, values).unwrap();
    }
    weights.insert("module.stem.1.num_batches_tracked", &[], vec![3.0]).unwrap();
    weights.insert("module.other", &[2], vec![1.0, 2.0]).unwrap();
    assert!(Single::from_weights(&weights).is_err());
    let weights = weights.strip_prefix("module.");
    let net = Single::from_weights(&weights).unwrap();
    assert_eq!(weights.unused(), ["other"]);
    assert_ne!(net.run(&image()), drawn.run(&image()));
}

#[test]
fn one_program_holds_several_nets() {
    let nets: Vec<Box<dyn Net>> = vec![Box::new(Single::random(1)), Box::new(Several::random(1))];
    let names: Vec<_> = nets.iter().map(|net| net.name()).collect();
    assert_eq!(names, ["Single", "Several"]);
    for net in &nets {
        let inputs: Vec<Vec<f32>> = net.inputs().iter().map(|dims| vec![0.5; dims.iter().product()]).collect();
        let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let outputs = net.run_slices(&inputs).unwrap();
        assert_eq!(outputs.len(), net.outputs().len());
        for (output, dims) in outputs.iter().zip(net.outputs()) {
            assert_eq!(output.len(), dims.iter().product::<usize>());
        }
    }
    assert_eq!(nets[0].cost(), Single::COST);
}

#[test]
fn nets_are_shared_between_threads() {
    let net = Single::random(1);
    let expected = net.run(&image());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(net.run(&image()), expected));
        }
    });
}

#[cfg(feature = "rayon")]
#[test]
fn batches_run_in_order() {
    let net = Single::random(1);
    let items: Vec<Tensor<3, 8, 8>> = (0..20_u8).map(|i| Tensor::from_chw(&[f32::from(i); 3 * 64]).unwrap()).collect();
    let outputs = net.run_batch(&items);
    assert_eq!(outputs.len(), 20);
    for (item, output) in items.iter().zip(&outputs) {
        assert_eq!(*output, net.run(item));
    }
    let pairs = vec![(image(), Tensor::<6>::zeros())];
    assert_eq!(Several::random(1).run_batch(&pairs)[0].1.as_slice(), [0.5; 6]);
}
