//! What the names of a program mean, for editors: where a layer, a block or an argument is named, and what that is.

use super::globals::{Globals, Shipped};
use super::scope::{self, Scope};
use crate::diagnostics::{Diagnostics, Region};
use crate::ops;
use crate::syntax::ast::{Block, Program};
use std::rc::Rc;

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
    /// The block that has the argument, if no layer has it.
    pub block: Option<Rc<Block>>,
    /// Its token.
    pub region: Region,
}

/// All names of layers, blocks and their arguments in `program`, in its order; `shipped` as for [`elaborate`](super::elaborate).
#[must_use]
pub fn references(program: &Program, shipped: &[(&str, &str)]) -> Vec<Reference> {
    let shipped = Shipped::new(shipped);
    // Errors are the business of others: whoever is still writing wants to know what the names mean.
    let errors = Diagnostics::new();
    let own = scope::scopes(program, &shipped, &errors).pop();
    let Scope { globals, checked, .. } = own.expect("the program's own scope is the last");
    let mut references = checked.references;
    references.retain_mut(|r| {
        let Some(argument) = &r.argument else { return true };
        if let Target::Layer(name) = &r.target {
            return ops::find(name).is_some_and(|layer| layer.args.iter().any(|a| a.name == argument));
        }
        r.block = block(&globals, &r.target, &errors);
        r.block.as_ref().is_some_and(|block| block.params.iter().any(|(name, _)| name.text == *argument))
    });
    drop(errors.finish());
    references
}

fn block(globals: &Globals<'_>, target: &Target, errors: &Diagnostics) -> Option<Rc<Block>> {
    match target {
        Target::Layer(_) => None,
        Target::Shipped(name) => globals.shipped.get(name, errors),
        Target::Block(name) => globals.blocks.get(name).cloned(),
        Target::Import(name) => Some(globals.imports.get(name)?.as_ref()?.block.clone()),
    }
}
