//! The language, layer by layer and feature by feature: what `lightnet!` compiles gives the numbers of the compiler's reference
//! evaluation (f64, plain loops, itself held against PyTorch), on every backend that the CPU has.

#[path = "../support/mod.rs"]
mod support;

mod activations;
mod arithmetic;
mod attention;
mod convolutions;
mod joined;
mod modules;
mod norms;
mod pooling;
mod programs;
mod rearranging;
mod residuals;
mod shapes;
mod shuffles;
mod winograd;
