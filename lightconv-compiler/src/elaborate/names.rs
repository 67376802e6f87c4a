//! The check of names: walks all items, used or not, and reports what nothing is called, and what is defined by itself.

use super::function;
use super::globals::{Globals, word};
use super::nearest::nearest;
use super::references::{Reference, Target};
use crate::diagnostics::{Diagnostic, Diagnostics, Region};
use crate::ops::{self, ArgSpec};
use crate::syntax::ast::{
    Body, Branch, Dims, Entry, EntryKind, Expr, ExprKind, Label, Name, Pattern, PatternKind, Piece, Program, Statement,
    SuffixKind, Text,
};
use std::collections::{HashMap, HashSet};

/// What the check found out.
pub(super) struct Checked {
    /// Constants and blocks that are defined by themselves.
    pub(super) cyclic: HashSet<String>,
    /// Constants, each behind those it uses.
    pub(super) order: Vec<String>,
    /// The names of layers and blocks, and of what may be their arguments.
    pub(super) references: Vec<Reference>,
}

/// Checks all names of `program`.
pub(super) fn check(program: &Program, globals: &Globals<'_>, diagnostics: &Diagnostics) -> Checked {
    let mut c =
        Checker { globals, diagnostics, locals: Vec::new(), uses: Vec::new(), references: Vec::new(), argument: None };
    let mut uses: HashMap<&str, Vec<(String, Region)>> = HashMap::new();
    for net in &program.nets {
        c.locals.clear();
        net.inputs.iter().for_each(|(_, d)| c.dims(d));
        net.outputs.iter().flatten().for_each(|d| c.dims(d));
        c.locals.extend(net.inputs.iter().map(|(n, _)| n.text.clone()));
        c.skip(&net.attributes.skip);
        c.body(&net.body);
    }
    for block in &program.blocks {
        c.locals = block.inputs.iter().map(|n| n.text.clone()).collect();
        c.uses.clear();
        for (name, default) in &block.params {
            default.iter().for_each(|d| c.expr(d));
            c.locals.push(name.text.clone());
        }
        c.skip(&block.attributes.skip);
        c.body(&block.body);
        uses.entry(&block.name.text).or_insert_with(|| std::mem::take(&mut c.uses));
    }
    for constant in &program.consts {
        c.locals.clear();
        c.uses.clear();
        c.expr(&constant.value);
        uses.entry(&constant.name.text).or_insert_with(|| std::mem::take(&mut c.uses));
    }
    let items =
        program.blocks.iter().map(|b| b.name.text.as_str()).chain(program.consts.iter().map(|k| k.name.text.as_str()));
    let (order, cyclic) = sort(items, &uses, globals, diagnostics);
    let references = c.references;
    Checked { references, order: order.into_iter().filter(|n| globals.consts.contains_key(n)).collect(), cyclic }
}

/// What a name that nothing is called probably means; where it is the value of an argument that understands words, that argument.
fn unknown(name: &str, region: Region, known: &[&str], argument: Option<&ArgSpec>) -> Diagnostic {
    let python = match name {
        "True" => "`True` is Python; write `true`",
        "False" => "`False` is Python; write `false`",
        "None" => "`None` is Python; write `none`",
        "range" => "there is no `range`; write `0..n`",
        "self" => "there is no `self`; layers are named where they are applied: `x -> conv1: Conv2d(16, 3)`",
        _ => "",
    };
    if !python.is_empty() {
        return Diagnostic::new(region, python);
    }
    let help = match name {
        "valid" => Some("no padding is `padding = 0`"),
        _ => ops::spelling(name),
    };
    let near = || nearest(name, known.iter().copied()).map(|n| format!("did you mean `{n}`?"));
    let help = help.map(str::to_owned).or_else(near).or_else(|| {
        let ArgSpec { name, words, .. } = argument?;
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        Some(format!("`{name}` understands {}", words.join(", ")))
    });
    let what = if name.starts_with(char::is_uppercase) { "layer, block or value" } else { "value" };
    Diagnostic::new(region, format!("there is no {what} named `{name}`")).maybe_help(help)
}

struct Checker<'c> {
    globals: &'c Globals<'c>,
    diagnostics: &'c Diagnostics,
    locals: Vec<String>,
    /// The items of this invocation that were named since the list was cleared.
    uses: Vec<(String, Region)>,
    references: Vec<Reference>,
    /// The argument whose value is looked at, if it understands words.
    argument: Option<&'static ArgSpec>,
}

