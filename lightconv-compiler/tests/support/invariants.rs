//! What holds of every plan and its layout. Each check panics with `name` where it does not.

use lightconv_compiler::arena::{self, Layout};
use lightconv_compiler::plan::{Home, Plan, View, Work};
use std::collections::HashSet;
use std::ops::Range;

/// Buffers of the arena that a step touches, scratch included.
fn touched(work: &Work) -> Vec<View> {
    let mut views = work.reads();
    views.extend(work.written());
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

/// Buffers alive in one step lie apart, on cache lines, within the arena.
pub fn buffers_alive_in_one_step_do_not_overlap(name: &str, plan: &Plan) {
    let Layout { offsets, len } = arena::place(plan);
    let range = |b: usize| {
        let at = offsets[b].unwrap_or_else(|| panic!("{name}: buffer {b} has no place"));
        at..at + plan.buffers[b].len
    };
    for (step, buffers) in alive(plan).iter().enumerate() {
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

/// The arena is at most `times` as large as the largest sum of the buffers alive in a step, and some cache lines.
pub fn the_arena_is_hardly_larger_than_what_lives_at_once(name: &str, plan: &Plan, times: f64) {
    let sum = |buffers: &Vec<usize>| buffers.iter().map(|&b| plan.buffers[b].len).sum::<usize>();
    let most = alive(plan).iter().map(sum).max().unwrap_or(0);
    assert_eq!(arena::lower_bound(plan), most, "{name}");
    let len = arena::place(plan).len;
    // a buffer begins on a cache line: tiny nets may lose most of one for each
    let allowed = (most as f64 * times).max(most as f64 + 16.0 * 8.0);
    assert!(len as f64 <= allowed, "{name}: {len} floats for {most} alive");
}

/// Every number that a step reads was written by an earlier one, and the outputs are written whole.
pub fn nothing_is_read_before_it_was_written(name: &str, plan: &Plan) {
    let mut written: Vec<Vec<bool>> =
        plan.buffers.iter().map(|b| vec![matches!(b.home, Home::Input(_) | Home::Weights(_)); b.len]).collect();
    for step in &plan.steps {
        for view in step.work.reads() {
            let buffer = &written[view.buffer.0];
            let unwritten = runs(&view).find(|run| buffer[run.clone()].contains(&false));
            assert_eq!(unwritten, None, "{name}, `{}`: {view:?} is read before it was written", step.path);
        }
        for view in step.work.scratch() {
            assert!(view.offset + view.extent() <= plan.buffers[view.buffer.0].len, "{name}");
        }
        for output in step.work.written() {
            assert!(
                matches!(plan.buffers[output.buffer.0].home, Home::Arena | Home::Output(_)),
                "{name}, `{}` writes {output:?}",
                step.path
            );
            for run in runs(&output) {
                written[output.buffer.0][run].fill(true);
            }
        }
    }
    for (buffer, written) in plan.buffers.iter().zip(&written) {
        let is_output = matches!(buffer.home, Home::Output(_));
        assert!(!is_output || written.iter().all(|&w| w), "{name}: {buffer:?} is not written whole");
    }
}

/// No step writes where it reads.
pub fn no_step_writes_what_it_reads(name: &str, plan: &Plan) {
    let layout = arena::place(plan);
    // the memory that a view lies in, and its runs of channels there
    let place = |view: &View| match plan.buffers[view.buffer.0].home {
        Home::Arena => (usize::MAX, layout.offsets[view.buffer.0].unwrap_or(0)),
        _ => (view.buffer.0, 0),
    };
    let meet = |a: &View, b: &View| {
        let ((memory, from), (other, to)) = (place(a), place(b));
        let span = |view: &View, at: usize| at + view.offset..at + view.offset + view.extent();
        let (x, y) = (span(a, from), span(b, to));
        if memory != other || x.end <= y.start || y.end <= x.start {
            return false;
        }
        let floats: HashSet<usize> = runs(a).flatten().map(|i| from + i).collect();
        runs(b).flatten().any(|i| floats.contains(&(to + i)))
    };
    for step in &plan.steps {
        let written: Vec<View> = step.work.written().into_iter().chain(step.work.scratch()).collect();
        for (i, output) in written.iter().enumerate() {
            let mut others = step.work.reads();
            others.extend(&written[..i]);
            let shared = others.iter().find(|other| meet(other, output));
            assert_eq!(shared, None, "{name}, `{}`: {output:?}", step.path);
        }
    }
}

/// The runs of channels of a view's pixels, as indices in its buffer.
fn runs(view: &View) -> impl Iterator<Item = Range<usize>> {
    let View { offset, stride, channels, .. } = *view;
    (0..view.pixels()).map(move |p| offset + p * stride..offset + p * stride + channels)
}
