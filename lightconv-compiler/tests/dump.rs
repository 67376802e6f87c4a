//! `LIGHTCONV_DUMP=dir`: the generated code as files. The variable is set for a run of this test's own program, since what a
//! process has in its environment all its threads share.

use lightconv_compiler::{Backends, expand};
use std::path::Path;
use std::process::Command;

/// What the other tests run with the variable set; prints the generated code.
#[test]
#[ignore = "run by the other tests"]
fn child() {
    let program =
        "net Small(x: [3, 8, 8]) { x -> stem: [Conv2d(6, 3), BatchNorm2d, ReLU] -> GlobalAvgPool -> head: Linear(4) }";
    for _ in 0..2 {
        let tokens = expand(program.parse().expect("a program"), Backends { avx2: true, avx512: false });
        println!("{tokens}");
    }
}

/// What is generated with the variable set so.
fn with_variable(dir: &Path) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["child", "--exact", "--ignored", "--nocapture"]).env("LIGHTCONV_DUMP", dir);
    command.env("CARGO_CRATE_NAME", "app");
    let output = command.output().expect("this test runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("a program is text")
}

#[test]
fn without_a_variable_nothing_is_written_and_a_change_of_it_is_noticed() {
    let tokens = expand(
        "net N(x: [3, 8, 8]) { x -> ReLU }".parse().expect("a program"),
        Backends { avx2: false, avx512: false },
    );
    assert!(tokens.to_string().contains("option_env ! (\"LIGHTCONV_DUMP\")"));
}

#[cfg(feature = "dump")]
#[test]
fn a_file_a_net_can_be_read_and_is_rust() {
    let dir = tempfile::tempdir().expect("a folder");
    let tokens = with_variable(dir.path());
    assert!(!tokens.contains("compile_error"), "{tokens}");
    let text = std::fs::read_to_string(dir.path().join("app/Small.rs")).expect("the file of the net");
    syn::parse_file(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    for part in [
        "generated for the net `Small`",
        "pub fn load(",
        "\n\n    /// stem.0: conv 3x3, and whatever equals it.",
        "path: \"stem.0\",",
        "\nhead: conv 1x1 ",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let longest = text.lines().filter(|line| !line.contains('"')).map(str::len).max();
    assert!(longest < Some(160), "{longest:?}\n{text}");
}

#[cfg(feature = "dump")]
#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let tokens = with_variable(file.path());
    assert!(tokens.contains("compile_error"), "{tokens}");
    assert!(tokens.contains("cannot be written"), "{tokens}");
}

#[cfg(not(feature = "dump"))]
#[test]
fn without_the_feature_the_variable_is_an_error() {
    let tokens = with_variable(Path::new("anywhere"));
    assert!(tokens.contains("is built without its feature `dump`"), "{tokens}");
}
