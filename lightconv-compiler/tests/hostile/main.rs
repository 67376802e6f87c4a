//! No invocation, however wrong or hostile, makes the compiler panic, overflow its stack, take much memory or much time: what it
//! gives is always Rust, a net or errors, and where a bound was passed the error names it.
//!
//! `LIGHTCONV_SEED` and `LIGHTCONV_MUTATIONS` say where the mutations begin and how many there are.

mod bodies;
mod corpus;
mod mutate;
mod watch;
