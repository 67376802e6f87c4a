//! Programs to begin with: all that the repository has, right and wrong ones.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};

/// The tokens of each program of the tests, examples and documents. To be called on the thread that compiles them, for spans are
/// a thread's own.
pub fn programs() -> Vec<TokenStream> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = Vec::new();
    for folder in ["tests/language", "tests/ui", "examples", "lightconv-compiler/src/blocks"] {
        for path in files(&root.join(folder)) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            match path.extension().and_then(|e| e.to_str()) {
                Some("rs") => text.parse().map_or_else(|_| {}, |tokens| find(tokens, &mut programs)),
                Some("lightnet") => programs
                    .push(format!("{text} net Test(x: [8, 8, 8]) {{ x -> Conv(8, 3) }}").parse().expect("a block")),
                _ => {}
            }
        }
    }
    for document in ["docs/language.md", "README.md"] {
        let text = fs::read_to_string(root.join(document)).expect("a document");
        for example in text.split("```rust").skip(1) {
            let code = example.split("```").next().unwrap_or_default();
            let code: String =
                code.lines().skip(1).filter(|line| !line.starts_with("# ")).map(|line| format!("{line}\n")).collect();
            if let Ok(tokens) = code.parse() {
                find(tokens, &mut programs);
            }
        }
    }
    programs
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("a file").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Finds the bodies of `lightnet! { … }`, and the programs in `check! { name { … } … }`.
fn find(tokens: TokenStream, programs: &mut Vec<TokenStream>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let called = i >= 2 && matches!(&tokens[i - 1], TokenTree::Punct(p) if p.as_char() == '!');
        let name = if called { tokens[i - 2].to_string() } else { String::new() };
        match name.as_str() {
            "lightnet" => programs.push(group.stream()),
            "check" | "check_joined" => programs.extend(group.stream().into_iter().filter_map(|token| match token {
                TokenTree::Group(program) if program.delimiter() == Delimiter::Brace => Some(program.stream()),
                _ => None,
            })),
            _ => find(group.stream(), programs),
        }
    }
}
