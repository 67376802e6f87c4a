//! Many inputs over all cores.

use alloc::vec::Vec;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::sync::Mutex;

/// Runs `run` on every item, on rayon's threads, and gives the results in the items' order. A thread makes one
/// workspace, when it takes its first item, and keeps it.
///
/// # Panics
/// When `run` or `make_workspace` does.
pub fn run_batch<I: Sync, O: Send, W: Send>(
    items: &[I],
    make_workspace: impl Fn() -> W + Sync,
    run: impl Fn(&I, &mut W) -> O + Sync,
) -> Vec<O> {
    let slots: Vec<Mutex<Option<W>>> = (0..rayon::current_num_threads()).map(|_| Mutex::new(None)).collect();
    items
        .par_iter()
        .with_max_len(1)
        .map(|item| {
            // A thread has its slot to itself, unless `run` itself waits for rayon and the thread takes up another item
            // meanwhile: that one gets a workspace of its own, for to wait for the lock would be to wait for oneself.
            match rayon::current_thread_index().and_then(|i| slots.get(i)).map(Mutex::try_lock) {
                Some(Ok(mut slot)) => run(item, slot.get_or_insert_with(&make_workspace)),
                _ => run(item, &mut make_workspace()),
            }
        })
        .collect()
}
