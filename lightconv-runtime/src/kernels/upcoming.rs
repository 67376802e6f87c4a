//! What later steps read, fetched into L2 while a convolution multiplies.
//!
//! Steps that do few products with many weights (the layers of a squeeze-and-excitation, classifiers) wait for L3 or memory, which rest while a
//! convolution multiplies.

use crate::crew::Part;
use crate::memory::Src;

/// Floats one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first.
    pub at: usize,
    /// How many.
    pub len: usize,
    /// Whether each part reads a part of it, and not the first part all.
    pub is_shared: bool,
}

/// Spans of a memory, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Upcoming<'a> {
    spans: &'a [Span],
    memory: Src<'a>,
    /// For which part they are fetched.
    part: Part,
    /// Floats that are fetched at most.
    most: usize,
}

impl<'a> Upcoming<'a> {
    /// None.
    pub const NOTHING: Upcoming<'static> = Upcoming { spans: &[], memory: Src::empty(), part: Part::ALL, most: 0 };

    /// Of `spans` in `memory` what this `part` reads, at most so many floats in all.
    #[inline(always)]
    #[must_use]
    pub fn new(memory: Src<'a>, spans: &'a [Span], part: Part, most: usize) -> Self {
        Upcoming { spans, memory, part, most }
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
    /// What is left of the span at work.
    at: *const f32,
    len: usize,
}

impl Walk<'_> {
    /// Where the next `floats` begin, if there are any left; fewer of them may be wanted.
    #[inline(always)]
    pub fn next(&mut self, floats: usize) -> Option<*const f32> {
        while self.len == 0 {
            if self.to_come.spans.is_empty() {
                return None;
            }
            *self = self.next_span();
        }
        let (at, floats) = (self.at, floats.min(self.len));
        self.at = at.wrapping_add(floats);
        self.len -= floats;
        Some(at)
    }

    /// At the beginning of the next span. By value, and compiled once, not in each tile: so a tile keeps the rest in registers.
    #[inline(never)]
    fn next_span(self) -> Self {
        let Upcoming { spans, memory, part, most } = self.to_come;
        let Some((span, spans)) = spans.split_first() else { return self };
        let part = match span.is_shared {
            true => part.of_floats(span.len),
            false => 0..if part.leads() { span.len } else { 0 },
        };
        let len = part.len().min(most);
        let at = memory.cut(span.at, part.end).after(part.start).as_ptr();
        let spans = if len == most { &[] } else { spans };
        Walk { to_come: Upcoming { spans, memory, part: self.to_come.part, most: most - len }, at, len }
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Span, Upcoming};
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
    fn spans_follow_each_other() {
        let memory = [0.0; 20 * PANEL];
        let span = |at, lines, is_shared| Span { at: at * PANEL, len: lines * PANEL, is_shared };
        let spans = [span(2, 4, true), span(7, 1, false), span(10, 3, true)];
        let all = |part, most| lines(Upcoming::new(memory[..].into(), &spans, part, most), &memory);
        assert_eq!(all(Part::ALL, usize::MAX), [2, 4, 7, 10, 12]);
        assert_eq!(all(Part::ALL, 5 * PANEL), [2, 4, 7]);
        assert_eq!(all(Part::new(1, 2), usize::MAX), [4, 11]);
        assert!(all(Part::ALL, 0).is_empty());
        assert!(lines(Upcoming::NOTHING, &memory).is_empty());
    }

    #[test]
    #[should_panic(expected = "floats 0..17 of a view of 16")]
    fn a_span_that_is_not_there_is_refused() {
        let memory = [0.0; PANEL];
        let beyond = [Span { at: 0, len: PANEL + 1, is_shared: true }];
        lines(Upcoming::new(memory[..].into(), &beyond, Part::ALL, usize::MAX), &memory);
    }
}
