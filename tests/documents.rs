//! The documents say what is true: lists of layers and blocks are whole, links lead somewhere. (Their examples are doctests.)

use lightconv_compiler::{blocks, ops};
use std::path::{Path, PathBuf};

const LANGUAGE: &str = include_str!("../docs/language.md");

#[test]
fn the_table_of_layers_is_whole() {
    let table = section("## Layers\n", "```rust");
    for layer in ops::layers() {
        assert!(has_word(table, layer.name), "`{}` is missing", layer.name);
    }
}

#[test]
fn the_table_of_blocks_is_whole() {
    let table = section("## Blocks shipped\n", "```rust");
    for (name, _) in blocks::TEXTS {
        assert!(table.contains(&format!("| `{name}")), "`{name}` is missing");
    }
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/language.md",
        "docs/publishing-a-block.md",
        "docs/architecture.md",
        "docs/performance.md",
    ];
    for document in documents.map(|name| root.join(name)) {
        let text = read(&document);
        for target in links(&text).filter(|target| !target.starts_with("https://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file: PathBuf = match file {
                "" => document.clone(),
                file => document.with_file_name(file),
            };
            assert!(file.exists(), "{}: nothing at `{target}`", document.display());
            assert!(
                anchor.is_empty() || headings(&read(&file)).any(|heading| heading == anchor),
                "{}: no heading for `{target}`",
                document.display()
            );
        }
    }
}

/// What stands from `start` to before the next `end`.
fn section(start: &str, end: &str) -> &'static str {
    let (_, after) = LANGUAGE.split_once(start).unwrap_or_else(|| panic!("no {start:?}"));
    after.split_once(end).unwrap_or_else(|| panic!("no {end:?} after {start:?}")).0
}

/// Whether `word` stands in `text` as a word.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|found| found == word)
}

/// The targets of Markdown's links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// The anchors that a code forge gives to headings.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
        line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
    })
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
