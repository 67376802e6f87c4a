//! The threads that a net runs on: one, unless the user asks for more.
//!
//! Workers are started once and keep for the next forward what they need. They spin for a moment after a forward, for the next one
//! often follows at once, and then sleep.

use crate::arena::AlignedBox;
use crate::crew::{Barrier, Member, Part, wait_until};
use crate::error::Error;
use crate::memory::Dst;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Most threads of a net: more than that would wait for each other longer than they work.
pub const MOST_THREADS: usize = 256;

/// How long a worker spins for the next forward before it sleeps.
const PATIENCE: Duration = Duration::from_micros(200);

/// The threads of a net. A clone is the same threads.
#[derive(Clone, Default)]
pub struct Threads {
    crew: Option<Arc<Crew>>,
}

impl Threads {
    /// `count` threads, the calling one among them, each with `scratch` floats of its own.
    ///
    /// # Errors
    /// When `count` is 0 or more than [`MOST_THREADS`], when there is no memory, when the system gives no thread.
    pub fn new(count: usize, scratch: usize) -> Result<Threads, Error> {
        match count {
            1 => Ok(Threads { crew: None }),
            2..=MOST_THREADS => Ok(Threads { crew: Some(Arc::new(Crew::new(count, scratch)?)) }),
            _ => Err(Error::threads(count)),
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.crew.as_ref().map_or(1, |crew| crew.workers.len() + 1)
    }

    /// Runs `lead` on this thread and `follow` on all others, each as its member of the crew. Where the threads are at work for
    /// another forward, `lead` is the only member.
    ///
    /// # Panics
    /// When `lead` or `follow` does, after all have ended.
    ///
    /// # Safety
    /// `follow` is called by several threads at once, whether or not it is `Sync`: whatever `lead` and `follow` write is written by one member
    /// only until all have met at the next [`Member::wait`], and read by others only after that.
    pub unsafe fn run(&self, lead: impl FnOnce(Member<'_>), follow: impl Fn(Member<'_>)) {
        let Some(crew) = &self.crew else {
            return lead(Member::ALONE);
        };
        let turn = match crew.turn.try_lock() {
            Ok(turn) => turn,
            // a forward that panicked has left everything as it was
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return lead(Member::ALONE),
        };
        crew.run(lead, &follow);
        drop(turn);
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Threads({})", self.count())
    }
}

/// A crew and its first member's means to set it to work.
struct Crew {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// Held during a forward.
    turn: Mutex<()>,
}

/// What the leader and the workers know of each other.
struct Shared {
    barrier: Barrier,
    /// Counts the jobs; a worker that sees another number than before has one.
    job: AtomicUsize,
    /// What is to be done. Written by the leader while no worker is at work, before `job`.
    task: UnsafeCell<Task>,
    /// Workers that have not ended the job.
    busy: AtomicUsize,
    /// Whether the workers are to end.
    closing: AtomicBool,
}

/// What the workers do: a closure of the leader's, its lifetime and type forgotten.
#[derive(Clone, Copy)]
struct Task {
    call: unsafe fn(*const (), Member<'_>),
    closure: *const (),
}

// SAFETY: the task is written while `busy` is 0 and read after `job` said so, which orders the two; what its closure does on
// several threads at once is the promise of `Threads::run`'s caller
unsafe impl Sync for Shared {}
// SAFETY: as above
unsafe impl Send for Shared {}

impl Crew {
    fn new(count: usize, scratch: usize) -> Result<Crew, Error> {
        let shared = Arc::new(Shared {
            barrier: Barrier::default(),
            job: AtomicUsize::new(0),
            task: UnsafeCell::new(Task { call: |_, _| (), closure: core::ptr::null() }),
            busy: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        });
        // dropped, it ends the workers that there are
        let mut crew = Crew { shared, workers: Vec::new(), turn: Mutex::new(()) };
        for index in 1..count {
            let memory = AlignedBox::try_zeroed(scratch)?;
            let (part, shared) = (Part::new(index, count), Arc::clone(&crew.shared));
            let worker = thread::Builder::new().name(alloc::format!("lightconv {index}"));
            let worker = worker.spawn(move || work(part, &shared, memory)).map_err(Error::no_thread)?;
            crew.workers.push(worker);
        }
        Ok(crew)
    }

    fn run<F: Fn(Member<'_>)>(&self, lead: impl FnOnce(Member<'_>), follow: &F) {
        /// Calls the closure.
        ///
        /// # Safety
        /// `closure` points to an `F` that lives.
        unsafe fn call<F: Fn(Member<'_>)>(closure: *const (), member: Member<'_>) {
            // SAFETY: the caller's promise
            let closure = unsafe { &*closure.cast::<F>() };
            closure(member);
        }
        let shared = &*self.shared;
        // SAFETY: no worker is at work, and none looks before `job` changes
        unsafe { *shared.task.get() = Task { call: call::<F>, closure: core::ptr::from_ref(follow).cast() } }
        shared.busy.store(self.workers.len(), Ordering::Relaxed);
        shared.job.fetch_add(1, Ordering::Release);
        for worker in &self.workers {
            worker.thread().unpark();
        }
        let member = Member::new(Part::new(0, self.workers.len() + 1), &shared.barrier, Dst::empty());
        let result = catch_unwind(AssertUnwindSafe(|| lead(member)));
        if result.is_err() {
            shared.barrier.shatter();
        }
        // whatever happened, `follow` must not be left before all have returned from it
        wait_until(|| shared.busy.load(Ordering::Acquire) == 0);
        let broken = shared.barrier.mend();
        if let Err(panic) = result {
            resume_unwind(panic);
        }
        assert!(!broken, "another thread of this forward has panicked");
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            // a worker catches the panics of its tasks
            let _ = worker.join();
        }
    }
}

/// The life of a worker.
fn work(part: Part, shared: &Shared, mut memory: AlignedBox) {
    let mut done = 0;
    loop {
        let idle = Instant::now();
        while shared.job.load(Ordering::Acquire) == done {
            if shared.closing.load(Ordering::Acquire) {
                return;
            }
            if idle.elapsed() < PATIENCE {
                core::hint::spin_loop();
            } else {
                // woken for a job, for the end, or for nothing
                thread::park();
            }
        }
        done = done.wrapping_add(1);
        let member = Member::new(part, &shared.barrier, Dst::from(memory.as_mut_slice()));
        // SAFETY: `job` was increased after the task was written, and it is not written again before `busy` is 0
        let Task { call, closure } = unsafe { *shared.task.get() };
        // SAFETY: the leader keeps the closure until `busy` is 0
        let result = catch_unwind(AssertUnwindSafe(|| unsafe { call(closure, member) }));
        if result.is_err() {
            shared.barrier.shatter();
        }
        shared.busy.fetch_sub(1, Ordering::Release);
    }
}
