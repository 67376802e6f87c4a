//! Nets with all that an editor looks up in them. With `cfg(rust_analyzer)` rustc compiles it, so that what only
//! rust-analyzer reads is Rust all the same.

#![deny(warnings, missing_docs, unreachable_pub)]
#![forbid(unsafe_code)]

/// Blocks to import.
pub mod blocks {
    renamed::lightnet! {
        /// A block with a parameter, whose name is used in another block.
        pub block Unit(x; out, type = 1) {
            x -> [Conv2d(out, kernel_size = type, padding = type / 2, bias = false), BatchNorm2d(eps = 1e-3), ReLU]
        }
        pub(crate) block Twice(x; out) {
            x -> [Unit(out, type = 3), Unit(out = out)]
        }
        block vec(x) { x -> Tanh }
        pub(crate) block Named(x) { x -> vec }
    }
}

renamed::lightnet! {
    use blocks::{Named, Twice as Double};
    use lightconv_test_blocks::ghost::Ghost;

    /// A net of everything that can be named.
    #[ptflops(skip = [BatchNorm2d])]
    pub net Everything(x: [8, 8, 8]) -> [10] {
        let layer = Unit(out = 8);
        x -> a: Double(out = 8)
          -> b: Ghost(8, kernel_size = 3)
          -> c: InvertedResidual(8, stride = 1, expand_ratio = 2, use_se = true)
          -> d: layer
          -> Named
          -> [GlobalAvgPool, Linear(out_features = 10, in_features = 8), Softmax(axis = channels)]
    }
    /// Hides nothing: its name is that of a block elsewhere.
    block Unit(x; out) {
        x -> conv: Conv2d(out_channels = out, kernel_size = 1)
    }
}

/// A module within, which sees what is private around it.
pub mod within {
    renamed::lightnet! {
        use super::Unit as Private;
        use crate::blocks::Unit;
        use lightconv_test_blocks::prelude::Phantoms;

        /// Arguments of blocks by three ways.
        pub net Within(x: [8, 8, 8]) {
            x -> Private(out = 8)
              -> Unit(8, type = 3)
              -> Phantoms(out = 8)
        }
    }
}

/// In a function, where names of the function are in scope.
#[must_use]
pub fn parameters() -> u64 {
    renamed::lightnet! {
        net Local(x: [3, 4, 4]) { x -> Own(n = 2) }
        block Own(x; n) { x -> [for _ in 0..n { Conv2d(3, 1) }] }
    }
    Local::COST.params
}
