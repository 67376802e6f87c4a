//! Every kernel against a naive twin in f64, on every backend that the CPU has and on the 16-lane twin.
//!
//! The kernels are called as generated code calls them: through small functions that carry the target features of the
//! backend. Sizes are not literals here, so one instance of a kernel serves a whole sweep.

mod attention;
mod backends;
mod conv;
mod data;
mod depthwise;
mod elementwise;
mod fused;
mod norm;
mod pool;
mod rearrange;
mod shape;
mod winograd;
