//! The program that runs a batch of generated nets. It is no part of the tests' own crate: `batch.rs` writes it behind the nets
//! and `mod guarded`.
//!
//! Called with a folder and the numbers of its nets: reads weights and inputs of each from there and writes what comes out.

use lightconv::{Backend, Error, Net, Weights};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

type Make = fn(&Weights, Backend) -> Result<Box<dyn Net>, Error>;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    // a fault is told with its net
    std::panic::set_hook(Box::new(|_| {}));
    for (make, number) in NETS.iter().zip(arguments) {
        let stem = Path::new(&folder).join(number);
        let found = catch_unwind(AssertUnwindSafe(|| results(&stem, *make))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            format!("fault {}\n", text.unwrap_or("a panic"))
        });
        std::fs::write(stem.with_extension("out"), found).expect("a file to write");
    }
}

/// A line for each backend and output: the bits of its numbers.
fn results(stem: &Path, make: Make) -> String {
    let weights = Weights::load(stem.with_extension("safetensors")).unwrap_or_else(|e| panic!("{e}"));
    let bytes = std::fs::read(stem.with_extension("inputs")).expect("the inputs");
    let mut floats = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let mut text = String::new();
    let mut inputs: Option<Vec<Vec<f32>>> = None;
    for backend in Backend::available() {
        let net = make(&weights, backend).unwrap_or_else(|e| panic!("{backend}: {e}"));
        let inputs = inputs.get_or_insert_with(|| {
            net.inputs().iter().map(|dims| floats.by_ref().take(dims.iter().product()).collect()).collect()
        });
        let run = |before| catch_unwind(AssertUnwindSafe(|| guarded::run(net.as_ref(), inputs, before)));
        let (found, again) = (run(0.0), run(f32::NAN));
        let (Ok(found), Ok(again)) = (&found, &again) else {
            let panic = found.err().or(again.err()).unwrap_or_else(|| Box::new("a panic"));
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            panic!("{backend}: {}", text.unwrap_or("a panic"));
        };
        let bits = |outputs: &[Vec<f32>]| -> Vec<u32> { outputs.iter().flatten().map(|x| x.to_bits()).collect() };
        assert!(bits(found) == bits(again), "{backend}: the result depends on what the workspace held before");
        for (i, output) in found.iter().enumerate() {
            let _ = write!(text, "{backend} {i}");
            for number in output {
                let _ = write!(text, " {:x}", number.to_bits());
            }
            text.push('\n');
        }
    }
    let unused = weights.unused();
    assert!(unused.is_empty(), "weights that the net did not want: {unused:?}");
    text
}
