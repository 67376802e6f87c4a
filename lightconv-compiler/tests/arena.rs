//! The arena: no two buffers alive in one step overlap, it is hardly larger than the largest sum of buffers alive, and nothing
//! is read before it was written; for nets of every make, fused and unfused.

#[path = "support/invariants.rs"]
mod invariants;
#[path = "support/nets.rs"]
mod nets;
#[path = "support/program.rs"]
mod program;

use lightconv_compiler::fuse::{fuse, unfused};
use lightconv_compiler::plan::Plan;

fn for_each_plan(check: fn(&str, &Plan)) {
    for (name, text) in nets::NETS {
        let graph = program::graph(text);
        check(&format!("{name}, fused"), &fuse(&graph));
        check(&format!("{name}, unfused"), &unfused(&graph));
    }
}

#[test]
fn buffers_alive_in_one_step_do_not_overlap() {
    for_each_plan(invariants::buffers_alive_in_one_step_do_not_overlap);
}

#[test]
fn the_arena_is_hardly_larger_than_what_lives_at_once() {
    for_each_plan(|name, plan| invariants::the_arena_is_hardly_larger_than_what_lives_at_once(name, plan, 1.15));
}

#[test]
fn nothing_is_read_before_it_was_written() {
    for_each_plan(invariants::nothing_is_read_before_it_was_written);
}

#[test]
fn no_step_writes_what_it_reads() {
    for_each_plan(invariants::no_step_writes_what_it_reads);
}
