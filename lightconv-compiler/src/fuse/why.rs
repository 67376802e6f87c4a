//! Why a step is what it is, in words for whoever reads a plan: what became a part of it, and what did not.

use super::gate::Gate;
use super::group::{Flow, Group};
use super::join::{Call, Joined};
use crate::ops::{Axis, Primitive};

/// A line for each thing that there is to say of a call.
pub(super) fn why(flow: &Flow, call: &Call) -> Vec<String> {
    let mut lines = Vec::new();
    let (groups, last): (Vec<&Group>, &Group) = match call {
        Call::Single(group) => (vec![group], group),
        Call::Joined(joined) => {
            let Joined { expand, depthwise, project, why } = &**joined;
            lines.push(why.clone());
            (expand.iter().chain([depthwise]).chain(project).collect(), project.as_ref().unwrap_or(depthwise))
        }
    };
    let members = || groups.iter().flat_map(|g| g.members.iter().map(|&m| (*g, m)));
    let in_weights = |&(g, m): &(&Group, usize)| g.norm == Some(m) || g.gate.is_some_and(|gate| gate.product == m);
    let name = |(_, m): (&Group, usize)| named(flow, m);
    lines.extend(line("folded into the weights", members().filter(in_weights).map(name)));
    let head = &flow.items[last.head].primitive;
    let the_others =
        if matches!(head, Primitive::ChannelShuffle { .. }) { "read where its parts lie" } else { "fused" };
    lines.extend(line(the_others, members().filter(|m| !in_weights(m)).map(name)));
    lines.extend(groups.iter().filter_map(|g| g.apart.clone()));
    lines.extend(Gate::at(flow, last.head).filter(|gate| !gate.pays()).map(|gate| {
        let Gate { conv, weights, pixels, .. } = gate;
        format!("not in the weights of {}: they are {weights} a channel, its pixels {pixels}", named(flow, conv))
    }));
    lines.extend(ends(flow, last));
    lines.extend(copied(flow, last));
    lines
}

fn line(what: &str, members: impl Iterator<Item = String>) -> Option<String> {
    let members: Vec<_> = members.collect();
    (!members.is_empty()).then(|| format!("{what}: {}", members.join(", ")))
}

/// `BatchNorm2d stem.1`.
fn named(flow: &Flow, item: usize) -> String {
    let item = &flow.items[item];
    if item.path.is_empty() { item.name.to_owned() } else { format!("{} {}", item.name, item.path) }
}

/// Why a result is written where what follows could have taken it over.
fn ends(flow: &Flow, group: &Group) -> Option<String> {
    let result = *group.outputs.first()?;
    let could_go_on = |&i: &usize| {
        matches!(
            flow.items[i].primitive,
            Primitive::BatchNorm { .. } | Primitive::Activation(_) | Primitive::Scalar { .. } | Primitive::Binary(_)
        )
    };
    let readers = flow.consumers(result);
    if !readers.iter().any(could_go_on) {
        return None;
    }
    match readers.len() {
        _ if flow.is_output(result) => Some("ends here: it is an output as well".to_owned()),
        0 | 1 => None,
        n => Some(format!("ends here: {n} layers read it")),
    }
}

/// Why something is copied.
fn copied(flow: &Flow, group: &Group) -> Option<String> {
    match flow.items[group.head].primitive {
        Primitive::Concat(Axis::Width) | Primitive::Slice { axis: Axis::Width, .. } => {
            Some("copied: columns of a map do not lie together".to_owned())
        }
        Primitive::Concat(_) => {
            Some("copied: its place is elsewhere, as an input, a part of another tensor or an output".to_owned())
        }
        _ => None,
    }
}
