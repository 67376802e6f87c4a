//! Elaborate: a [`Program`] and the shipped blocks to one [`Graph`] a net.
//!
//! Names are resolved, values evaluated, loops unrolled, blocks inlined; what is left is operators with shapes and weights
//! with names. It goes on after an error: what is at fault becomes `Value::Unknown`, which silences all that depends on
//! it, so that no error is caused by another. Everything is bounded: steps, turns of loops, layers, nesting.

mod apply;
mod args;
mod block;
mod body;
mod entries;
mod expr;
mod function;
mod globals;
mod label;
mod names;
mod nearest;
mod net;
mod number;
mod references;
mod report;
mod scope;
mod tensor;
mod value;

use crate::diagnostics::{Diagnostics, Region};
use crate::graph::{Broken, Graph};
use crate::syntax::ast::Program;
pub use references::{Reference, Target, references};

use globals::Shipped;
use net::Building;
use scope::{Scope, ScopeId};
use std::collections::{HashMap, HashSet};
use value::Value;

/// Elaborates every net of `program`, in order; of two nets of one name, which is an error, the first.
///
/// `shipped` are names and definitions (`pub block …`) of the blocks that come with the library; only those used are read. A
/// net is `Err` when it, or a block or constant that it uses, has an error; the errors are in `diagnostics`.
pub fn elaborate(program: &Program, shipped: &[(&str, &str)], diagnostics: &Diagnostics) -> Vec<Result<Graph, Broken>> {
    let shipped = Shipped::new(shipped);
    let scopes = scope::scopes(program, &shipped, diagnostics);
    let mut e = Elaborator::new(&scopes, diagnostics);
    e.constants();
    let graphs = scopes[e.own].globals.nets.iter().map(|net| e.net(net)).collect();
    e.unapplied_blocks(&program.blocks);
    graphs
}

/// A place in the program that has names of its own: a net, a block in use, a constant.
struct Frame {
    kind: FrameKind,
    name: String,
    /// Whose text it is.
    scope: ScopeId,
    /// Its name where it is defined, be that the user's text or not.
    defined: Region,
    /// The user's tokens that led here.
    call: Region,
    /// Names and their values; later ones hide earlier ones.
    locals: Vec<(String, Value)>,
    /// The layers that `#[ptflops(skip = […])]` passes over.
    skip: Vec<String>,
    /// The parameters of a block that its call gives, and the user's tokens for them.
    given: Vec<(String, Region)>,
}

impl Frame {
    /// A frame without parameters.
    fn new(kind: FrameKind, name: &str, scope: ScopeId, defined: Region, call: Region) -> Frame {
        Frame {
            kind,
            name: name.to_owned(),
            scope,
            defined,
            call,
            locals: Vec::new(),
            skip: Vec::new(),
            given: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Net,
    Block,
    Const,
}

/// The state of an invocation.
struct Elaborator<'g> {
    scopes: &'g [Scope<'g>],
    /// The scope of the user's invocation.
    own: ScopeId,
    diagnostics: &'g Diagnostics,
    /// Errors reported: their tokens and their wording without numbers.
    reported: HashSet<String>,
    /// The blocks of the user's invocation whose bodies were looked into.
    applied: HashSet<String>,
    /// The constants of each scope.
    constants: Vec<HashMap<String, Constant>>,
    /// Nets, blocks and constants being elaborated, innermost last.
    frames: Vec<Frame>,
    /// The weights' path of what is being applied.
    path: String,
    graph: Building,
    /// Whether the net being elaborated has met an error.
    failed: bool,
    budget: Budget,
    next_shared: usize,
}

/// A constant, evaluated.
#[derive(Clone)]
struct Constant {
    value: Value,
    failed: bool,
}

/// What an invocation has spent of what it may spend.
#[derive(Default)]
struct Budget {
    steps: usize,
    turns: usize,
    nodes: usize,
    nesting: usize,
    /// Set with the first bound that was passed: everything is unknown from then on.
    exhausted: bool,
}

/// Most steps of evaluation in an invocation.
const MAX_STEPS: usize = 4_000_000;
/// Most turns of loops in an invocation.
const MAX_TURNS: usize = 1_000_000;
/// Most layers and operators in an invocation.
const MAX_NODES: usize = 10_000;
/// Deepest nesting of expressions, lists and blocks together; bounds the stack.
const MAX_NESTING: usize = 400;
/// Deepest nesting of blocks.
const MAX_BLOCKS: usize = 64;

impl<'g> Elaborator<'g> {
    fn new(scopes: &'g [Scope<'g>], diagnostics: &'g Diagnostics) -> Elaborator<'g> {
        Elaborator {
            scopes,
            own: scopes.len() - 1,
            diagnostics,
            reported: HashSet::new(),
            applied: HashSet::new(),
            constants: scopes.iter().map(|_| HashMap::new()).collect(),
            frames: Vec::new(),
            path: String::new(),
            graph: Building::default(),
            failed: false,
            budget: Budget::default(),
            next_shared: 0,
        }
    }

    /// Evaluates all constants, each behind those it uses.
    fn constants(&mut self) {
        for (id, scope) in self.scopes.iter().enumerate() {
            for name in &scope.checked.order {
                let Some(constant) = scope.globals.consts.get(name) else { continue };
                self.failed = scope.checked.cyclic.contains(name);
                let value = if self.failed {
                    Value::Unknown
                } else {
                    let frame = Frame::new(FrameKind::Const, name, id, constant.name.region, scope.region);
                    self.in_frame(frame, |e| e.eval(&constant.value))
                };
                self.constants[id].insert(name.clone(), Constant { value, failed: self.failed });
            }
        }
    }

    /// Runs `f` in a frame.
    fn in_frame<T>(&mut self, frame: Frame, f: impl FnOnce(&mut Self) -> T) -> T {
        self.frames.push(frame);
        let result = f(self);
        self.frames.pop();
        result
    }

    /// Whose text is being evaluated.
    fn scope(&self) -> ScopeId {
        self.frames.last().map_or(self.own, |f| f.scope)
    }

    /// Whether the text of a frame is not the user's invocation.
    fn is_foreign(&self, frame: &Frame) -> bool {
        frame.scope != self.own
    }

    /// Binds a name from here to the end of its scope.
    fn define(&mut self, name: &str, value: Value) {
        if let Some(frame) = self.frames.last_mut() {
            frame.locals.push((name.to_owned(), value));
        }
    }

    /// Runs `f`, whose names end with it.
    fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.frames.last().map_or(0, |f| f.locals.len());
        let result = f(self);
        if let Some(frame) = self.frames.last_mut() {
            frame.locals.truncate(mark);
        }
        result
    }

    /// Runs `f` with `label` joined to the path.
    fn labelled<T>(&mut self, label: &str, f: impl FnOnce(&mut Self) -> T) -> T {
        let len = self.path.len();
        if len > 0 {
            self.path.push('.');
        }
        self.path.push_str(label);
        let result = f(self);
        self.path.truncate(len);
        result
    }

    /// The path with `name` joined to it.
    fn path_to(&self, name: &str) -> String {
        match (self.path.as_str(), name) {
            ("", name) => name.to_owned(),
            (path, "") => path.to_owned(),
            (path, name) => format!("{path}.{name}"),
        }
    }
}
