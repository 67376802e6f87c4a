//! One program, two ways: compiled by `lightnet!`, and evaluated in f64 by the compiler's reference.

#![allow(dead_code, unused_macros, unused_imports)] // each test binary uses its own part

use lightconv::{Backend, Error, Net, Weights};
use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::graph::Graph;
use lightconv_compiler::ops::{Array, WeightKind};
use lightconv_compiler::{blocks, elaborate, reference, syntax};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashMap;
use std::ops::Range;

mod guarded;

/// `name { net Test(…) … { … } … }`: a test for each program, that its compiled form agrees with the reference on every backend.
macro_rules! check {
    ($($(#[$attribute:meta])* $name:ident { $($program:tt)* })*) => { $(
        #[test]
        $(#[$attribute])*
        fn $name() {
            lightconv::lightnet! { $($program)* }
            $crate::support::agrees(stringify!($($program)*), &|weights, backend, threads| {
                Ok(Box::new(Test::from_weights(weights)?.with_backend(backend)?.with_threads(threads)?))
            });
        }
    )* };
}
pub(crate) use check;

/// The error allowed, in units of the largest number of the output: the bound of every golden block. An f32 has an error of
/// 6e-8, and a sum of some hundred products, a few layers deep, loses up to two digits of that.
pub const TOLERANCE: f64 = 1e-5;

/// How many threads must give what one gives, to the last bit: a number by which little can be divided.
const THREADS: usize = 3;

/// Makes the net from weights, on a backend, with so many threads.
pub type Make<'a> = &'a dyn Fn(&Weights, Backend, usize) -> Result<Box<dyn Net>, Error>;

/// Holds the net that `make` gives against the reference evaluation of `program`, on every backend.
///
/// # Panics
/// When they differ, when what the workspace held before or the number of threads matters, or when something is written beside its place.
pub fn agrees(program: &str, make: Make) {
    graph_agrees(&graph(program), TOLERANCE, make);
}

/// As [`agrees`], for a program that was compiled to its graph, within a tolerance of its own.
///
/// # Panics
/// As [`agrees`].
pub fn graph_agrees(graph: &Graph, tolerance: f64, make: Make) {
    let (weights, arrays) = draw_weights(graph);
    let inputs = draw_inputs(graph);
    let expected = reference::evaluate(graph, &|name| arrays.get(name).cloned(), &inputs);
    let expected = expected.unwrap_or_else(|e| panic!("reference: {e}"));
    for backend in Backend::available() {
        let net = make(&weights, backend, 1).unwrap_or_else(|e| panic!("{backend}: {e}"));
        let found = run(net.as_ref(), &inputs, 0.0);
        assert_eq!(found.len(), expected.len(), "{backend}");
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            if let Err(e) = close(found, expected, tolerance) {
                panic!("{backend}, output {i}: {e}");
            }
        }
        let again = run(net.as_ref(), &inputs, f32::NAN);
        let bits = |arrays: &[Array]| -> Vec<u64> {
            let numbers = arrays.iter().flat_map(|a| &a.data);
            numbers.map(|x| x.to_bits()).collect()
        };
        assert!(bits(&found) == bits(&again), "{backend}: the result depends on what the workspace held before");
        let net = make(&weights, backend, THREADS).unwrap_or_else(|e| panic!("{backend}: {e}"));
        let shared = run(net.as_ref(), &inputs, f32::NAN);
        assert!(bits(&found) == bits(&shared), "{backend}: {THREADS} threads give something else");
    }
    assert_eq!(weights.unused(), Vec::<&str>::new());
}

/// The graph of the only net of a program.
///
/// # Panics
/// When the program has an error.
pub fn graph(program: &str) -> Graph {
    let tokens = program.parse().unwrap_or_else(|e| panic!("{program}: {e}"));
    let mut graphs = graphs(tokens);
    assert_eq!(graphs.len(), 1, "a program of one net");
    graphs.remove(0)
}

/// What stands in the `lightnet! { … }` of a source file.
///
/// # Panics
/// When there is none.
pub fn invocation(source: &str) -> TokenStream {
    let file: TokenStream = source.parse().unwrap_or_else(|e| panic!("{e}"));
    let mut tokens = file.into_iter().skip_while(|t| !matches!(t, TokenTree::Ident(i) if i == "lightnet"));
    // the name stands first in a `use`
    let body = tokens.find(|t| matches!(t, TokenTree::Group(_)));
    match body {
        Some(TokenTree::Group(body)) => body.stream(),
        _ => panic!("no `lightnet!` in the file"),
    }
}

/// The graphs of the nets of a program.
///
/// # Panics
/// When the program has an error.
pub fn graphs(program: TokenStream) -> Vec<Graph> {
    let diagnostics = Diagnostics::new();
    let program = syntax::parse(program, &diagnostics);
    let nets = elaborate::elaborate(&program, blocks::TEXTS, &diagnostics);
    let errors = diagnostics.finish();
    assert!(errors.is_empty(), "{}", errors[0]);
    nets.into_iter().map(|net| net.unwrap_or_else(|_| panic!("no graph and no error"))).collect()
}

/// Runs a net on channels-first arrays; workspace and outputs hold `before` first.
///
/// # Panics
/// When the net refuses, or writes outside the memory it was given.
pub fn run(net: &dyn Net, inputs: &[Array], before: f32) -> Vec<Array> {
    let inputs: Vec<Vec<f32>> = inputs.iter().map(channels_last).collect();
    let outputs = guarded::run(net, &inputs, before);
    (outputs.iter().zip(net.outputs())).map(|(output, dims)| channels_first(output, dims)).collect()
}

/// Inputs for a graph.
pub fn draw_inputs(graph: &Graph) -> Vec<Array> {
    let ids = graph.inputs.iter().zip(1_u64..);
    ids.map(|((_, id), seed)| draw(seed, &graph.shape(*id).dims(), -2.0..2.0)).collect()
}

/// Weights for a graph, for the net and for the reference; all are drawn so that the numbers keep their size from layer to layer.
pub fn draw_weights(graph: &Graph) -> (Weights, HashMap<String, Array>) {
    let (mut weights, mut arrays) = (Weights::new(), HashMap::new());
    for (weight, seed) in graph.weights.iter().zip(100_u64..) {
        let range = match weight.kind {
            WeightKind::Kernel { fan_in } => {
                let bound = (6.0 / fan_in as f64).sqrt();
                -bound..bound
            }
            WeightKind::Bias | WeightKind::Mean => -0.3..0.3,
            WeightKind::Factor => 0.6..1.4,
            WeightKind::Variance => 0.5..2.0,
            WeightKind::Slope => 0.1..0.4,
            WeightKind::Free => -1.0..1.0,
        };
        let array = draw(seed, &weight.shape, range);
        let floats = array.data.iter().map(|&x| x as f32).collect();
        (weights.insert(&weight.name, &weight.shape, floats)).unwrap_or_else(|e| panic!("{e}"));
        arrays.insert(weight.name.clone(), array);
    }
    (weights, arrays)
}

/// Numbers of f32, the same on every machine, evenly spread over a range.
pub fn draw(seed: u64, dims: &[usize], range: Range<f64>) -> Array {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        // G. Marsaglia, Xorshift RNGs, 2003; the multiplication is S. Vigna's
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let unit = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64;
        f64::from((range.start + (range.end - range.start) * unit) as f32)
    };
    let data = (0..dims.iter().product()).map(|_| next()).collect();
    Array { dims: dims.to_vec(), data }
}