impl Checker<'_> {
    fn name(&mut self, name: &str, region: Region) {
        if self.locals.iter().any(|l| l == name) {
            return;
        }
        self.refer(name, None, region);
        let g = self.globals;
        if g.consts.contains_key(name) || g.blocks.contains_key(name) {
            self.uses.push((name.to_owned(), region));
            return;
        }
        if g.imports.contains_key(name) || g.shipped.contains(name) || ops::find(name).is_some() || word(name).is_some()
        {
            return;
        }
        if g.nets.iter().any(|n| n.name == name) {
            let d = Diagnostic::new(region, format!("`{name}` is a net, and only blocks can be applied"));
            self.diagnostics.push(d.help("write what both need as a `block`"));
            return;
        }
        if function::NAMES.contains(&name) {
            let d = Diagnostic::new(region, format!("`{name}` is a function, which is no value"));
            self.diagnostics.push(d.help(format!("call it: `{name}(…)`")));
            return;
        }
        let locals = self.locals.iter().map(String::as_str);
        // Whoever has a hundred errors does not read a hundred suggestions, each of which costs time.
        let room = if self.diagnostics.count() < 100 { usize::MAX } else { 0 };
        let known: Vec<&str> = match self.argument {
            // Layers do not stand in place of a word.
            Some(argument) => {
                let own = g.consts.keys().map(String::as_str);
                locals.chain(own).chain(argument.words.iter().copied()).take(room).collect()
            }
            None => {
                let words = ops::layers().flat_map(|l| l.args).flat_map(|a| a.words).copied();
                locals.chain(g.names()).chain(function::NAMES.iter().copied()).chain(words).take(room).collect()
            }
        };
        self.diagnostics.push(unknown(name, region, &known, self.argument));
    }

    /// Notes that a layer or block is named, or an argument of one.
    fn refer(&mut self, name: &str, argument: Option<&Name>, region: Region) {
        let (g, owned) = (self.globals, name.to_owned());
        let target = match () {
            () if self.locals.iter().any(|l| l == name) || g.consts.contains_key(name) => return,
            () if g.blocks.contains_key(name) => Target::Block(owned),
            () if g.imports.contains_key(name) => Target::Import(owned),
            () if g.shipped.contains(name) => Target::Shipped(owned),
            () if ops::find(name).is_some() => Target::Layer(owned),
            () => return,
        };
        let (argument, region) = argument.map_or((None, region), |a| (Some(a.text.clone()), a.region));
        self.references.push(Reference { target, argument, block: None, region });
    }

    /// The layers of `#[ptflops(skip = […])]`.
    fn skip(&mut self, names: &[Name]) {
        for name in names {
            if ops::find(&name.text).is_some() {
                let target = Target::Layer(name.text.clone());
                self.references.push(Reference { target, argument: None, block: None, region: name.region });
                continue;
            }
            let help = nearest(&name.text, ops::layers().map(|l| l.name)).map(|n| format!("did you mean `{n}`?"));
            let d = Diagnostic::new(name.region, format!("there is no layer built in named `{}`", name.text));
            self.diagnostics.push(d.maybe_help(help));
        }
    }

    fn body(&mut self, body: &Body) {
        self.statements(&body.statements);
        self.expr(&body.result);
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Let { pattern, value } => {
                    self.expr(value);
                    self.bind(pattern);
                }
                Statement::Require { condition, message } => {
                    self.expr(condition);
                    self.text(message);
                }
                Statement::Layer { name, layer } => {
                    self.expr(layer);
                    self.locals.push(name.text.clone());
                }
                Statement::Param { name, dims } => {
                    self.dims(dims);
                    self.locals.push(name.text.clone());
                }
            }
        }
    }

    /// Binds the names of a pattern; two of one name are an error.
    fn bind(&mut self, pattern: &Pattern) {
        let from = self.locals.len();
        self.bind_from(pattern, from);
    }

    fn bind_from(&mut self, pattern: &Pattern, from: usize) {
        match &pattern.kind {
            PatternKind::Name(name) => {
                if self.locals[from..].contains(name) {
                    self.diagnostics
                        .push(Diagnostic::new(pattern.region, format!("`{name}` is bound twice in one pattern")));
                }
                self.locals.push(name.clone());
            }
            PatternKind::Ignore => {}
            PatternKind::Tuple(parts) => parts.iter().for_each(|p| self.bind_from(p, from)),
        }
    }

    fn dims(&mut self, dims: &Dims) {
        dims.sizes.iter().for_each(|e| self.expr(e));
    }

    fn text(&mut self, text: &Text) {
        for piece in &text.pieces {
            if let Piece::Value(e) = piece {
                self.expr(e);
            }
        }
    }

    fn label(&mut self, label: &Option<Label>) {
        label.iter().for_each(|l| self.text(&l.text));
    }

    fn entries(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.label(&entry.label);
            match &entry.kind {
                EntryKind::Expr(e) => self.expr(e),
                EntryKind::If(i) => self.if_arms(i),
                EntryKind::For(f) => {
                    self.expr(&f.values);
                    let mark = self.locals.len();
                    self.bind(&f.pattern);
                    self.branch(&f.body);
                    self.locals.truncate(mark);
                }
            }
        }
    }

    fn if_arms(&mut self, i: &crate::syntax::ast::If) {
        for (condition, branch) in &i.arms {
            self.expr(condition);
            self.branch(branch);
        }
        i.otherwise.iter().for_each(|b| self.branch(b));
    }

    fn branch(&mut self, branch: &Branch) {
        let mark = self.locals.len();
        self.statements(&branch.statements);
        self.entries(&branch.entries);
        self.locals.truncate(mark);
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Same
            | ExprKind::Error => {}
            ExprKind::Text(t) => self.text(t),
            ExprKind::Name(name) => self.name(name, e.region),
            ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => self.expr(inner),
            ExprKind::List(entries) | ExprKind::Tuple(entries) => self.entries(entries),
            ExprKind::If(i) => self.if_arms(i),
            ExprKind::Chain(first, rest) => {
                self.expr(first);
                rest.iter().for_each(|(_, e)| self.expr(e));
            }
            ExprKind::Range { start, end, .. } => start.iter().chain(end).for_each(|e| self.expr(e)),
            ExprKind::Suffixed(base, suffixes) => {
                let called = matches!(suffixes.first().map(|s| &s.kind), Some(SuffixKind::Call(_)));
                match &base.kind {
                    ExprKind::Name(name) if called && function::NAMES.contains(&name.as_str()) => {}
                    _ => self.expr(base),
                }
                for suffix in suffixes {
                    match &suffix.kind {
                        SuffixKind::Call(args) => {
                            let outer = self.argument;
                            for argument in args {
                                self.argument = None;
                                if let (ExprKind::Name(callee), Some(name)) = (&base.kind, &argument.name) {
                                    self.refer(callee, Some(name), name.region);
                                    self.argument = argument_with_words(callee, &name.text);
                                }
                                self.expr(&argument.value);
                            }
                            self.argument = outer;
                        }
                        SuffixKind::Index(e) => self.expr(e),
                        SuffixKind::Field(_) => {}
                    }
                }
            }
            ExprKind::Flow(source, steps) => {
                self.expr(source);
                for step in steps {
                    self.label(&step.label);
                    self.expr(&step.layer);
                }
            }
        }
    }
}

