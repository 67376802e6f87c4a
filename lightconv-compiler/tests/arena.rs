//! The arena: no two buffers alive in one step overlap, it is hardly larger than the largest sum of buffers alive, and nothing
//! is read before it was written; for nets of every make, fused and unfused.

#[path = "support/nets.rs"]
mod nets;
#[path = "support/program.rs"]
mod program;

use lightconv_compiler::arena::{self, Layout};
use lightconv_compiler::fuse::{fuse, unfused};
use lightconv_compiler::plan::{Home, Plan, View, Weights, Work};
use std::collections::HashSet;

fn plans() -> Vec<(String, Plan)> {
    let plans = nets::NETS.iter().flat_map(|(name, text)| {
        let graph = program::graph(text);
        [(format!("{name}, fused"), fuse(&graph)), (format!("{name}, unfused"), unfused(&graph))]
    });
    plans.collect()
}

/// Buffers of the arena that a step touches, scratch included.
fn touched(work: &Work) -> Vec<View> {
    let mut views = work.reads();
    views.push(work.output());
    views.extend(work.scratch());
    views
}

/// For each step the buffers of the arena that must keep their content: touched now or before, and now or later.
fn alive(plan: &Plan) -> Vec<Vec<usize>> {
    let steps: Vec<HashSet<usize>> =
        plan.steps.iter().map(|step| touched(&step.work).iter().map(|v| v.buffer.0).collect()).collect();
    let in_arena = |b: &usize| plan.buffers[*b].home == Home::Arena;
    let is_alive =
        |b: usize, at: usize| steps[..=at].iter().any(|s| s.contains(&b)) && steps[at..].iter().any(|s| s.contains(&b));
    (0..steps.len()).map(|at| (0..plan.buffers.len()).filter(in_arena).filter(|&b| is_alive(b, at)).collect()).collect()
}

#[test]
fn buffers_alive_in_one_step_do_not_overlap() {
    for (name, plan) in plans() {
        let Layout { offsets, len } = arena::place(&plan);
        let range = |b: usize| {
            let at = offsets[b].unwrap_or_else(|| panic!("{name}: buffer {b} has no place"));
            at..at + plan.buffers[b].len
        };
        for (step, buffers) in alive(&plan).iter().enumerate() {
            for (i, &a) in buffers.iter().enumerate() {
                assert!(range(a).end <= len, "{name}, step {step}: buffer {a} reaches past the arena");
                assert_eq!(range(a).start % 16, 0, "{name}: buffer {a} is not on a cache line");
                for &b in &buffers[..i] {
                    let apart = range(a).end <= range(b).start || range(b).end <= range(a).start;
                    assert!(apart, "{name}, step {step}: buffers {a} and {b} overlap");
                }
            }
        }
    }
}

#[test]
fn the_arena_is_hardly_larger_than_what_lives_at_once() {
    for (name, plan) in plans() {
        let most = alive(&plan)
            .iter()
            .map(|buffers| buffers.iter().map(|&b| plan.buffers[b].len).sum::<usize>())
            .max()
            .unwrap_or(0);
        assert_eq!(arena::lower_bound(&plan), most, "{name}");
        let len = arena::place(&plan).len;
        // a buffer begins on a cache line: tiny nets may lose most of one for each
        let allowed = (most as f64 * 1.15).max(most as f64 + 16.0 * 8.0);
        assert!(len as f64 <= allowed, "{name}: {len} floats for {most} alive");
    }
}

#[test]
fn nothing_is_read_before_it_was_written() {
    for (name, plan) in plans() {
        let mut written: Vec<Vec<bool>> =
            plan.buffers.iter().map(|b| vec![matches!(b.home, Home::Input(_) | Home::Weights(_)); b.len]).collect();
        for step in &plan.steps {
            for view in step.work.reads() {
                let unwritten = elements(&view).find(|&i| !written[view.buffer.0][i]);
                assert_eq!(unwritten, None, "{name}, `{}`: {view:?} is read before it was written", step.path);
            }
            for view in step.work.scratch() {
                assert!(view.offset + view.extent() <= plan.buffers[view.buffer.0].len, "{name}");
            }
            let output = step.work.output();
            assert!(
                matches!(plan.buffers[output.buffer.0].home, Home::Arena | Home::Output(_)),
                "{name}, `{}` writes {output:?}",
                step.path
            );
            for i in elements(&output) {
                written[output.buffer.0][i] = true;
            }
        }
        for (buffer, written) in plan.buffers.iter().zip(&written) {
            let is_output = matches!(buffer.home, Home::Output(_));
            assert!(!is_output || written.iter().all(|&w| w), "{name}: {buffer:?} is not written whole");
        }
    }
}

/// What a step writes must not be what it reads, but for steps that go element by element.
#[test]
fn no_step_writes_what_it_reads() {
    for (name, plan) in plans() {
        let layout = arena::place(&plan);
        let place = |view: &View| match plan.buffers[view.buffer.0].home {
            Home::Arena => (usize::MAX, layout.offsets[view.buffer.0].unwrap_or(0)),
            _ => (view.buffer.0, 0),
        };
        let floats = |view: &View| -> HashSet<(usize, usize)> {
            let (memory, at) = place(view);
            elements(view).map(|i| (memory, at + i)).collect()
        };
        for step in &plan.steps {
            let output = floats(&step.work.output());
            for read in step.work.reads() {
                assert!(floats(&read).is_disjoint(&output), "{name}, `{}` reads and writes {read:?}", step.path);
            }
            if let Work::Conv { weights: Weights::Gated(view), .. } = &step.work {
                assert!(floats(view).is_disjoint(&output), "{name}, `{}`", step.path);
            }
        }
    }
}

/// The indices of a view's floats in its buffer.
fn elements(view: &View) -> impl Iterator<Item = usize> {
    let View { offset, stride, channels, .. } = *view;
    (0..view.pixels()).flat_map(move |p| offset + p * stride..offset + p * stride + channels)
}
