//! Which groups are joined into one kernel that goes row by row: a depthwise convolution, the pointwise one before it
//! (expansion; the first layer of a net too) and the one after it (projection), where nobody else wants what lies between.

use super::group::{Flow, Group};
use crate::graph::TensorId;
use crate::ops::{Primitive, Window};
use crate::options::Way;
use std::collections::{HashMap, HashSet};

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

/// Floats between expansion and depthwise convolution, or between that and the projection, from which joining all three pays: 192 KiB for each
/// row that the window touches, for that many are kept for each that is made, and at least 576 KiB, which hardly stay in the L2 of a core beside
/// the rest (measured: `docs/performance.md`).
const FROM_FLOATS_A_ROW: usize = 48 * 1024;
const LEAST_ROWS: usize = 3;

/// The same where a depthwise convolution is joined with its projection alone, or a first layer with it: 768 KiB (measured: as above).
const PAIR_FROM_FLOATS: usize = 192 * 1024;

/// The same where a map is expanded but nothing projected: 1 MiB (measured: as above).
const KEPT_FROM_FLOATS: usize = 256 * 1024;

/// Rows and columns of taps that the joined kernel can have.
const MOST_TAPS: usize = 15;

/// Each group a call of its own.
pub(super) fn apart(groups: Vec<Group>) -> Vec<Call> {
    groups.into_iter().map(|group| Call::Single(Box::new(group))).collect()
}

/// Joins what is worth it; the calls are in the order in which they run.
pub(super) fn join(flow: &Flow, groups: Vec<Group>, way: Way) -> Vec<Call> {
    let mut neighbours = neighbours(flow, &groups, way);
    let joined_into: Vec<bool> = {
        let taken: HashSet<usize> = neighbours.iter().flat_map(|n| [n.before, n.after]).flatten().collect();
        (0..groups.len()).map(|i| taken.contains(&i)).collect()
    };
    let mut calls: Vec<(usize, Call)> = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let Neighbours { before, after, why } = std::mem::take(&mut neighbours[i]);
        if before.is_some() || after.is_some() {
            let take = |at: Option<usize>| at.map(|at| groups[at].clone());
            let (expand, project) = (take(before), take(after));
            let last = project.as_ref().map_or(group.last, |p| p.last);
            let (depthwise, why) = (group.clone(), why.unwrap_or_default());
            calls.push((last, Call::Joined(Box::new(Joined { expand, depthwise, project, why }))));
        } else if !joined_into[i] {
            calls.push((group.last, Call::Single(Box::new(Group { apart: why, ..group.clone() }))));
        }
    }
    calls.sort_by_key(|&(last, _)| last);
    calls.into_iter().map(|(_, call)| call).collect()
}

/// What a group is joined with.
#[derive(Clone, Default)]
struct Neighbours {
    /// A depthwise convolution's expansion, and its projection.
    before: Option<usize>,
    after: Option<usize>,
    /// Why, or why nothing, in words; of a depthwise convolution.
    why: Option<String>,
}

/// Of each group what it is joined with, which is nothing where that does not pay. A pointwise convolution between two depthwise
/// ones goes with the one to which it is tied by the larger tensor: that one is not written and read any more.
fn neighbours(flow: &Flow, groups: &[Group], way: Way) -> Vec<Neighbours> {
    let mut neighbours = candidates(flow, groups);
    let pays = |d: usize, n: &Neighbours| {
        let least = match (n.before, n.after) {
            (Some(_), Some(_)) => rows_touched(flow, &groups[d]).max(LEAST_ROWS) * FROM_FLOATS_A_ROW,
            (Some(before), None) if !is_first_layer(flow, &groups[before]) => KEPT_FROM_FLOATS,
            _ => PAIR_FROM_FLOATS,
        };
        let wide = |t: TensorId| flow.shape(t).elements() >= least;
        let pays = n.before.is_some() && wide(groups[d].inputs[0]) || n.after.is_some() && wide(groups[d].outputs[0]);
        (n.before.is_some() || n.after.is_some()) && way.or(pays)
    };
    let mut ties: Vec<(TensorId, usize, usize)> = Vec::new();
    for (d, n) in neighbours.iter().enumerate().filter(|&(d, n)| pays(d, n)) {
        ties.extend(n.before.map(|e| (groups[d].inputs[0], d, e)));
        ties.extend(n.after.map(|p| (groups[d].outputs[0], d, p)));
    }
    ties.sort_by_key(|&(between, ..)| std::cmp::Reverse(flow.shape(between).elements()));
    let mut goes_with: HashMap<usize, usize> = HashMap::new();
    for (_, d, pointwise) in ties {
        goes_with.entry(pointwise).or_insert(d);
    }
    for (d, n) in neighbours.iter_mut().enumerate() {
        if !can_be_middle(flow, &groups[d]) {
            continue;
        }
        let between_all = between(flow, &groups[d], n.before.is_some(), n.after.is_some());
        let mine = |at: &usize| goes_with.get(at) == Some(&d);
        let taken = Neighbours { before: n.before.filter(mine), after: n.after.filter(mine), why: None };
        let between = between(flow, &groups[d], taken.before.is_some(), taken.after.is_some());
        *n = if pays(d, &taken) {
            Neighbours {
                why: Some(format!("joined: {} would not stay in the cache", between.unwrap_or_default())),
                ..taken
            }
        } else {
            let why = match between_all {
                None => "not joined: no pointwise convolution or first layer beside it that only it reads or feeds"
                    .to_owned(),
                Some(_) if pays(d, n) => "not joined: the convolution beside it is joined to another".to_owned(),
                Some(between) => format!("not joined: {between} stay in the cache"),
            };
            Neighbours { why: Some(why), ..Neighbours::default() }
        };
    }
    neighbours
}

