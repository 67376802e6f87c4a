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
//! - The language, with an example a feature: `docs/language.md` in the repository. How it is built, how fast it is and how to
//!   measure: `README.md`, `docs/architecture.md`, `docs/performance.md`.
//! - What a net has is told by its own documentation in `cargo doc`: its methods, its layers, its counts, the weights it wants.
//! - Weights come from PyTorch by [`Weights::load`], under the names of its `state_dict`.
//! - Which vector instructions run a net is found out when it is made: [`Backend`].
//! - Nets of several types are held behind one trait: [`Net`]. What each step of a net costs in time: [`Profile`].
//!
//! # Cargo features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `std` | files, the CPU's features at run time, the environment, the clock | yes |
//! | `alloc` | tensors, weights and workspaces on the heap, without which no net can be made | with `std` |
//! | `avx2`, `avx512` | the backends of those names; without one, smaller binaries | yes |
//! | `rayon` | `run_batch`: many inputs on all cores | no |
//! | `dump` | `LIGHTCONV_DUMP=dir cargo build` writes the generated code to `dir/<crate>/<Net>.rs`, formatted | no |
//!
//! Without `std` the backend is that of the target features that the program is built for.

#![no_std]

/// The examples of the documents, compiled and run as tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/language.md")]
    struct Language;
    #[doc = include_str!("../docs/publishing-a-block.md")]
    struct PublishingABlock;
    #[doc = include_str!("../docs/architecture.md")]
    struct Architecture;
    #[doc = include_str!("../docs/performance.md")]
    struct Performance;
    #[doc = include_str!("../CONTRIBUTING.md")]
    struct Contributing;
}

pub mod blocks;
pub mod layers;

pub use lightconv_runtime::*;

#[doc(hidden)]
pub mod __private {
    pub use lightconv_macros::{__lightnet, __lightnet_import};
    pub use lightconv_runtime::__private::*;
}

/// Compiles nets and blocks to types; see the [crate]'s documentation and `docs/language.md`.
///
/// ```
/// lightconv::lightnet! {
///     /// Halves the channels.
///     pub net Half(x: [8, 4, 4]) -> [4, 4, 4] { x -> Squeeze(x.channels / 2) }
///     block Squeeze(x; out) { x -> conv: Conv2d(out, 1, bias = false) -> ReLU }
/// }
/// assert_eq!(Half::WEIGHTS[0].name, "conv.weight");
/// ```
///
/// Blocks of other modules and crates are brought in by `use`:
///
/// ```
/// mod blocks {
///     lightconv::lightnet! {
///         pub block Squeeze(x; out) { x -> conv: Conv2d(out, 1, bias = false) -> ReLU }
///     }
/// }
/// lightconv::lightnet! {
///     use blocks::Squeeze;
///     net Half(x: [8, 4, 4]) -> [4, 4, 4] { x -> Squeeze(x.channels / 2) }
/// }
/// ```
///
/// All errors of an invocation are reported at once, at the tokens at fault.
#[macro_export]
macro_rules! lightnet {
    ($($tokens:tt)*) => {
        $crate::__private::__lightnet! { { $crate } $($tokens)* }
    };
}
