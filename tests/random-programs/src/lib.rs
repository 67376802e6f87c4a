//! Random programs of the `lightnet!` language, valid by construction.
//!
//! A [`program`] is written by the [`Choices`] that are made while it is written, and nothing else: the same choices give the
//! same program, and smaller choices a simpler one. So a failing program is made small by making its choices small
//! ([`shrink`]), whatever the generator writes. Shapes are followed here by rules of this crate's own, and each program states
//! the shape that it gives: a compiler that infers another one refuses it.

mod blocks;
mod choices;
mod expressions;
mod large;
mod layers;
mod moves;
mod net;
mod parts;
mod shape;
mod windows;

pub use choices::{Choices, shrink, simpler};
pub use net::program;
