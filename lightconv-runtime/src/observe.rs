//! What a forward tells of its steps while it runs: nothing unless asked, and then at no cost.

use core::time::Duration;

/// Who is told each step of a forward: its path in the net and the time it took.
///
/// Closures are observers: `net.forward_with(&x, &mut ws, &mut y, &mut |path, time| …)`. `Profile` is a ready-made one.
pub trait Observer {
    /// A step is done. A step may be several layers fused into one; `path` is then that of the first with weights.
    fn step(&mut self, path: &'static str, time: Duration);
}

impl<F: FnMut(&'static str, Duration)> Observer for F {
    fn step(&mut self, path: &'static str, time: Duration) {
        self(path, time);
    }
}

/// What generated code calls around each step.
#[doc(hidden)]
pub trait Probe {
    /// A step begins.
    fn start(&mut self);
    /// A step is done.
    fn done(&mut self, path: &'static str);
}

/// Nobody looks: both calls vanish.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    #[inline(always)]
    fn start(&mut self) {}
    #[inline(always)]
    fn done(&mut self, _: &'static str) {}
}

#[cfg(feature = "std")]
pub use timed::{Profile, Timed};

#[cfg(feature = "std")]
mod timed {
    use super::{Observer, Probe};
    use crate::text::{Side, cell, width};
    use alloc::vec::Vec;
    use core::fmt;
    use core::time::Duration;
    use std::time::Instant;

    /// Times the steps for an observer.
    #[doc(hidden)]
    pub struct Timed<'a, O: Observer + ?Sized> {
        observer: &'a mut O,
        start: Instant,
    }

    impl<'a, O: Observer + ?Sized> Timed<'a, O> {
        /// The clock starts with the first step.
        pub fn new(observer: &'a mut O) -> Self {
            Timed { observer, start: Instant::now() }
        }
    }

    impl<O: Observer + ?Sized> Probe for Timed<'_, O> {
        fn start(&mut self) {
            self.start = Instant::now();
        }

        fn done(&mut self, path: &'static str) {
            let time = self.start.elapsed();
            self.observer.step(path, time);
        }
    }

    /// An observer that sums the time of each step over any number of forwards, and prints a table, the slowest first.
    #[derive(Clone, Debug, Default)]
    pub struct Profile {
        /// In the order in which they were first met.
        steps: Vec<ProfileStep>,
        /// Where the step after the last one met is, if the forward runs as the one before.
        next: usize,
    }

    /// The sum of one step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct ProfileStep {
        path: &'static str,
        time: Duration,
        calls: u64,
    }

    impl Profile {
        /// Nothing seen yet.
        #[must_use]
        pub fn new() -> Profile {
            Profile::default()
        }

        /// The time of all steps together.
        #[must_use]
        pub fn total(&self) -> Duration {
            self.steps.iter().map(|s| s.time).sum()
        }

        /// Path, time and number of calls of each step, in the order in which they were first met.
        pub fn steps(&self) -> impl Iterator<Item = (&'static str, Duration, u64)> {
            self.steps.iter().map(|s| (s.path, s.time, s.calls))
        }
    }

    impl Observer for Profile {
        fn step(&mut self, path: &'static str, time: Duration) {
            let at = match self.steps.get(self.next) {
                Some(next) if next.path == path => Some(self.next),
                _ => self.steps.iter().position(|s| s.path == path),
            };
            let at = at.unwrap_or_else(|| {
                self.steps.push(ProfileStep { path, time: Duration::ZERO, calls: 0 });
                self.steps.len() - 1
            });
            self.steps[at].time += time;
            self.steps[at].calls += 1;
            self.next = (at + 1) % self.steps.len();
        }
    }

    impl fmt::Display for Profile {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut steps = self.steps.clone();
            steps.sort_by_key(|s| core::cmp::Reverse(s.time));
            let total = self.total();
            let columns = steps.iter().map(|s| width(&s.path)).max().unwrap_or(0).max("total".len());
            cell(f, &"step", columns, Side::Left)?;
            writeln!(f, "  {:>10}  {:>8}  {:>6}", "ms", "calls", "%")?;
            let mut row = |path: &str, time: Duration, calls: Option<u64>| {
                let share = if total.is_zero() { 0.0 } else { 100.0 * time.as_secs_f64() / total.as_secs_f64() };
                cell(f, &path, columns, Side::Left)?;
                write!(f, "  {:>10.3}  ", time.as_secs_f64() * 1e3)?;
                match calls {
                    Some(calls) => write!(f, "{calls:>8}")?,
                    None => write!(f, "{:>8}", "")?,
                }
                writeln!(f, "  {share:>6.1}")
            };
            for step in &steps {
                row(step.path, step.time, Some(step.calls))?;
            }
            row("total", total, None)
        }
    }
}
