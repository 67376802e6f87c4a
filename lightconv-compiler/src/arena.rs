//! Places: `Plan` → the offset of every buffer in the workspace, and its size.
//!
//! A buffer lives from the first step that writes it to the last that touches it. Buffers are placed from the largest to the
//! smallest, each in the smallest gap between those that live at the same time ("greedy by size": Pisarchyk and Lee,
//! Efficient Memory Management for Deep Neural Net Inference, 2020).

use crate::plan::{BufferId, Home, Plan};

/// Offsets are multiples of a cache line.
const LINE: usize = 16;

/// Where the buffers of the arena lie, in floats.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Of each buffer of the plan; `None` where it is not in the arena or never used.
    pub offsets: Vec<Option<usize>>,
    /// Size of the arena.
    pub len: usize,
}

/// First and last step in which a buffer lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// First step.
    pub first: usize,
    /// Last step.
    pub last: usize,
}

impl Life {
    fn meets(self, other: Life) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Places the buffers of a plan.
#[must_use]
pub fn place(plan: &Plan) -> Layout {
    let lives = lives(plan);
    let mut order: Vec<usize> = (0..plan.buffers.len()).filter(|&i| lives[i].is_some()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(plan.buffers[i].len), i));
    let mut layout = Layout { offsets: vec![None; plan.buffers.len()], len: 0 };
    let mut placed: Vec<usize> = Vec::new();
    for i in order {
        let Some(life) = lives[i] else { continue };
        let len = plan.buffers[i].len.next_multiple_of(LINE);
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&j| lives[j].is_some_and(|other| life.meets(other)))
            .filter_map(|&j| Some((layout.offsets[j]?, plan.buffers[j].len.next_multiple_of(LINE))))
            .collect();
        taken.sort_unstable();
        let at = smallest_gap(&taken, len);
        layout.offsets[i] = Some(at);
        layout.len = layout.len.max(at + len);
        placed.push(i);
    }
    layout
}

/// The start of the smallest gap of at least `len` between stretches in order; past them all if there is none.
fn smallest_gap(taken: &[(usize, usize)], len: usize) -> usize {
    let mut best: Option<(usize, usize)> = None;
    let mut end = 0;
    for &(at, size) in taken {
        if at >= end + len && best.is_none_or(|(gap, _)| at - end < gap) {
            best = Some((at - end, end));
        }
        end = end.max(at + size);
    }
    best.map_or(end, |(_, at)| at)
}

/// When each buffer of the arena lives; `None` for those elsewhere or never used.
#[must_use]
pub fn lives(plan: &Plan) -> Vec<Option<Life>> {
    let mut lives: Vec<Option<Life>> = vec![None; plan.buffers.len()];
    for (i, step) in plan.steps.iter().enumerate() {
        for BufferId(b) in touched(step) {
            if plan.buffers[b].home == Home::Arena {
                lives[b].get_or_insert(Life { first: i, last: i }).last = i;
            }
        }
    }
    lives
}

fn touched(step: &crate::plan::Step) -> Vec<BufferId> {
    let work = &step.work;
    work.reads().into_iter().chain([work.output()]).chain(work.scratch()).map(|v| v.buffer).collect()
}

/// The largest sum of the buffers that live in one step: no layout is smaller.
#[must_use]
pub fn lower_bound(plan: &Plan) -> usize {
    let lives = lives(plan);
    (0..plan.steps.len())
        .map(|step| {
            (0..plan.buffers.len())
                .filter(|&b| lives[b].is_some_and(|l| l.first <= step && step <= l.last))
                .map(|b| plan.buffers[b].len)
                .sum()
        })
        .max()
        .unwrap_or(0)
}
