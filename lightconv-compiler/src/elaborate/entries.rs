//! Entries of lists, tuples and branches: `if` and `for` unrolled, list entries numbered; patterns.

use super::number::Fault;
use super::value::{Item, Value};
use super::{Elaborator, MAX_TURNS};
use crate::diagnostics::Region;
use crate::syntax::ast::{Branch, Entry, EntryKind, Expr, For, If, Pattern, PatternKind};
use std::rc::Rc;

/// Entries evaluated so far, and the index of the next.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) items: Vec<Item>,
    next: u64,
}

impl Elaborator<'_> {
    /// A list: values, or layers in sequence.
    pub(super) fn list(&mut self, entries: &[Entry], words: &[&'static str], region: Region) -> Value {
        let mut out = Entries::default();
        self.entries(entries, words, &mut out);
        if let Some(item) = out.items.iter().find(|i| matches!(i.value, Value::Tensor(_))) {
            let only = out.items.len() == 1;
            let fault = Fault::new("a list holds layers or values, and this one holds a tensor");
            let help = if only { "leave the brackets away" } else { "several tensors are a tuple: `(a, b) -> Concat`" };
            let at = if only { item.region } else { self.at(region) };
            return self.fault_at(at, fault.help(help));
        }
        Value::List(Rc::new(out.items))
    }

    /// A tuple: tensors or values.
    pub(super) fn tuple(&mut self, entries: &[Entry], words: &[&'static str]) -> Value {
        let mut out = Entries::default();
        self.entries(entries, words, &mut out);
        if let Some(item) = out.items.iter().find(|i| i.label.is_some()) {
            let fault = Fault::new("the entries of a tuple have no labels");
            let help = "layers in sequence are a list in brackets; a flow is labelled behind its arrow: `x -> stem: A`";
            return self.fault_at(item.region, fault.help(help));
        }
        Value::Tuple(Rc::new(out.items.into_iter().map(|i| i.value).collect()))
    }

    /// The value of an `if` that stands as an expression. Where a layer is wanted, nothing means the identity.
    pub(super) fn if_value(&mut self, i: &If, words: &[&'static str], wants_layer: bool) -> Value {
        let branch = match self.choose(i) {
            Err(()) => return self.unknown(),
            Ok(branch) => branch,
        };
        let nothing = |e: &mut Self, message: &str| {
            if wants_layer {
                return Value::List(Rc::default());
            }
            e.fault(i.region, Fault::new(message).help("give every case a value: `if c { a } else { b }`"))
        };
        let Some(branch) = branch else {
            return nothing(self, "no branch of this `if` is taken, and it has no `else`");
        };
        let mut out = Entries::default();
        if !self.branch(branch, words, &mut out) {
            return self.unknown();
        }
        match out.items.len() {
            0 => nothing(self, "the branch taken has no value"),
            1 => {
                let item = out.items.remove(0);
                if item.label.is_some() { Value::Labelled(Rc::new(item)) } else { item.value }
            }
            n => {
                let fault = Fault::new(format!("a branch of an `if` that is a value has one entry, found {n}"));
                self.fault(branch.region, fault.help("layers in sequence are a list: `{ [A, B] }`"))
            }
        }
    }

    /// Appends the entries, those of `if` and `for` unrolled.
    fn entries(&mut self, entries: &[Entry], words: &[&'static str], out: &mut Entries) {
        for entry in entries {
            if !self.spend(self.at(entry.region)) {
                self.append(None, Value::Unknown, entry.region, out);
                return;
            }
            match &entry.kind {
                EntryKind::Expr(e) => self.expr_entry(entry, e, words, out),
                EntryKind::If(i) => match self.choose(i) {
                    Ok(Some(branch)) => {
                        if !self.branch(branch, words, out) {
                            self.append(None, Value::Unknown, entry.region, out);
                        }
                    }
                    Ok(None) => {}
                    Err(()) => self.append(None, Value::Unknown, entry.region, out),
                },
                EntryKind::For(f) => self.for_entry(f, words, entry.region, out),
            }
        }
    }

    fn expr_entry(&mut self, entry: &Entry, e: &Expr, words: &[&'static str], out: &mut Entries) {
        let label = entry.label.as_ref().map(|l| self.label(l));
        let value = match label {
            // Which may be an `if`, and so none at all.
            Some(_) => self.layer(e),
            None => self.eval_in(e, words),
        };
        match label {
            // Without its name nothing can be said of the layer.
            Some(None) => self.append(None, Value::Unknown, entry.region, out),
            Some(Some(label)) => self.append(Some(label), value, entry.region, out),
            None => self.append(None, value, entry.region, out),
        }
    }

    fn append(&mut self, label: Option<String>, value: Value, region: Region, out: &mut Entries) {
        // An integer sets the index, and later entries count on.
        if let Some(index) = label.as_ref().and_then(|l| l.parse::<u64>().ok()) {
            out.next = index;
        }
        out.items.push(Item { label: label.map(Rc::from), index: out.next, value, region: self.at(region) });
        out.next = out.next.saturating_add(1);
    }

    fn for_entry(&mut self, f: &For, words: &[&'static str], region: Region, out: &mut Entries) {
        let values = self.eval(&f.values);
        let len = match &values {
            Value::List(items) => items.len() as u64,
            Value::Tuple(items) => items.len() as u64,
            Value::Range(a, b) if b > a => b.abs_diff(*a),
            Value::Range(..) => 0,
            Value::Unknown => return self.append(None, Value::Unknown, region, out),
            other => {
                let fault = Fault::new(format!("`for` walks a list, a tuple or a range, found {}", other.describe()));
                let fault = match other {
                    Value::Int(n) => fault.help(format!("write `0..{n}`")),
                    Value::Tensor(_) => {
                        fault.help("a tensor is cut into a tuple by `x -> Chunk(n)` or `x -> Split(size)`")
                    }
                    _ => fault,
                };
                self.fault(f.values.region, fault);
                return self.append(None, Value::Unknown, region, out);
            }
        };
        for i in 0..len {
            self.budget.turns += 1;
            if self.budget.turns > MAX_TURNS {
                let at = self.at(f.values.region);
                self.exhaust(at, format!("the loops of this invocation take more than {MAX_TURNS} turns"));
            }
            if self.budget.exhausted {
                return self.append(None, Value::Unknown, region, out);
            }
            let (value, row) = match &values {
                Value::List(items) => (items[i as usize].value.clone(), Some(items[i as usize].region)),
                Value::Tuple(items) => (items[i as usize].clone(), None),
                // Below the end of the range, so it does not overflow.
                Value::Range(a, _) => (Value::Int(a.wrapping_add_unsigned(i)), None),
                _ => return,
            };
            let complete = self.scoped(|e| {
                e.bind(&f.pattern, value, row);
                e.branch(&f.body, words, out)
            });
            if !complete {
                self.append(None, Value::Unknown, region, out);
            }
        }
    }

    /// Appends the entries of a branch; `false` when a `require` of it failed.
    fn branch(&mut self, branch: &Branch, words: &[&'static str], out: &mut Entries) -> bool {
        self.scoped(|e| {
            let complete = e.statements(&branch.statements);
            if complete {
                e.entries(&branch.entries, words, out);
            }
            complete
        })
    }

    /// The branch that is taken; `Err` where a condition is unknown.
    fn choose<'a>(&mut self, i: &'a If) -> Result<Option<&'a Branch>, ()> {
        for (condition, branch) in &i.arms {
            if self.condition(condition)? {
                return Ok(Some(branch));
            }
        }
        Ok(i.otherwise.as_ref())
    }

    /// A condition; `Err` where it is unknown or no boolean.
    pub(super) fn condition(&mut self, e: &Expr) -> Result<bool, ()> {
        match self.eval(e) {
            Value::Bool(b) => Ok(b),
            Value::Unknown => {
                self.failed = true;
                Err(())
            }
            other => {
                let fault = Fault::new(format!("a condition is a boolean, found {}", other.describe()));
                let help = match other {
                    Value::Int(_) | Value::Float(_) => "compare it, such as `n != 0`",
                    _ => "compare it, such as `act != none`",
                };
                self.fault(e.region, fault.help(help));
                Err(())
            }
        }
    }

    /// Binds the names of a pattern; `row` is the entry that the value came from.
    pub(super) fn bind(&mut self, pattern: &Pattern, value: Value, row: Option<Region>) {
        match &pattern.kind {
            PatternKind::Ignore => {}
            PatternKind::Name(name) => self.define(name, value),
            PatternKind::Tuple(parts) => {
                let values: Vec<(Value, Option<Region>)> = match &value {
                    Value::Tuple(items) => items.iter().map(|v| (v.clone(), None)).collect(),
                    Value::List(items) => items.iter().map(|i| (i.value.clone(), Some(i.region))).collect(),
                    Value::Unknown => Vec::new(),
                    other => {
                        let message =
                            format!("the pattern wants a tuple of {}, found {}", parts.len(), other.describe());
                        self.fault_in_row(row, pattern.region, message);
                        Vec::new()
                    }
                };
                let fits = values.len() == parts.len();
                if !fits && matches!(value, Value::Tuple(_) | Value::List(_)) {
                    let message =
                        format!("the pattern has {} names, and there are {} values", parts.len(), values.len());
                    self.fault_in_row(row, pattern.region, message);
                }
                let mut values = values.into_iter().filter(|_| fits);
                for part in parts {
                    let (value, region) = values.next().unwrap_or((Value::Unknown, None));
                    self.bind(part, value, region.or(row));
                }
            }
        }
    }

    /// An error of a value that came from `row`, or else of the pattern.
    fn fault_in_row(&mut self, row: Option<Region>, pattern: Region, message: String) {
        match row {
            Some(row) => self.fault_at(row, Fault::new(message)),
            None => self.error(pattern, message),
        };
    }
}
