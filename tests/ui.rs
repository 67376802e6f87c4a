//! The errors that people read: each program in `tests/ui` makes one mistake, and rustc says exactly what stands beside it.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes what is said now; read it before committing it.

#[test]
fn errors() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    for topic in ["arguments", "blocks", "budget", "names", "python", "shapes", "syntax", "use", "values", "weights"] {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}