/// Where two arrays differ by more than `tolerance` times the largest number expected.
pub fn close(found: &Array, expected: &Array, tolerance: f64) -> Result<(), String> {
    if found.dims != expected.dims {
        return Err(format!("shape {:?}, not {:?}", found.dims, expected.dims));
    }
    let largest = expected.data.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let far = |(f, e): (&f64, &f64)| {
        // not `>`: a NaN is far from everything
        let error = (f - e).abs();
        error.is_nan() || error > tolerance * largest
    };
    let pairs = || found.data.iter().zip(&expected.data);
    match pairs().position(far) {
        None => Ok(()),
        Some(at) => Err(format!(
            "shape {:?}: {} of {} numbers are wrong, the first at {at}: {} instead of {} (largest {largest})",
            found.dims,
            pairs().filter(|&pair| far(pair)).count(),
            found.data.len(),
            found.data[at],
            expected.data[at],
        )),
    }
}

/// Channels, height, width of a shape of one or three sizes.
fn sizes(dims: &[usize]) -> [usize; 3] {
    match *dims {
        [channels] => [channels, 1, 1],
        [channels, height, width] => [channels, height, width],
        _ => panic!("{dims:?} is no shape"),
    }
}

/// The order in memory.
pub fn channels_last(array: &Array) -> Vec<f32> {
    let [channels, height, width] = sizes(&array.dims);
    let pixels = height * width;
    let at = |i: usize| array.data[i % channels * pixels + i / channels] as f32;
    (0..channels * pixels).map(at).collect()
}

/// The order of PyTorch.
pub fn channels_first(floats: &[f32], dims: &[usize]) -> Array {
    let [channels, height, width] = sizes(dims);
    let pixels = height * width;
    let at = |i: usize| f64::from(floats[i % pixels * channels + i / pixels]);
    Array { dims: dims.to_vec(), data: (0..channels * pixels).map(at).collect() }
}
