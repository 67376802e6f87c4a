//! Which groups are joined into one kernel that goes row by row: a depthwise convolution, the pointwise one before it
//! (expansion) and the one after it (projection), where nobody else wants what lies between.

use super::group::{Flow, Group};
use crate::graph::TensorId;
use crate::ops::{Primitive, Window};
use crate::options::Way;
use std::collections::HashMap;

/// One kernel call: a group, or up to three joined.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// A group of its own.
    Single(Box<Group>),
    /// A depthwise convolution with its neighbours.
    Joined(Box<Joined>),
}

/// A depthwise convolution with its neighbours, one of which there is at least.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub expand: Option<Group>,
    pub depthwise: Group,
    pub project: Option<Group>,
    /// Why it pays, in words.
    pub why: String,
}

impl Call {
    /// What it writes.
    pub fn outputs(&self) -> &[TensorId] {
        match self {
            Call::Single(group) => &group.outputs,
            Call::Joined(joined) => &joined.project.as_ref().unwrap_or(&joined.depthwise).outputs,
        }
    }

    /// The group, where it is one of its own.
    pub fn single(&self) -> Option<&Group> {
        match self {
            Call::Single(group) => Some(group),
            Call::Joined(_) => None,
        }
    }
}

/// Floats between expansion and depthwise convolution, or between that and the projection, from which joining pays: 768 KiB,
/// which do not stay in the L2 of a core beside the rest (measured: `docs/performance.md`).
const FROM_FLOATS: usize = 192 * 1024;

/// Rows and columns of taps that the joined kernel can have.
const MOST_TAPS: usize = 15;

/// Each group a call of its own.
pub(super) fn apart(groups: Vec<Group>) -> Vec<Call> {
    groups.into_iter().map(|group| Call::Single(Box::new(group))).collect()
}

/// Joins what is worth it; the calls are in the order in which they run.
pub(super) fn join(flow: &Flow, groups: Vec<Group>, way: Way) -> Vec<Call> {
    let mut joined_into: Vec<Option<usize>> = vec![None; groups.len()];
    let mut neighbours = vec![(None, None); groups.len()];
    let writer: HashMap<TensorId, usize> =
        groups.iter().enumerate().flat_map(|(i, g)| g.outputs.iter().map(move |&t| (t, i))).collect();
    let mut apart: Vec<Option<String>> = vec![None; groups.len()];
    let mut reasons = vec![String::new(); groups.len()];
    let of_head: HashMap<usize, usize> = groups.iter().enumerate().map(|(i, g)| (g.head, i)).collect();
    for (d, depthwise) in groups.iter().enumerate() {
        if !can_be_middle(flow, depthwise) {
            continue;
        }
        let before = writer
            .get(&depthwise.inputs[0])
            .copied()
            .filter(|&e| joined_into[e].is_none() && is_plain_pointwise(flow, &groups[e]) && groups[e].gate.is_none())
            .filter(|&e| groups[e].residual.is_none() && flow.consumers(groups[e].outputs[0]).len() == 1)
            .filter(|&e| !flow.is_output(groups[e].outputs[0]));
        let after = match flow.consumers(depthwise.outputs[0]) {
            [only] if !flow.is_output(depthwise.outputs[0]) => of_head.get(only).copied(),
            _ => None,
        };
        let after = after.filter(|&p| is_plain_pointwise(flow, &groups[p]) && groups[p].gate.is_none());
        let wide = |t: TensorId| flow.shape(t).elements() >= FROM_FLOATS;
        let pays = before.is_some() && wide(depthwise.inputs[0]) || after.is_some() && wide(depthwise.outputs[0]);
        let joins = (before.is_some() || after.is_some()) && way.or(pays);
        let between = between(flow, depthwise, before.is_some(), after.is_some());
        if !joins {
            apart[d] = Some(between.map_or_else(
                || "not joined: no pointwise convolution beside it that only it reads or feeds".to_owned(),
                |between| format!("not joined: {between} stay in the cache"),
            ));
        } else {
            reasons[d] = format!("joined: {} would not stay in the cache", between.unwrap_or_default());
            neighbours[d] = (before, after);
            for i in [before, after].into_iter().flatten() {
                joined_into[i] = Some(d);
            }
        }
    }
    let mut calls: Vec<(usize, Call)> = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        match neighbours[i] {
            (None, None) if joined_into[i].is_none() => {
                calls.push((group.last, Call::Single(Box::new(Group { apart: apart[i].take(), ..group.clone() }))));
            }
            (None, None) => {}
            (before, after) => {
                let take = |at: Option<usize>| at.map(|at| groups[at].clone());
                let (expand, project) = (take(before), take(after));
                let last = project.as_ref().map_or(group.last, |p| p.last);
                let (depthwise, why) = (group.clone(), std::mem::take(&mut reasons[i]));
                calls.push((last, Call::Joined(Box::new(Joined { expand, depthwise, project, why }))));
            }
        }
    }
    calls.sort_by_key(|&(last, _)| last);
    calls.into_iter().map(|(_, call)| call).collect()
}

/// What passes between a depthwise convolution and its pointwise neighbours, in words: `96 KiB before it and 24 KiB after it`.
fn between(flow: &Flow, depthwise: &Group, before: bool, after: bool) -> Option<String> {
    let kib = |t: TensorId| (flow.shape(t).elements() * size_of::<f32>()).div_ceil(1024);
    let before = before.then(|| format!("{} KiB before it", kib(depthwise.inputs[0])));
    let after = after.then(|| format!("{} KiB after it", kib(depthwise.outputs[0])));
    let parts: Vec<String> = before.into_iter().chain(after).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// A depthwise convolution that the joined kernel can do.
fn can_be_middle(flow: &Flow, group: &Group) -> bool {
    let Primitive::Conv { window, groups, .. } = flow.items[group.head].primitive else { return false };
    let (input, output) = (flow.shape(group.inputs[0]), flow.shape(group.outputs[0]));
    groups == input.channels()
        && groups == output.channels()
        && groups.is_multiple_of(8)
        && group.residual.is_none()
        && group.gate.is_none()
        && window.kernel.iter().all(|&k| k <= MOST_TAPS)
}

/// A pointwise convolution of all channels on a map, not a single pixel.
fn is_plain_pointwise(flow: &Flow, group: &Group) -> bool {
    let Primitive::Conv { window, groups: 1, .. } = flow.items[group.head].primitive else { return false };
    let Window { kernel, stride, before, after, .. } = window;
    (kernel, stride, before, after) == ([1, 1], [1, 1], [0, 0], [0, 0]) && flow.shape(group.outputs[0]).pixels() > 1
}
