//! Scopes: whose names a text means. The user's invocation is one; so is the part of another that came with a block brought in
//! by `use`; so is the text of the shipped blocks. A text of any but the first is foreign: the user did not write it here.

use super::globals::{Globals, Shipped};
use super::names::{self, Checked};
use super::value::Definition;
use crate::bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, Region};
use crate::syntax::{
    self,
    ast::{Import, Program},
};
use std::collections::HashMap;

/// A place in the list of scopes.
pub(super) type ScopeId = usize;

/// The scope of the shipped blocks, in which nothing is defined: they know one another and the layers built in.
pub(super) const SHIPPED: ScopeId = 0;

/// A scope.
pub(super) struct Scope<'s> {
    pub(super) globals: Globals<'s>,
    pub(super) checked: Checked,
    /// The user's tokens that brought it here.
    pub(super) region: Region,
}

/// All scopes that `program` needs, each behind those it uses: [`SHIPPED`], those of its imports, its own. Errors in the last
/// are reported; a block from a scope that has one is not known here, which is reported at its import.
pub(super) fn scopes<'s>(program: &Program, shipped: &'s Shipped<'s>, diagnostics: &Diagnostics) -> Vec<Scope<'s>> {
    let mut s = Scopes { list: Vec::new(), ids: HashMap::new(), shipped };
    s.push(&Program::default(), Vec::new(), Region::call_site(), diagnostics);
    let imports = program.imports.iter().map(|import| s.import(import, diagnostics)).collect();
    s.push(program, imports, Region::call_site(), diagnostics);
    s.list
}

struct Scopes<'s> {
    list: Vec<Scope<'s>>,
    /// Scopes that came with blocks, by hash; those with errors are left out.
    ids: HashMap<String, ScopeId>,
    shipped: &'s Shipped<'s>,
}

impl Scopes<'_> {
    fn push(&mut self, program: &Program, imports: Vec<Option<Definition>>, region: Region, diagnostics: &Diagnostics) {
        let globals = Globals::new(program, imports, self.shipped, diagnostics);
        let checked = names::check(program, &globals, diagnostics);
        self.list.push(Scope { globals, checked, region });
    }

    /// The block that the user imports.
    fn import(&mut self, import: &Import, diagnostics: &Diagnostics) -> Option<Definition> {
        let bundle = import.bundle.as_ref()?;
        for scope in &bundle.scopes {
            if !self.ids.contains_key(&scope.id) {
                self.carried(scope, import.name.region);
            }
        }
        let block = bundle.scopes.last().and_then(|scope| self.block(&scope.id, &bundle.block));
        if block.is_none() {
            let d = Diagnostic::new(
                import.name.region,
                format!("block `{}` has an error where it is defined", bundle.block),
            );
            diagnostics.push(d);
        }
        block
    }

    /// A scope that came with a block. Whoever defines the block has been told of its errors.
    fn carried(&mut self, scope: &bundle::Scope, region: Region) {
        let errors = Diagnostics::new();
        let mut program = syntax::parse(scope.items.clone(), &errors);
        program.imports.extend(scope.imports.iter().map(|i| Import::carried(&i.name, region)));
        let imports: Vec<_> = scope.imports.iter().map(|i| self.block(&i.scope, &i.block)).collect();
        let known = imports.iter().all(Option::is_some);
        self.push(&program, imports, region, &errors);
        if errors.finish().is_empty() && known {
            self.ids.insert(scope.id.clone(), self.list.len() - 1);
        }
    }

    fn block(&self, scope: &str, name: &str) -> Option<Definition> {
        let scope = *self.ids.get(scope)?;
        let block = self.list[scope].globals.blocks.get(name)?.clone();
        Some(Definition { block, scope })
    }
}
