//! Lightweight convolutional networks, compiled by a macro into SIMD kernels for exactly their shapes.
//!
//! ```
//! use lightconv::{lightnet, Tensor};
//!
//! lightnet! {
//!     /// Ten classes for 32 x 32 colour images.
//!     pub net Tiny(x: [3, 32, 32]) -> [10] {
//!         x -> stem: [Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish]
//!           -> blocks: [
//!                 InvertedResidual(16, stride = 1, expand_ratio = 1),
//!                 InvertedResidual(24, stride = 2, expand_ratio = 4, use_se = true),
//!              ]
//!           -> GlobalAvgPool
//!           -> head: Linear(10)
//!     }
//! }
//!
//! const _: () = assert!(Tiny::COST.params < 10_000);
//!
//! let net = Tiny::random(1);
//! let scores = net.run(&Tensor::<3, 32, 32>::zeros());
//! assert_eq!(scores.as_slice().len(), 10);
//! println!("{}", Tiny::summary());
//! ```
//!
//! `docs/language.md` in the repository explains the language.

#![no_std]

/// The examples of the documents, compiled and run as tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/language.md")]
    struct Language;
    #[doc = include_str!("../docs/architecture.md")]
    struct Architecture;
    #[doc = include_str!("../docs/performance.md")]
    struct Performance;
    #[doc = include_str!("../CONTRIBUTING.md")]
    struct Contributing;
}

pub use lightconv_runtime::*;

#[doc(hidden)]
pub mod __private {
    pub use lightconv_macros::__lightnet;
    pub use lightconv_runtime::__private::*;
}

/// Compiles nets and blocks; see the [crate]'s documentation and `docs/language.md`.
#[macro_export]
macro_rules! lightnet {
    ($($tokens:tt)*) => {
        $crate::__private::__lightnet! { { $crate } $($tokens)* }
    };
}
