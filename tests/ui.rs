//! The errors that people read: each program in a folder of `tests/ui` makes one mistake (those in `use` a few, and some in
//! `imports`), and rustc says exactly what stands beside it; the programs in `tests/ui/pass` make none.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes what is said now; read it before committing it.

use std::fs;

#[test]
fn errors() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    let mut topics: Vec<_> =
        fs::read_dir("tests/ui").expect("the folder of the programs").map(|e| e.expect("a topic").path()).collect();
    topics.sort();
    for topic in topics.iter().filter(|t| !t.ends_with("pass")) {
        cases.compile_fail(topic.join("*.rs"));
    }
}
