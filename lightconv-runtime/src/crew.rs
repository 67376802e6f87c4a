//! Sharing a forward among threads: which part of a kernel's work is a member's, and how the members wait for each other.
//!
//! All members of a crew run all steps of a net, each its part of every step, and meet at a barrier between them. The parts of a
//! step write different memory, and every number is computed in the same way whoever computes it: the result is the same,
//! bit by bit, whatever the number of threads.

use crate::memory::{Dst, LINE};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A part of the work of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    index: usize,
    count: usize,
}

impl Part {
    /// All of it.
    pub const ALL: Part = Part { index: 0, count: 1 };

    /// Part `index` of `count`.
    ///
    /// # Panics
    /// When there are not so many.
    #[must_use]
    pub fn new(index: usize, count: usize) -> Part {
        assert!(index < count, "part {index} of {count}");
        Part { index, count }
    }

    /// Its run of `n` equal pieces of work.
    #[inline(always)]
    #[must_use]
    pub fn of(self, n: usize) -> Range<usize> {
        // what it is anyway, said to the compiler
        let end = self.bound(self.index + 1, n).min(n);
        self.bound(self.index, n).min(end)..end
    }

    /// Its run of `n` floats: whole cache lines, but for the last.
    #[inline(always)]
    #[must_use]
    pub fn of_floats(self, n: usize) -> Range<usize> {
        let lines = self.of(n.div_ceil(LINE));
        lines.start * LINE..(lines.end * LINE).min(n)
    }

    /// How many times as long as an equal share the longest share of `n` pieces is, in 1024ths.
    #[inline(always)]
    #[must_use]
    pub fn imbalance(self, n: usize) -> usize {
        n.div_ceil(self.count) * self.count * 1024 / n.max(1)
    }

    /// Whether the longest share of `n` pieces is at most a tenth longer than an equal one.
    #[inline(always)]
    #[must_use]
    pub fn is_even(self, n: usize) -> bool {
        self.imbalance(n) <= 1126
    }

    /// Whether it is the first, which does what is not shared.
    #[inline(always)]
    #[must_use]
    pub fn leads(self) -> bool {
        self.index == 0
    }

    /// Whether it is all.
    #[inline(always)]
    #[must_use]
    pub fn is_all(self) -> bool {
        self.count == 1
    }

    #[inline(always)]
    fn bound(self, i: usize, n: usize) -> usize {
        // a single part stays free of the division
        if self.count == 1 { i * n } else { n * i / self.count }
    }
}

/// A member of a crew, as the steps of a forward know it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    part: Part,
    barrier: Option<&'a Barrier>,
    scratch: Dst<'a>,
}

impl<'a> Member<'a> {
    /// The only one: waits for nobody, and has the arena's scratch memory.
    pub const ALONE: Member<'static> = Member { part: Part::ALL, barrier: None, scratch: Dst::empty() };

    /// One of several, with scratch memory of its own; the first has the arena's.
    #[must_use]
    pub fn new(part: Part, barrier: &'a Barrier, scratch: Dst<'a>) -> Member<'a> {
        Member { part, barrier: Some(barrier), scratch }
    }

    /// Its part of each step.
    #[inline(always)]
    #[must_use]
    pub fn part(&self) -> Part {
        self.part
    }

    /// Whether it does what is too small to be shared.
    #[inline(always)]
    #[must_use]
    pub fn leads(&self) -> bool {
        self.part.leads()
    }

    /// Waits until all members are here: what they wrote before can then be read.
    #[inline(always)]
    pub fn wait(&self) {
        if let Some(barrier) = self.barrier {
            barrier.wait(self.part.count);
        }
    }

    /// Scratch memory that no other member touches: the arena's, or as much of the member's own from float `at` on.
    #[inline(always)]
    #[must_use]
    pub fn scratch<'b>(&self, of_arena: Dst<'b>, at: usize) -> Dst<'b>
    where
        'a: 'b,
    {
        if self.leads() { of_arena } else { self.scratch.cut(at, of_arena.len()) }
    }
}

/// The threads of a net where there is no `std`: one.
#[cfg(not(feature = "std"))]
#[derive(Clone, Debug, Default)]
pub struct Threads;

#[cfg(not(feature = "std"))]
impl Threads {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        1
    }

    /// Runs `lead`.
    ///
    /// # Safety
    /// That of the other `Threads::run`, which has more than one thread.
    pub unsafe fn run(&self, lead: impl FnOnce(Member<'_>), follow: impl Fn(Member<'_>)) {
        let _ = follow;
        lead(Member::ALONE);
    }
}

/// Where the members of a crew meet. They spin, for a step lasts microseconds.
#[derive(Debug, Default)]
pub struct Barrier {
    arrived: Apart<AtomicUsize>,
    /// How many times all have met.
    met: Apart<AtomicUsize>,
    /// Whether a member has panicked and will not come.
    broken: Apart<AtomicBool>,
}

/// Something alone on its cache lines (a pair of them, as they are fetched): who waits for it is not disturbed by its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// Turns of a waiting loop without a pause, which may take as long as a small step.
const EAGER: usize = 256;

/// Turns of a waiting loop before the thread lets others run: there may be fewer CPUs than threads.
const SPINS: usize = 1 << 12;

impl Barrier {
    /// Waits for `count` members, this one included.
    ///
    /// # Panics
    /// When another member has panicked.
    pub fn wait(&self, count: usize) {
        let met = self.met.0.load(Ordering::Acquire);
        if self.arrived.0.fetch_add(1, Ordering::AcqRel) + 1 == count {
            self.arrived.0.store(0, Ordering::Relaxed);
            self.met.0.store(met.wrapping_add(1), Ordering::Release);
            return;
        }
        wait_until(|| {
            if self.met.0.load(Ordering::Acquire) != met {
                return true;
            }
            assert!(!self.broken.0.load(Ordering::Relaxed), "another thread of this forward has panicked");
            false
        });
    }

    /// Lets the members that wait, and those that will, panic.
    #[cfg(feature = "std")]
    pub(crate) fn shatter(&self) {
        self.broken.0.store(true, Ordering::Relaxed);
    }

    /// Ready again, when no member is at work; gives whether it was broken.
    #[cfg(feature = "std")]
    pub(crate) fn mend(&self) -> bool {
        self.arrived.0.store(0, Ordering::Relaxed);
        self.broken.0.swap(false, Ordering::Relaxed)
    }
}

/// Spins until `done` says so.
pub(crate) fn wait_until(done: impl Fn() -> bool) {
    let mut spins = 0;
    while !done() {
        spins += 1;
        if spins < EAGER {
            continue;
        }
        if spins < SPINS {
            core::hint::spin_loop();
        } else {
            #[cfg(feature = "std")]
            std::thread::yield_now();
        }
    }
}
