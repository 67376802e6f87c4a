//! Places: `Plan` → the offset of every buffer in the workspace, and its size.
//!
//! A buffer lives from the first step that writes it to the last that touches it. Buffers are placed one by one, each in the
//! smallest gap between those that live at the same time, from the largest to the smallest and in a few other orders
//! (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020).

use crate::plan::{BufferId, Home, Plan};
use crate::sizes::LINE;

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

/// Places the buffers of a plan: in each of several orders, and keeps the smallest arena.
#[must_use]
pub fn place(plan: &Plan) -> Layout {
    let lives = lives(plan);
    let bound = bound(plan, &lives).next_multiple_of(LINE);
    let mut best: Option<Layout> = None;
    for order in [by_size, by_pressure, by_span, by_time] {
        if best.as_ref().is_some_and(|layout| layout.len <= bound) {
            break;
        }
        let layout = place_in(&order(plan, &lives), plan, &lives);
        if best.as_ref().is_none_or(|best| layout.len < best.len) {
            best = Some(layout);
        }
    }
    best.unwrap_or_else(|| place_in(&[], plan, &lives))
}

/// Each buffer of `order` in turn in the smallest gap between those placed before it that live at the same time.
fn place_in(order: &[usize], plan: &Plan, lives: &[Option<Life>]) -> Layout {
    let mut layout = Layout { offsets: vec![None; plan.buffers.len()], len: 0 };
    let mut placed: Vec<(Life, usize, usize)> = Vec::new();
    for &i in order {
        let Some(life) = lives[i] else { continue };
        let len = plan.buffers[i].len.next_multiple_of(LINE);
        let mut taken: Vec<(usize, usize)> =
            placed.iter().filter(|(other, ..)| life.meets(*other)).map(|&(_, at, len)| (at, len)).collect();
        taken.sort_unstable();
        let at = smallest_gap(&taken, len);
        layout.offsets[i] = Some(at);
        layout.len = layout.len.max(at + len);
        placed.push((life, at, len));
    }
    layout
}

/// From the largest to the smallest ("greedy by size").
fn by_size(plan: &Plan, lives: &[Option<Life>]) -> Vec<usize> {
    sorted(lives, |i, _| (std::cmp::Reverse(plan.buffers[i].len), 0))
}

/// From those that live longest to those that live shortest, larger ones first among equals.
fn by_span(plan: &Plan, lives: &[Option<Life>]) -> Vec<usize> {
    sorted(lives, |i, life| (std::cmp::Reverse(life.last - life.first), usize::MAX - plan.buffers[i].len))
}

/// In the order in which they come to life, larger ones first among equals.
fn by_time(plan: &Plan, lives: &[Option<Life>]) -> Vec<usize> {
    sorted(lives, |i, life| (std::cmp::Reverse(usize::MAX - life.first), usize::MAX - plan.buffers[i].len))
}

/// The buffers of the step that needs most memory, the largest first, then those of the next ("greedy by breadth").
fn by_pressure(plan: &Plan, lives: &[Option<Life>]) -> Vec<usize> {
    let mut alive: Vec<Vec<usize>> = vec![Vec::new(); plan.steps.len()];
    for i in by_size(plan, lives) {
        if let Some(life) = lives[i] {
            alive[life.first..=life.last].iter_mut().for_each(|buffers| buffers.push(i));
        }
    }
    alive.sort_by_key(|buffers| std::cmp::Reverse(buffers.iter().map(|&i| plan.buffers[i].len).sum::<usize>()));
    let mut seen = vec![false; plan.buffers.len()];
    alive.into_iter().flatten().filter(|&i| !std::mem::replace(&mut seen[i], true)).collect()
}

fn sorted(lives: &[Option<Life>], key: impl Fn(usize, Life) -> (std::cmp::Reverse<usize>, usize)) -> Vec<usize> {
    let mut order: Vec<(usize, Life)> = lives.iter().enumerate().filter_map(|(i, life)| Some((i, (*life)?))).collect();
    order.sort_by_key(|&(i, life)| (key(i, life), i));
    order.into_iter().map(|(i, _)| i).collect()
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
    work.operands().into_iter().filter_map(|(_, touch)| touch.view()).map(|v| v.buffer).collect()
}

/// The largest sum of the buffers that live in one step: no layout is smaller.
#[must_use]
pub fn lower_bound(plan: &Plan) -> usize {
    bound(plan, &lives(plan))
}

fn bound(plan: &Plan, lives: &[Option<Life>]) -> usize {
    let mut alive = vec![0; plan.steps.len()];
    for (buffer, life) in plan.buffers.iter().zip(lives) {
        if let Some(life) = life {
            for sum in &mut alive[life.first..=life.last] {
                *sum += buffer.len;
            }
        }
    }
    alive.into_iter().max().unwrap_or(0)
}
