//! What the names of a program mean, for editors: where a layer, a block or an argument is named, and what that is.

use super::globals::{Globals, Shipped};
use super::names;
use crate::diagnostics::{Diagnostics, Region};
use crate::ops;
use crate::syntax::ast::Program;

/// What a name in the text of a program means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A layer built in.
    Layer(String),
    /// A block shipped.
    Shipped(String),
    /// A block of the invocation.
    Block(String),
    /// A block brought in by `use`, under this name.
    Import(String),
}

/// A name in the text of a program.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What it is, or whose argument.
    pub target: Target,
    /// The argument's name, if it is one.
    pub argument: Option<String>,
    /// Its token.
    pub region: Region,
}

/// All names of layers, blocks and their arguments in `program`, in its order; `shipped` as for [`elaborate`](super::elaborate).
#[must_use]
pub fn references(program: &Program, shipped: &[(&str, &str)]) -> Vec<Reference> {
    let shipped = Shipped::new(shipped);
    // Errors are the business of others: whoever is still writing wants to know what the names mean.
    let errors = Diagnostics::new();
    let globals = Globals::new(program, vec![None; program.imports.len()], &shipped, &errors);
    let mut references = names::check(program, &globals, &errors).references;
    references
        .retain(|r| r.argument.as_ref().is_none_or(|argument| has_argument(&globals, &r.target, argument, &errors)));
    drop(errors.finish());
    references
}

/// Whether a layer or block is known to have an argument.
fn has_argument(globals: &Globals<'_>, target: &Target, argument: &str, errors: &Diagnostics) -> bool {
    let block = match target {
        Target::Layer(name) => return ops::find(name).is_some_and(|l| l.args.iter().any(|a| a.name == argument)),
        Target::Shipped(name) => globals.shipped.get(name, errors),
        Target::Block(name) => globals.blocks.get(name).cloned(),
        Target::Import(_) => None,
    };
    block.is_some_and(|block| block.params.iter().any(|(name, _)| name.text == argument))
}
