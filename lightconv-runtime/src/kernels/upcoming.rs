//! What later steps read, fetched into L2 while a convolution multiplies.
//!
//! Steps that do few products with many weights (the layers of a squeeze-and-excitation, classifiers) wait for L3 or memory, which rest while a
//! convolution multiplies.

use crate::crew::Part;
use crate::memory::Src;

/// Runs of floats, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Upcoming<'a> {
    /// The first float and the length of each.
    runs: &'a [(usize, usize)],
    memory: Src<'a>,
    /// The part of each that is fetched.
    part: Part,
    /// Floats that are fetched at most.
    most: usize,
}

impl<'a> Upcoming<'a> {
    /// None.
    pub const NOTHING: Upcoming<'static> = Upcoming { runs: &[], memory: Src::empty(), part: Part::ALL, most: 0 };

    /// Of `runs` in `memory` this `part` each, at most so many floats in all.
    #[inline(always)]
    #[must_use]
    pub fn new(memory: Src<'a>, runs: &'a [(usize, usize)], part: Part, most: usize) -> Self {
        Upcoming { runs, memory, part, most }
    }

    /// From the beginning.
    #[inline(always)]
    pub(super) fn walk(self) -> Walk<'a> {
        Walk { to_come: self, at: core::ptr::null(), len: 0 }
    }
}

/// How far they are fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    to_come: Upcoming<'a>,
    /// What is left of the run at work.
    at: *const f32,
    len: usize,
}

impl Walk<'_> {
    /// Where the next `floats` begin, if there are any left; fewer of them may be wanted.
    #[inline(always)]
    pub fn next(&mut self, floats: usize) -> Option<*const f32> {
        if self.len == 0 {
            if self.to_come.runs.is_empty() {
                return None;
            }
            *self = self.next_run();
        }
        let (at, floats) = (self.at, floats.min(self.len));
        self.at = at.wrapping_add(floats);
        self.len -= floats;
        (floats > 0).then_some(at)
    }

    /// At the beginning of the next run. By value, and compiled once, not in each tile: so a tile keeps the rest in registers.
    #[inline(never)]
    fn next_run(self) -> Self {
        let Upcoming { runs, memory, part, most } = self.to_come;
        let Some((&(first, len), runs)) = runs.split_first() else { return self };
        let part = part.of_floats(len);
        let len = part.len().min(most);
        let at = memory.cut(first, part.end).after(part.start).as_ptr();
        let runs = if len == most { &[] } else { runs };
        Walk { to_come: Upcoming { runs, memory, part: self.to_come.part, most: most - len }, at, len }
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Upcoming};
    use crate::kernels::PANEL;
    use std::vec::Vec;

    /// Where and how much is fetched, in lines, two at a time.
    fn lines(upcoming: Upcoming, memory: &[f32]) -> Vec<usize> {
        let mut walk = upcoming.walk();
        let from = memory.as_ptr();
        core::iter::from_fn(|| walk.next(2 * PANEL))
            .map(|at| (at as usize - from as usize) / size_of::<f32>() / PANEL)
            .collect()
    }

    #[test]
    fn runs_follow_each_other() {
        let memory = [0.0; 20 * PANEL];
        let runs = [(2 * PANEL, 4 * PANEL), (10 * PANEL, 3 * PANEL)];
        let all = |part, most| lines(Upcoming::new(memory[..].into(), &runs, part, most), &memory);
        assert_eq!(all(Part::ALL, usize::MAX), [2, 4, 10, 12]);
        assert_eq!(all(Part::ALL, 5 * PANEL), [2, 4, 10]);
        assert_eq!(all(Part::new(1, 2), usize::MAX), [4, 11]);
        assert!(all(Part::ALL, 0).is_empty());
        assert!(lines(Upcoming::NOTHING, &memory).is_empty());
    }

    #[test]
    #[should_panic(expected = "")]
    fn a_run_that_is_not_there_is_refused() {
        let memory = [0.0; PANEL];
        lines(Upcoming::new(memory[..].into(), &[(0, PANEL + 1)], Part::ALL, usize::MAX), &memory);
    }
}
