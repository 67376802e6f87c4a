//! The names of an invocation, and the shipped blocks.

use super::value::Definition;
use crate::diagnostics::{Diagnostic, Diagnostics, Region};
use crate::ops;
use crate::syntax::{self, ast};
use proc_macro2::TokenStream;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What the names of an invocation mean, or of the part of another that came with a block.
pub(super) struct Globals<'s> {
    pub(super) consts: HashMap<String, Rc<ast::Const>>,
    pub(super) blocks: HashMap<String, Rc<ast::Block>>,
    /// Brought in by `use`; those not known were reported.
    pub(super) imports: HashMap<String, Option<Definition>>,
    /// The nets to build: of two with one name, the first.
    pub(super) nets: Vec<Rc<ast::Net>>,
    pub(super) shipped: &'s Shipped<'s>,
}

impl<'s> Globals<'s> {
    /// Collects the items and reports those of one name; `imports` are the blocks that the imports of `program` bring.
    pub(super) fn new(
        program: &ast::Program,
        imports: Vec<Option<Definition>>,
        shipped: &'s Shipped<'s>,
        diagnostics: &Diagnostics,
    ) -> Globals<'s> {
        let mut g = Globals {
            consts: HashMap::new(),
            blocks: HashMap::new(),
            imports: HashMap::new(),
            nets: Vec::new(),
            shipped,
        };
        let mut values = Seen::default();
        let mut types = Seen::default();
        for (import, block) in program.imports.iter().zip(imports) {
            if values.insert(&import.name.text, import.name.region, diagnostics) {
                g.imports.insert(import.name.text.clone(), block);
            }
        }
        for block in &program.blocks {
            if values.insert(&block.name.text, block.name.region, diagnostics) {
                g.blocks.insert(block.name.text.clone(), block.clone());
            }
        }
        for constant in &program.consts {
            if values.insert(&constant.name.text, constant.name.region, diagnostics) {
                g.consts.insert(constant.name.text.clone(), constant.clone());
            }
        }
        for net in &program.nets {
            // Of several under conditions rustc finds out which one is there.
            let conditional = !net.attributes.conditions.is_empty();
            if conditional || types.insert(&net.name.to_string(), net.name.span().into(), diagnostics) {
                g.nets.push(net.clone());
            }
        }
        g
    }

    /// All names that mean something everywhere in the invocation: for nearest names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.consts.keys().chain(self.blocks.keys()).chain(self.imports.keys()).map(String::as_str);
        own.chain(self.shipped.texts.iter().map(|(n, _)| *n)).chain(ops::layers().map(|l| l.name))
    }
}

/// The shipped blocks, which are read when they are first used.
pub(super) struct Shipped<'s> {
    texts: &'s [(&'s str, &'s str)],
    read: RefCell<HashMap<String, Option<Rc<ast::Block>>>>,
}

impl<'s> Shipped<'s> {
    /// Names and texts.
    pub(super) fn new(texts: &'s [(&'s str, &'s str)]) -> Shipped<'s> {
        Shipped { texts, read: RefCell::default() }
    }

    /// Whether there is a shipped block of that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.texts.iter().any(|(n, _)| *n == name)
    }

    /// The shipped block of that name.
    pub(super) fn get(&self, name: &str, diagnostics: &Diagnostics) -> Option<Rc<ast::Block>> {
        let (_, text) = self.texts.iter().find(|(n, _)| *n == name)?;
        if let Some(block) = self.read.borrow().get(name) {
            return block.clone();
        }
        let errors = Diagnostics::new();
        let block = text
            .parse::<TokenStream>()
            .ok()
            .and_then(|tokens| syntax::parse(tokens, &errors).blocks.into_iter().next());
        let errors = errors.finish();
        if block.is_none() || !errors.is_empty() {
            let reason = errors.first().map_or("it is no block".to_owned(), |e| e.message.clone());
            diagnostics.push(Diagnostic::new(
                Region::call_site(),
                format!("the shipped block `{name}` cannot be read: {reason}"),
            ));
        }
        self.read.borrow_mut().insert(name.to_owned(), block.clone());
        block
    }
}

/// Words that only layers not supported yet understand: known all the same, so that the one error is the layer's.
const LATER_WORDS: &[&str] = &["nearest", "bilinear", "focus", "contract", "onnx"];

/// The one word of that text, if any layer's argument understands it.
pub(super) fn word(text: &str) -> Option<&'static str> {
    let words = ops::layers().flat_map(|l| l.args).flat_map(|a| a.words);
    words.chain(LATER_WORDS).copied().find(|w| *w == text)
}

/// Names of one namespace and where they were defined.
#[derive(Default)]
struct Seen(HashMap<String, Region>);

impl Seen {
    /// Adds a name; `false` and an error if there is one already.
    fn insert(&mut self, name: &str, region: Region, diagnostics: &Diagnostics) -> bool {
        if let Some(first) = self.0.get(name) {
            let line = first.start.start().line;
            diagnostics.push(
                Diagnostic::new(region, format!("`{name}` is defined twice, first at line {line}"))
                    .help("give one of them another name"),
            );
            return false;
        }
        self.0.insert(name.to_owned(), region);
        true
    }
}
