//! Blocks for `tests/blocks_across.rs` to import.

#![deny(warnings, missing_docs, unreachable_pub)]
#![forbid(unsafe_code)]

/// Blocks that are built of others, which whoever imports them need not know.
pub mod ghost {
    renamed::lightnet! {
        use super::units::{Unit, Conv as Plain};
        const RATIO = 2;

        /// Half of the channels by a convolution, the others from these by a cheap one.
        pub block Ghost(x; out, kernel_size = 1) {
            require(out % RATIO == 0, "out ({out}) must be a multiple of {RATIO}");
            let a = x -> primary_conv: Unit(out / RATIO, kernel_size);
            let b = a -> cheap_operation: Cheap(out - out / RATIO);
            (a, b) -> Concat
        }
        /// Seen in this crate only, and still a part of `Ghost`.
        pub(crate) block Cheap(x; out) {
            x -> [Plain(out, 3)]
        }
        /// Ghosts as often as it says.
        #[ptflops(skip = [BatchNorm2d])]
        pub block Ghosts(x; out, n = 2) {
            x -> ["ghost{RATIO}": Ghost(out), for _ in 1..n { Ghost(out) }] -> scale: Scale
        }
        /// What it is called is a struct's name too.
        block Scale(x) {
            param gamma: [x.channels, 1, 1];
            x * gamma
        }
    }

    /// A struct beside a block of the same name.
    #[derive(Debug)]
    pub struct Scale;
}

/// Blocks with names that others have as well.
pub mod units {
    renamed::lightnet! {
        /// Convolution, batch norm and ReLU.
        pub block Unit(x; out, k) {
            x -> [Conv2d(out, k, padding = k / 2, bias = false), BatchNorm2d, ReLU]
        }
        /// Hides the shipped block of that name.
        pub block Conv(x; out, k) {
            x -> conv: Conv2d(out, k, padding = k / 2, groups = gcd(x.channels, out), bias = false)
        }
    }
}

/// The same blocks under another path.
pub mod prelude {
    pub use crate::ghost::{Ghost, Ghosts as Phantoms};
}

renamed::lightnet! {
    use ghost::{Cheap, Ghost};
    /// A net of this crate.
    pub net Local(x: [4, 8, 8]) -> [6, 8, 8] { x -> Ghost(4) -> cheap: Cheap(6) }
}
