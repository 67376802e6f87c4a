//! Parse: tokens to a [`Program`].
//!
//! The parser never stops at an error: it reports, puts [`ast::ExprKind::Error`] where something could not be read and
//! goes on behind the entry, statement or item, so that all errors of an invocation come at once. It looks ahead a few
//! tokens and never goes back, so its time is linear in the source; its depth is bounded.

pub mod ast;
mod attribute;
mod body;
mod expr;
mod item;
mod label;
mod literal;
mod source;
mod stream;

use crate::diagnostics::Diagnostics;
use ast::Program;
use proc_macro2::TokenStream;
use stream::Stream;

/// Reads an invocation of `lightnet!`; what could not be read is reported to `diagnostics` and marked in the tree.
pub fn parse(tokens: TokenStream, diagnostics: &Diagnostics) -> Program {
    item::program(&mut Stream::items(tokens, diagnostics))
}
