//! Sets what rust-analyzer sets.

fn main() {
    println!("cargo::rustc-cfg=rust_analyzer");
    println!("cargo::rustc-check-cfg=cfg(rust_analyzer)");
}
