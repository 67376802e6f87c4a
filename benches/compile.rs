//! What nets cost whoever compiles them: seconds of rustc, bytes in the binary, milliseconds to load the weights.
//!
//! `cargo bench --bench compile [-- WORD]` builds programs with a net each (those whose name has WORD in it), in release and on one
//! core, beside one without a net, and prints what they take more than that. The last two are of 20 and of 200 equal blocks:
//! cost is to grow with distinct shapes, not with depth.

use lightconv_compiler::graph::Graph;
use safetensors::{Dtype, serialize_to_file, tensor::TensorView};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

#[path = "../tests/support/mod.rs"]
mod support;

/// A build is timed so often, and the least counts: what else the machine does only adds.
const BUILDS: usize = 3;

/// Reads weights, so that what reads them is in every binary.
const WITHOUT_NET: &str = r#"
fn main() {
    let path = std::env::args().nth(1).expect("a file of weights");
    println!("{}", lightconv::Weights::load(path).expect("weights").len());
}
"#;

/// Prints the median time of a load in microseconds. Without the forward there would be no kernels in the binary.
const WITH_NET: &str = r#"
fn main() {
    let path = std::env::args().nth(1).expect("a file of weights");
    let load = || NET::load(&path).expect("weights");
    std::hint::black_box(load().run(&lightconv::Tensor::zeros()));
    let mut times = [0; 25].map(|_: u128| {
        let start = std::time::Instant::now();
        std::hint::black_box(load());
        start.elapsed().as_micros()
    });
    times.sort_unstable();
    println!("{}", times[times.len() / 2]);
}
"#;

fn main() {
    let word = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let package = Package::new(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile"));
    let (baseline, size) = package.build("without_net", WITHOUT_NET);
    println!("without a net: {:.1} s, {} KB", baseline.as_secs_f64(), size / 1000);
    println!("{:<20} {:>10} {:>10} {:>10}", "more with", "s", "KB", "load, ms");
    let mut seconds = HashMap::new();
    for (name, net) in programs().iter().filter(|(name, _)| name.contains(&word)) {
        let graph = support::graph(net);
        let main = WITH_NET.replace("NET", &graph.name.to_string());
        let (time, bytes) = package.build(name, &format!("lightconv::lightnet! {{{net}}}\n{main}"));
        let more = time.saturating_sub(baseline).as_secs_f64();
        println!(
            "{name:<20} {more:>10.2} {:>10} {:>10.2}",
            bytes.saturating_sub(size) / 1000,
            package.load(name, &graph)
        );
        seconds.insert(*name, more);
    }
    if let (Some(few), Some(many)) = (seconds.get("20_blocks"), seconds.get("200_blocks")) {
        println!("200 blocks take {:.2} times what 20 take", many / few);
    }
}

/// Names, and what stands in the `lightnet! { … }`.
fn programs() -> [(&'static str, String); 4] {
    let (large, rest) =
        body(include_str!("../examples/nets/mobilenet_v3.rs")).split_once("/// MobileNetV3-Small").expect("two nets");
    let (_, blocks) = rest.split_once("block MobileNetV3(").expect("the block of both");
    let equal = |blocks: usize| {
        format!(
            "net Deep(x: [24, 56, 56]) -> [24, 56, 56] {{
                 x -> [for _ in 0..{blocks} {{ InvertedResidual(24, stride = 1, expand_ratio = 4) }}]
             }}"
        )
    };
    [
        ("mobilenet_v3_large", format!("{large}block MobileNetV3({blocks}")),
        ("efficientnet_lite0", body(include_str!("../examples/nets/efficientnet_lite.rs")).to_owned()),
        ("20_blocks", equal(20)),
        ("200_blocks", equal(200)),
    ]
}

/// What stands in the `lightnet! { … }` of a file.
fn body(file: &str) -> &str {
    let (_, body) = file.split_once("lightnet! {").expect("a net");
    body.rsplit_once('}').expect("its end").0
}

/// A package of its own, so that a user's profile holds, and nothing is built but what a user's program needs.
struct Package {
    folder: PathBuf,
}

impl Package {
    fn new(folder: &Path) -> Package {
        let root = env!("CARGO_MANIFEST_DIR");
        fs::create_dir_all(folder.join("src/bin")).expect("a folder");
        let manifest = format!(
            "[package]\nname = \"compile\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nlightconv = {{ path = {root:?} }}\n\
             [profile.release]\nstrip = true\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
        fs::copy(Path::new(root).join("Cargo.lock"), folder.join("Cargo.lock")).expect("the versions of the workspace");
        Package { folder: folder.to_owned() }
    }

    /// Builds a program: the time it took beyond its dependencies, and how large the binary is.
    fn build(&self, name: &str, source: &str) -> (Duration, u64) {
        let file = self.folder.join("src/bin").join(name).with_extension("rs");
        let times = (0..=BUILDS).map(|_| {
            // cargo builds anew what was written anew
            fs::write(&file, source).expect("a source file");
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--release", "--offline", "--jobs=1", "--target-dir=target", "--bin", name]);
            let start = Instant::now();
            let built = build.current_dir(&self.folder).output().expect("cargo");
            let time = start.elapsed();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            time
        });
        // the first may have built the dependencies
        let time = times.skip(1).min().expect("a build");
        (time, fs::metadata(self.binary(name)).expect("a binary").len())
    }

    /// Milliseconds that the program takes to load weights of the shapes that its net wants.
    fn load(&self, name: &str, graph: &Graph) -> f64 {
        let tensors: Vec<_> = graph
            .weights
            .iter()
            .map(|w| (w.name.as_str(), &w.shape, 0.5_f32.to_le_bytes().repeat(w.shape.iter().product())))
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (*name, TensorView::new(Dtype::F32, (*shape).clone(), bytes).expect("bytes for the shape"))
        });
        let file = self.folder.join(name).with_extension("safetensors");
        serialize_to_file(views, None, &file).expect("a weights file");
        let output = Command::new(self.binary(name)).arg(&file).output().expect("the program");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let microseconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a time");
        microseconds / 1000.0
    }

    fn binary(&self, name: &str) -> PathBuf {
        self.folder.join("target/release").join(name)
    }
}
