//! Reporting errors: at the user's tokens, with the chain of blocks, once; and the bounds on what an invocation may cost.

use super::number::Fault;
use super::scope::SHIPPED;
use super::value::Value;
use super::{Elaborator, FrameKind, MAX_NESTING, MAX_STEPS};
use crate::diagnostics::{Diagnostic, Region};

impl Elaborator<'_> {
    /// The user's tokens for a region of the text being evaluated: itself, or the call that led into a text that is not theirs.
    pub(super) fn at(&self, region: Region) -> Region {
        match self.frames.last() {
            Some(frame) if self.is_foreign(frame) => frame.call,
            _ => region,
        }
    }

    /// Reports an error at a region of the text being evaluated.
    pub(super) fn error(&mut self, region: Region, message: impl Into<String>) -> Value {
        self.fault(region, Fault::new(message))
    }

    /// Reports an error at a region of the text being evaluated.
    pub(super) fn fault(&mut self, region: Region, fault: Fault) -> Value {
        let at = self.at(region);
        self.fault_at(at, fault)
    }

    /// Reports an error at the user's tokens. One that differs only in numbers from one already reported at the same
    /// tokens is the same mistake, met again in another turn or use.
    pub(super) fn fault_at(&mut self, at: Region, fault: Fault) -> Value {
        self.failed = true;
        let wording: String = fault.message.chars().filter(|c| !c.is_ascii_digit()).collect();
        if self.reported.insert(format!("{:?}{:?}{wording}", at.start, at.end)) {
            let mut d = Diagnostic::new(at, fault.message).maybe_help(fault.help);
            if let Some(place) = self.place() {
                d = d.place(place);
            }
            self.diagnostics.push(d);
        }
        Value::Unknown
    }

    /// What follows from an error that was reported.
    pub(super) fn unknown(&mut self) -> Value {
        self.failed = true;
        Value::Unknown
    }

    /// ``in block `B`, layer `a.b`, of net `N` ``; of a block that nothing applies, without the net.
    fn place(&self) -> Option<String> {
        const MOST_BLOCKS: usize = 6;
        let root = self.frames.iter().rposition(|f| f.kind != FrameKind::Block);
        let blocks = &self.frames[root.map_or(0, |root| root + 1)..];
        let root = root.map(|root| &self.frames[root]);
        if let Some(constant) = root.filter(|root| root.kind == FrameKind::Const) {
            return Some(format!("in const `{}`", constant.name));
        }
        let mut place = String::new();
        for (i, frame) in blocks.iter().rev().take(MOST_BLOCKS).enumerate() {
            place.push_str(if i == 0 { "in block `" } else { ", used by block `" });
            place.push_str(&frame.name);
            place.push('`');
            if self.is_foreign(frame) && frame.scope != SHIPPED {
                let defined = frame.defined.start;
                place.push_str(&format!(" ({}:{})", defined.file(), defined.start().line));
            }
        }
        if blocks.len() > MOST_BLOCKS {
            place.push_str(&format!(", used by {} more", blocks.len() - MOST_BLOCKS));
        }
        if !self.path.is_empty() {
            place.push_str(if place.is_empty() { "in " } else { ", " });
            place.push_str(&format!("layer `{}`", brief(&self.path)));
        }
        if let Some(net) = root {
            place.push_str(if place.is_empty() { "in " } else { ", of " });
            place.push_str(&format!("net `{}`", net.name));
        }
        (!place.is_empty()).then_some(place)
    }

    /// Counts a step at the user's tokens; `false` when there were too many.
    pub(super) fn spend(&mut self, at: Region) -> bool {
        self.budget.steps += 1;
        if self.budget.steps > MAX_STEPS {
            self.exhaust(at, format!("this takes more than {MAX_STEPS} steps to evaluate"));
        }
        !self.budget.exhausted
    }

    /// Reports, once, that a bound was passed; all is unknown from then on.
    pub(super) fn exhaust(&mut self, at: Region, message: String) {
        self.failed = true;
        if !self.budget.exhausted {
            self.budget.exhausted = true;
            self.fault_at(at, Fault::new(message));
        }
    }

    /// Runs `f` one level deeper, unless that is too deep.
    pub(super) fn nested(&mut self, region: Region, f: impl FnOnce(&mut Self) -> Value) -> Value {
        let at = self.at(region);
        if !self.spend(at) {
            return self.unknown();
        }
        if self.budget.nesting >= MAX_NESTING {
            self.exhaust(at, format!("expressions, lists and blocks are nested more than {MAX_NESTING} deep"));
            return Value::Unknown;
        }
        self.budget.nesting += 1;
        let result = f(self);
        self.budget.nesting -= 1;
        result
    }
}

/// A path as a message has room for it.
fn brief(path: &str) -> String {
    const LONG: usize = 100;
    let count = path.chars().count();
    if count <= LONG {
        return path.to_owned();
    }
    path.chars().take(LONG / 2).chain("…".chars()).chain(path.chars().skip(count - LONG / 2)).collect()
}
