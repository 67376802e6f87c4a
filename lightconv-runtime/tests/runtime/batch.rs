//! Batches over all cores.

use lightconv_runtime::batch::run_batch;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn results_are_in_order_and_workspaces_as_many_as_threads() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let made = AtomicUsize::new(0);
    let items: Vec<usize> = (0..1000).collect();
    let results = pool.install(|| {
        run_batch(&items, || made.fetch_add(1, Ordering::Relaxed), |item, workspace| (item * 2, *workspace))
    });
    assert!(results.iter().enumerate().all(|(i, (double, _))| *double == 2 * i));
    let made = made.into_inner();
    assert!((1..=3).contains(&made), "{made}");
    assert!(results.iter().all(|(_, workspace)| *workspace < made));
}

#[test]
fn no_items_make_no_workspace() {
    let results = run_batch(&[] as &[u8], || -> u8 { panic!("not wanted") }, |_, _| 0);
    assert_eq!(results, [0; 0]);
}

/// A thread that waits inside `run` takes up other items meanwhile; it must not wait for its own workspace.
#[test]
fn batches_within_batches_end() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let inner: Vec<usize> = (0..20).collect();
    let sums = pool
        .install(|| run_batch(&inner, || 0, |i, _| run_batch(&inner, || 0, |j, _| i * j).into_iter().sum::<usize>()));
    assert_eq!(sums, inner.iter().map(|i| i * 190).collect::<Vec<_>>());
}
