//! The documents say what is true: lists of layers and blocks are whole, links lead somewhere. (Their examples are doctests.)

use lightconv_compiler::diagnostics::Diagnostics;
use lightconv_compiler::{blocks, ops, syntax};
use std::collections::HashMap;
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
fn every_layer_has_its_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(root.join("src/layers")).expect("the pages of the layers");
    let mut pages: HashMap<String, Page> = files.flat_map(|f| pages(&read(&f.expect("a file").path()))).collect();
    for layer in ops::layers() {
        let page = pages.remove(layer.name).unwrap_or_else(|| panic!("`{}` has no page", layer.name));
        let arguments: Vec<_> = layer.args.iter().map(|arg| arg.name).collect();
        assert_eq!(page.fields, arguments, "{}", layer.name);
        let signature = layer.doc.split_once(": ").expect("a signature before its meaning").0;
        assert!(page.text.starts_with(&format!("`{signature}`: ")), "{signature}: {}", page.text);
    }
    let kinds = ["Axis", "Boolean", "Ignored", "Integer", "Number", "Padding", "Pair", "Word"];
    assert!(pages.keys().all(|name| kinds.contains(&name.as_str())), "{:?}", pages.keys());
}

#[test]
fn every_shipped_block_has_its_page() {
    let mut pages = pages(include_str!("../src/blocks.rs"));
    for (name, text) in blocks::TEXTS {
        let page = pages.remove(*name).unwrap_or_else(|| panic!("`{name}` has no page"));
        let diagnostics = Diagnostics::new();
        let program = syntax::parse(text.parse().expect("tokens"), &diagnostics);
        assert!(diagnostics.finish().is_empty());
        let parameters: Vec<_> = program.blocks[0].params.iter().map(|(name, _)| name.text.as_str()).collect();
        assert_eq!(page.fields, parameters, "{name}");
    }
    assert!(pages.is_empty(), "{:?}", pages.keys());
}

/// What stands at a struct: its documentation on one line, the names of its fields.
struct Page {
    text: String,
    fields: Vec<String>,
}

/// The structs of a file, by name.
fn pages(source: &str) -> HashMap<String, Page> {
    let mut pages = HashMap::new();
    let (mut text, mut current) = (Vec::new(), None);
    for line in source.lines() {
        if let Some(doc) = line.strip_prefix("///") {
            text.push(doc.trim());
        } else if let Some(name) = line.strip_prefix("pub struct ") {
            let name = name.trim_end_matches([';', '{', ' ']).to_owned();
            pages.insert(name.clone(), Page { text: text.join(" "), fields: Vec::new() });
            current = Some(name);
            text.clear();
        } else if let (Some(name), Some(field)) = (&current, line.trim().strip_prefix("pub "))
            && let Some((field, _)) = field.split_once(':').filter(|_| line.starts_with("    "))
        {
            pages.get_mut(name).expect("it was inserted").fields.push(field.to_owned());
        }
    }
    pages
}

/// The programs in `tests/ui/use` make mistakes that others make on their own.
#[test]
fn every_error_has_its_mend() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read(&root.join("docs/errors.md"));
    let rows: Vec<(&str, &str)> = page.lines().filter_map(row).collect();
    let topics = std::fs::read_dir(root.join("tests/ui")).expect("the topics").map(|t| t.expect("a topic").path());
    let programs = topics.filter(|t| !t.ends_with("use")).flat_map(|t| std::fs::read_dir(t).expect("the programs"));
    let mut missing = Vec::new();
    let said = programs.map(|p| p.expect("a program").path()).filter(|p| p.extension().is_some_and(|e| e == "stderr"));
    for file in said {
        for error in read(&file).split("\nerror").map(|e| e.strip_prefix("error").unwrap_or(e)) {
            let escaped = error.replace('|', "\\|");
            let message = escaped.lines().next().and_then(|line| Some(line.split_once(": ")?.1)).expect("a message");
            let help = escaped.lines().find_map(|line| line.trim_start().strip_prefix("help: "));
            // rustc's own help has no indentation, and is not taken over
            let help = help.filter(|help| error.contains(&format!("  help: {}", help.replace("\\|", "|"))));
            let fits = |(m, mend): &(&str, &str)| *m == message && help.map_or(!mend.is_empty(), |help| *mend == help);
            let mend = help.unwrap_or("…");
            if !rows.iter().any(fits) {
                missing.push(format!("| {message} | … | {mend} | ({})", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "no row in docs/errors.md:\n{}", missing.join("\n"));
}

/// Message and mend of a row of three cells.
fn row(line: &str) -> Option<(&str, &str)> {
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let (message, rest) = cells.split_once(" | ")?;
    Some((message, rest.rsplit_once(" | ")?.1))
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/language.md",
        "docs/errors.md",
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