/// Of each depthwise convolution the pointwise ones before and after it with which it could be joined.
fn candidates(flow: &Flow, groups: &[Group]) -> Vec<Neighbours> {
    let writer: HashMap<TensorId, usize> =
        groups.iter().enumerate().flat_map(|(i, g)| g.outputs.iter().map(move |&t| (t, i))).collect();
    let of_head: HashMap<usize, usize> = groups.iter().enumerate().map(|(i, g)| (g.head, i)).collect();
    let is_plain = |&i: &usize| is_plain_pointwise(flow, &groups[i]) && groups[i].gate.is_none();
    let expands = |i: &usize| is_plain(i) || is_first_layer(flow, &groups[*i]);
    let candidates = groups.iter().map(|depthwise| {
        if !can_be_middle(flow, depthwise) {
            return Neighbours::default();
        }
        let before = writer
            .get(&depthwise.inputs[0])
            .copied()
            .filter(expands)
            .filter(|&e| groups[e].residual.is_none() && flow.consumers(groups[e].outputs[0]).len() == 1)
            .filter(|&e| !flow.is_output(groups[e].outputs[0]));
        let after = match flow.consumers(depthwise.outputs[0]) {
            [only] if !flow.is_output(depthwise.outputs[0]) => of_head.get(only).copied(),
            _ => None,
        };
        Neighbours { before, after: after.filter(is_plain), why: None }
    });
    candidates.collect()
}

/// The rows of its input that an output row of a convolution reaches over.
fn rows_touched(flow: &Flow, group: &Group) -> usize {
    let Primitive::Conv { window, .. } = flow.items[group.head].primitive else {
        unreachable!("called for convolutions")
    };
    window.span(0, 1)
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
    flow.is_depthwise(group.head)
        && groups.is_multiple_of(8)
        && group.residual.is_none()
        && group.gate.is_none()
        && window.kernel.iter().all(|&k| k <= MOST_TAPS)
}

/// Floats of weights of a dense convolution up to which it makes rows for a depthwise one: a quarter of the smallest L1, for all of
/// them are read again for each row.
const FIRST_LAYER_FLOATS: usize = 2 * 1024;

/// A dense convolution with few weights, as the first layer of a net is one.
fn is_first_layer(flow: &Flow, group: &Group) -> bool {
    let Primitive::Conv { window: Window { kernel, .. }, groups: 1, .. } = flow.items[group.head].primitive else {
        return false;
    };
    let (inputs, outputs) = (flow.shape(group.inputs[0]).channels(), flow.shape(group.outputs[0]).channels());
    kernel != [1, 1] && group.gate.is_none() && kernel[0] * kernel[1] * inputs * outputs <= FIRST_LAYER_FLOATS
}

/// A pointwise convolution of all channels on a map, not a single pixel.
fn is_plain_pointwise(flow: &Flow, group: &Group) -> bool {
    let Primitive::Conv { window, groups: 1, .. } = flow.items[group.head].primitive else { return false };
    let Window { kernel, stride, before, after, .. } = window;
    (kernel, stride, before, after) == ([1, 1], [1, 1], [0, 0], [0, 0]) && flow.shape(group.outputs[0]).pixels() > 1
}
