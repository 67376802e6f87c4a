//! Tests of the runtime without its kernels.

mod arena;
mod backend;
#[cfg(feature = "rayon")]
mod batch;
mod features;
mod info;
mod memory;
mod net;
mod observe;
mod pack;
mod random;
mod safetensors_files;
mod tensor;
mod weights;
