//! No intrinsic is left as a call in a release binary: a function or closure that was not inlined would have lost the CPU's
//! features, and run at a fraction of the speed.

use std::path::Path;
use std::process::Command;

#[test]
fn intrinsics_are_inlined() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // a folder of its own: the tests may be running from the usual one, whose lock cargo holds
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("symbols");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--example", "mobilenet_v3_block", "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let binary = std::fs::read(target.join("release/examples/mobilenet_v3_block")).unwrap();
    let names = symbols(&binary);
    let step = |n: &str| n.contains("joined_") || n.contains("conv_");
    assert!(names.iter().any(|n| step(n)), "the binary has no symbols to look at");
    // CPU detection is called, not inlined, and rightly so
    let left: Vec<_> = names.iter().filter(|n| n.contains("core_arch") && !n.contains("xgetbv") && !n.contains("cpuid")).collect();
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