/// The argument of a layer built in, if it understands words.
fn argument_with_words(layer: &str, argument: &str) -> Option<&'static ArgSpec> {
    ops::find(layer)?.args.iter().find(|a| a.name == argument && !a.words.is_empty())
}

/// Items, each behind those it uses, and those that are defined by themselves, which are reported.
fn sort<'n>(
    items: impl Iterator<Item = &'n str>,
    uses: &HashMap<&str, Vec<(String, Region)>>,
    globals: &Globals<'_>,
    diagnostics: &Diagnostics,
) -> (Vec<String>, HashSet<String>) {
    let (mut order, mut cyclic) = (Vec::new(), HashSet::new());
    let mut done: HashSet<String> = HashSet::new();
    for item in items {
        // The way from `item`, with how many uses of each were followed: not a recursion, for a chain may be long.
        let mut way: Vec<(String, usize)> = vec![(item.to_owned(), 0)];
        let mut on_way: HashSet<String> = HashSet::from([item.to_owned()]);
        while let Some((name, followed)) = way.last_mut() {
            if done.contains(name) {
                on_way.remove(name);
                way.pop();
                continue;
            }
            let Some((next, region)) = uses.get(name.as_str()).and_then(|u| u.get(*followed)) else {
                done.insert(name.clone());
                order.push(name.clone());
                on_way.remove(name);
                way.pop();
                continue;
            };
            *followed += 1;
            if on_way.contains(next) {
                let from = way.iter().position(|(n, _)| n == next).unwrap_or(0);
                let cycle: Vec<&str> = way[from..].iter().map(|(n, _)| n.as_str()).collect();
                diagnostics.push(recursion(&cycle, *region, globals));
                cyclic.extend(cycle.into_iter().map(str::to_owned));
            } else if !done.contains(next) {
                way.push((next.clone(), 0));
                on_way.insert(next.clone());
            }
        }
    }
    (order, cyclic)
}

fn recursion(cycle: &[&str], region: Region, globals: &Globals<'_>) -> Diagnostic {
    let first = cycle.first().copied().unwrap_or_default();
    let kind = if globals.blocks.contains_key(first) { "block" } else { "const" };
    let way: Vec<String> = cycle.iter().skip(1).take(6).map(|n| format!("`{n}`")).collect();
    let through = if way.is_empty() { String::new() } else { format!(" through {}", way.join(", ")) };
    let d = Diagnostic::new(region, format!("{kind} `{first}` is defined by itself{through}: there is no recursion"));
    let shipped = cycle.iter().find(|n| globals.shipped.contains(n) || ops::find(n).is_some());
    match shipped {
        Some(n) => d.help(format!(
            "a block defined here hides the shipped one of the same name: call yours something other than `{n}`"
        )),
        None if kind == "block" => d.help("a list with a `for` repeats layers"),
        None => d,
    }
}
