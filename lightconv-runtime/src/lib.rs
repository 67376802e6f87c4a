//! What nets compiled by lightconv call at run time: tensors, weights, kernels, CPU dispatch.
//!
//! Users depend on the crate `lightconv`, which re-exports what is for them; the rest is for the code that the macro
//! generates. The crate is `no_std`: the feature `alloc` adds what lies on the heap, `std` files, the environment, the
//! CPU's features and the clock.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod activation;
#[cfg(feature = "alloc")]
pub mod arena;
pub mod backend;
#[cfg(feature = "rayon")]
pub mod batch;
mod cache;
pub mod crew;
pub mod error;
pub mod info;
pub mod input;
pub mod kernels;
pub mod memory;
pub mod net;
pub mod observe;
pub mod outputs;
#[cfg(feature = "alloc")]
pub mod pack;
#[cfg(feature = "alloc")]
pub mod random;
pub mod simd;
#[cfg(feature = "alloc")]
mod sqrt;
pub mod steps;
pub mod tensor;
mod text;
#[cfg(feature = "std")]
pub mod threads;
#[cfg(feature = "alloc")]
pub mod weights;

#[cfg(feature = "alloc")]
pub use arena::Workspace;
pub use backend::Backend;
pub use error::{Error, ErrorKind};
pub use info::{Cost, LayerInfo, Summary, WeightInfo, WeightKind};
pub use net::Net;
pub use observe::Observer;
#[cfg(feature = "std")]
pub use observe::Profile;
#[cfg(feature = "alloc")]
pub use tensor::Tensor;
pub use tensor::TensorData;
#[cfg(feature = "alloc")]
pub use weights::{Weight, WeightFault, Weights};

/// What generated code needs. No part of the public interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::activation::*;
    #[cfg(feature = "alloc")]
    pub use crate::arena::{AlignedBox, Planned};
    pub use crate::backend::Available;
    #[cfg(feature = "rayon")]
    pub use crate::batch::run_batch;
    #[cfg(not(feature = "std"))]
    pub use crate::crew::Threads;
    pub use crate::crew::{Member, Part};
    pub use crate::input::Input;
    pub use crate::kernels::*;
    pub use crate::memory::{Dst, Src};
    #[cfg(feature = "std")]
    pub use crate::observe::Timed;
    pub use crate::observe::{NoProbe, Probe};
    pub use crate::outputs::Outputs;
    #[cfg(feature = "alloc")]
    pub use crate::pack::{Norm, Pack, Packed, pack};
    #[cfg(feature = "alloc")]
    pub use crate::random::random;
    pub use crate::simd::*;
    pub use crate::steps::{Memory, Operands, Prefetch, Step};
    #[cfg(feature = "std")]
    pub use crate::threads::Threads;
    pub use crate::{__if_rayon, __if_std};
    pub use crate::{Backend, Cost, Error, LayerInfo, Net, WeightInfo, WeightKind};
    #[cfg(feature = "alloc")]
    pub use alloc::vec::Vec;
    #[cfg(feature = "std")]
    pub use std::path::Path;
}

/// Its tokens where lightconv has the cargo feature `std`, else nothing.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_std {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Its tokens where lightconv has the cargo feature `std`, else nothing.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_std {
    ($($tokens:tt)*) => {};
}

/// Its tokens where lightconv has the cargo feature `alloc`, else nothing.
#[cfg(feature = "alloc")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_alloc {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Its tokens where lightconv has the cargo feature `alloc`, else nothing.
#[cfg(not(feature = "alloc"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_alloc {
    ($($tokens:tt)*) => {};
}

/// Its tokens where lightconv has the cargo feature `rayon`, else nothing.
#[cfg(feature = "rayon")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_rayon {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Its tokens where lightconv has the cargo feature `rayon`, else nothing.
#[cfg(not(feature = "rayon"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_rayon {
    ($($tokens:tt)*) => {};
}
