//! Binding of arguments, by position and by name, to what a layer or block takes.

use super::Elaborator;
use super::nearest::nearest;
use super::number::Fault;
use super::scope::SHIPPED;
use super::value::{Definition, Given, Value};
use crate::diagnostics::Region;
use crate::ops::{ArgSpec, Bound, LayerSpec, is_large_kernel, pasted_channels};
use crate::syntax::ast::Block;
use crate::value::Arg;

/// Names that PyTorch's authors give a block's input channels, which are inferred here: accepted by name, and checked.
const INPUT_CHANNELS: &[&str] = &["inp", "c1", "in_channels"];

/// What the shipped blocks call their kernel size.
const KERNEL_SIZE: &[&str] = &["kernel_size", "k"];

/// The arguments of a use of a layer, and where each was given.
pub(super) struct BoundLayer {
    pub(super) bound: Bound,
    /// Those whose values are not known: in `bound` something stands in for them.
    pub(super) unknown: Vec<&'static str>,
    regions: Vec<(&'static str, Region)>,
}

impl BoundLayer {
    /// Where the argument was given; of one given twice, the last.
    pub(super) fn region(&self, argument: &str) -> Option<Region> {
        self.regions.iter().rev().find(|(n, _)| *n == argument).map(|(_, r)| *r)
    }
}

impl Elaborator<'_> {
    /// Binds the arguments of a layer built in; `None` after an error.
    pub(super) fn bind_layer(&mut self, spec: &'static LayerSpec, given: &[Given], at: Region) -> Option<BoundLayer> {
        let positional: Vec<&'static ArgSpec> = spec.args.iter().filter(|a| a.positional).collect();
        let mut values: Vec<(&'static ArgSpec, Vec<&Value>)> = Vec::new();
        let (mut regions, mut by_position) = (Vec::new(), Vec::new());
        let (mut place, mut failed) = (0, false);
        for g in given {
            let arg = match &g.name {
                Some(name) => spec.args.iter().find(|a| a.name == name),
                None => {
                    place += 1;
                    positional.get(place - 1).or_else(|| positional.last().filter(|a| a.repeated)).copied()
                }
            };
            let Some(arg) = arg else {
                let names: Vec<&str> = match &g.name {
                    Some(_) => spec.args.iter().map(|a| a.name).collect(),
                    None => positional.iter().map(|a| a.name).collect(),
                };
                self.not_taken(spec.name, g, &names);
                failed = true;
                continue;
            };
            regions.push((arg.name, g.region));
            if g.name.is_none() {
                by_position.push(arg.name);
            }
            match values.iter_mut().find(|(a, _)| a.name == arg.name) {
                Some((a, list)) if a.repeated => list.push(&g.value),
                Some(_) => {
                    let order: Vec<&str> = positional.iter().map(|a| a.name).collect();
                    failed = self.doubled(spec.name, arg.name, given, g, &order);
                }
                None => values.push((arg, vec![&g.value])),
            }
        }
        let missing: Vec<&str> = spec
            .args
            .iter()
            .filter(|a| a.required && !values.iter().any(|(v, _)| v.name == a.name))
            .map(|a| a.name)
            .collect();
        if !missing.is_empty() && !failed {
            let required = spec.args.iter().filter(|a| a.required).map(|a| a.name);
            failed = self.missing(spec.name, &missing, &required.collect::<Vec<_>>(), at);
        }
        if failed {
            return None;
        }
        let mut unknown = Vec::new();
        let arg = |(spec, list): &(&'static ArgSpec, Vec<&Value>)| {
            let args = list.iter().map(|v| v.to_arg()).collect::<Option<Vec<Arg>>>();
            let arg = match args {
                Some(args) if spec.repeated => Some(Arg::List(args)),
                Some(mut args) => args.pop(),
                None => None,
            };
            let arg = arg.unwrap_or_else(|| {
                unknown.push(spec.name);
                Arg::Int(1)
            });
            (spec.name, arg)
        };
        let bound = Bound::new(values.iter().map(arg).collect()).by_position(by_position);
        Some(BoundLayer { bound, unknown, regions })
    }

    /// Binds the arguments of a block: for each parameter that is given its value and the user's tokens; `None` after an error.
    /// `channels` are those of its first input, where they are known.
    pub(super) fn bind_block(
        &mut self,
        Definition { block, scope }: &Definition,
        given: &[Given],
        channels: Option<usize>,
        at: Region,
    ) -> Option<Vec<Option<(Value, Region)>>> {
        let name = &block.name.text;
        let mut values: Vec<Option<(Value, Region)>> = vec![None; block.params.len()];
        let (mut place, mut failed) = (0, false);
        for g in given {
            let found = match &g.name {
                Some(n) => block.params.iter().position(|(p, _)| p.text == *n),
                None => {
                    place += 1;
                    (place <= values.len()).then(|| place - 1)
                }
            };
            match (found, &g.name) {
                (Some(i), _) if values[i].is_some() => {
                    let order: Vec<&str> = block.params.iter().map(|(p, _)| p.text.as_str()).collect();
                    failed = self.doubled(name, order[i], given, g, &order);
                }
                (Some(i), by_name) => {
                    let is_kernel = *scope == SHIPPED && KERNEL_SIZE.contains(&block.params[i].0.text.as_str());
                    if is_kernel && by_name.is_none() {
                        failed |= self.check_kernel(block, i, g);
                    }
                    values[i] = Some((g.value.clone(), g.region));
                }
                (None, Some(n)) if INPUT_CHANNELS.contains(&n.as_str()) => {
                    failed |= self.check_channels(n, g, channels)
                }
                (None, _) => {
                    let names: Vec<&str> = block.params.iter().map(|(p, _)| p.text.as_str()).collect();
                    self.not_taken(name, g, &names);
                    failed = true;
                }
            }
        }
        let required = || block.params.iter().filter(|(_, d)| d.is_none()).map(|(p, _)| p.text.as_str());
        let without = block.params.iter().zip(&values).filter(|((_, d), v)| d.is_none() && v.is_none());
        let missing: Vec<&str> = without.map(|((p, _), _)| p.text.as_str()).collect();
        if !missing.is_empty() && !failed {
            failed = self.missing(name, &missing, &required().collect::<Vec<_>>(), at);
        }
        (!failed).then_some(values)
    }

    /// Checks a kernel size given by position, parameter `i` of a shipped block; whether it is one that must be named.
    fn check_kernel(&mut self, block: &Block, i: usize, given: &Given) -> bool {
        let Value::Int(k) = given.value else { return false };
        let Ok(k) = usize::try_from(k) else { return false };
        if i == 0 || !is_large_kernel([k; 2]) {
            return false;
        }
        let names = [i - 1, i].map(|i| block.params[i].0.text.as_str());
        let (message, help) = pasted_channels(&block.name.text, names, [k; 2]);
        self.fault_at(given.region, Fault::new(message).help(help));
        true
    }

    /// Checks a stated number of input channels; whether it is wrong.
    fn check_channels(&mut self, name: &str, given: &Given, channels: Option<usize>) -> bool {
        let (Some(channels), false) = (channels, matches!(given.value, Value::Unknown)) else { return false };
        if matches!(given.value, Value::Int(n) if usize::try_from(n) == Ok(channels)) {
            return false;
        }
        let fault = Fault::new(format!("`{name} = {}`, but the input has {channels} channels", given.value.show()));
        self.fault_at(
            given.region,
            fault.help(format!("input channels are inferred: leave `{name}` out, or correct it")),
        );
        true
    }

    fn not_taken(&mut self, callee: &str, g: &Given, names: &[&str]) {
        let list = || names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        let takes = |by: &str| match names {
            [] => format!("`{callee}` takes no arguments{by}"),
            _ => format!("`{callee}` takes {}{by}", list()),
        };
        let fault = match &g.name {
            Some(name) => {
                let help =
                    nearest(name, names.iter().copied()).map_or_else(|| takes(""), |n| format!("did you mean `{n}`?"));
                Fault::new(format!("`{callee}` has no argument named `{name}`")).help(help)
            }
            None => {
                let n = names.len();
                let fault = Fault::new(format!(
                    "`{callee}` takes at most {n} argument{} by position",
                    if n == 1 { "" } else { "s" }
                ));
                fault.help(format!("{}; input channels are inferred", takes(" by position")))
            }
        };
        self.fault_at(g.region, fault);
    }

    /// `second` of the `given` gives an argument again; `order` are those that can be given by position.
    fn doubled(&mut self, callee: &str, argument: &str, given: &[Given], second: &Given, order: &[&str]) -> bool {
        let fault = Fault::new(format!("`{argument}` of `{callee}` is given twice"));
        let is_named = |g: &&Given| g.name.as_deref() == Some(argument);
        let fault = match order.iter().position(|n| *n == argument) {
            _ if given.iter().filter(is_named).count() > 1 => fault.help("leave one of them out"),
            // By position and by name: most often a PyTorch call pasted with its input channels.
            Some(place) if second.name.is_some() => {
                let before = order[..=place].iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                fault.help(format!(
                    "by position `{callee}` takes {before}, and input channels are inferred: leave those out"
                ))
            }
            _ => fault,
        };
        self.fault_at(second.region, fault);
        true
    }

    fn missing(&mut self, callee: &str, missing: &[&str], required: &[&str], at: Region) -> bool {
        let list = missing.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" and ");
        let fault =
            Fault::new(format!("`{callee}` misses its argument{} {list}", if missing.len() == 1 { "" } else { "s" }));
        self.fault_at(at, fault.help(format!("write `{callee}({}, …)`", required.join(", "))));
        true
    }
}
