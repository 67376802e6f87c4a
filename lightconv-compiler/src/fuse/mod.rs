//! Fuses: `Graph` → `Plan`. Five steps of its own:
//!
//! 1. `group`: which nodes make one kernel call. Batch norm is folded into the convolution before it, functions of one
//!    number and residual sums become epilogues, a gate before a convolution goes into its weights.
//! 2. `join`: a depthwise convolution and its neighbours become one kernel where what lies between is large.
//! 3. `place`: where each tensor stands. Concatenations and slices become views.
//! 4. `lower`: groups and views become steps, weights get their place in the packed buffer.
//! 5. `prefetch`: which step fetches the weights of which.

mod gate;
mod group;
mod join;
mod lower;
mod place;
mod prefetch;
mod unary;
mod why;
mod winograd;

use crate::graph::Graph;
use crate::options::Options;
use crate::plan::Plan;

/// The plan of a net.
#[must_use]
pub fn fuse(graph: &Graph) -> Plan {
    fuse_with(graph, Options::default())
}

/// The plan of a net with other choices than the best.
#[must_use]
pub fn fuse_with(graph: &Graph, options: Options) -> Plan {
    let flow = group::Flow::of(graph);
    let calls = join::join(&flow, group::groups(&flow), options.join);
    let places = place::place(&flow, &calls);
    let mut plan = lower::lower(&flow, &calls, places, options);
    prefetch::prefetch(&mut plan.steps);
    plan
}

/// The plan of a net with every operator a step of its own: what the fused one is compared with in tests.
#[must_use]
pub fn unfused(graph: &Graph) -> Plan {
    let flow = group::Flow::of(graph);
    let calls = join::apart(group::singles(&flow));
    let places = place::place(&flow, &calls);
    lower::lower(&flow, &calls, places, Options::default())
}
