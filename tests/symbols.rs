//! No intrinsic is left as a call in a release binary: a function or closure that was not inlined would have lost the CPU's
//! features, and run at a fraction of the speed.

use std::path::Path;
use std::process::Command;

/// A program with nets of every kind of convolution, of norms and of products, on all backends.
const PROGRAM: &str = "
lightconv::lightnet! {
    net Block(x: [24, 56, 56]) {
        x -> a: Conv2d(24, 3, padding = 1) -> HSwish -> blocks: [InvertedResidual(24, 1, 4, use_se = true)]
    }
    net Attend(x: [24, 14, 14]) {
        let y = x -> a: LayerNorm2d -> GELU;
        let z = (y, y, y) -> Attention(2) -> b: GroupNorm(3);
        z * (z -> GlobalAvgPool -> c: ChannelConv1d(5) -> Sigmoid) + ((y, z) -> MatMul)
    }
}
fn main() {
    println!(\"{:?}\", Block::random(1).run(&lightconv::Tensor::zeros()).as_slice()[0]);
    println!(\"{:?}\", Attend::random(1).run(&lightconv::Tensor::zeros()).as_slice()[0]);
}
";

#[test]
fn intrinsics_are_inlined() {
    let root = env!("CARGO_MANIFEST_DIR");
    // a crate of its own, so that nothing is built but what a user's program needs
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("symbols");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"symbols\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nlightconv = {{ path = {root:?} }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), PROGRAM).unwrap();
    std::fs::copy(Path::new(root).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--offline", "--target-dir", "target"]).current_dir(&folder);
    let built = build.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let binary = std::fs::read(folder.join("target/release/symbols")).unwrap();
    let names = symbols(&binary);
    for step in ["conv_", "joined_", "layer_norm_", "group_norm_", "channel_conv_", "matmul_", "attention_"] {
        assert!(names.iter().any(|n| n.contains(step)), "the binary has no symbols to look at");
    }
    // CPU detection is called, not inlined, and rightly so
    let is_left = |n: &&String| n.contains("core_arch") && !n.contains("xgetbv") && !n.contains("cpuid");
    let left: Vec<_> = names.iter().filter(is_left).collect();
    assert!(left.is_empty(), "these are calls: {left:#?}");
    let closures: Vec<_> = names.iter().filter(|n| n.contains("from_fn") && n.contains("lightconv")).collect();
    assert!(closures.is_empty(), "these closures were not inlined: {closures:#?}");
}

/// Every run of printable characters that looks like a mangled Rust name.
fn symbols(binary: &[u8]) -> Vec<String> {
    binary
        .split(|b| !b.is_ascii_graphic())
        .filter(|run| run.starts_with(b"_ZN") || run.starts_with(b"_R"))
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect()
}
