//! The source text behind the tokens, to see what Rust's lexer takes away: the rest of the line in Python's `c // 4`.

use crate::diagnostics::Region;
use proc_macro2::{Group, TokenTree};

/// The text of a group, by line.
#[derive(Debug)]
pub(super) struct Source {
    first_line: usize,
    first_column: usize,
    lines: Vec<String>,
}

impl Source {
    /// The text of `group`, where the compiler knows it and it holds a comment at all.
    pub(super) fn of(group: &Group) -> Option<Source> {
        let text = group.span().source_text()?;
        if !text.contains("//") {
            return None;
        }
        let start = group.span_open().start();
        let lines = text.lines().map(str::to_owned).collect();
        Some(Source { first_line: start.line, first_column: start.column, lines })
    }

    /// The text of a `//` comment that follows `token` on its line.
    pub(super) fn comment_after(&self, token: &TokenTree) -> Option<String> {
        let end = Region::of(token).end.end();
        let row = end.line.checked_sub(self.first_line)?;
        let line = self.lines.get(row)?;
        let column = if row == 0 { end.column.checked_sub(self.first_column)? } else { end.column };
        let at = line.char_indices().nth(column).map_or(line.len(), |(i, _)| i);
        // A column that does not follow the token's own text is not understood: better silent than wrong.
        let last = match token {
            TokenTree::Group(_) => None,
            other => other.to_string().chars().last(),
        };
        let (before, after) = line.split_at_checked(at)?;
        if last.is_some() && before.chars().last() != last {
            return None;
        }
        let comment = after.trim_start().strip_prefix("//")?;
        (!comment.starts_with(['/', '!'])).then(|| comment.trim().to_owned())
    }
}

/// The divisor, if the comment reads as the rest of a floor division (`4`, `4;`, `ratio)`) and not as a remark.
pub(super) fn floor_division(comment: &str) -> Option<String> {
    let end = comment.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(comment.len());
    let (word, rest) = comment.split_at(end);
    let rest = rest.trim_start();
    let number =
        word.starts_with(|c: char| c.is_ascii_digit()) && word.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let name = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_rest = (number && (rest.is_empty() || rest.starts_with([',', ';', ')', ']'])))
        || (name && (rest.starts_with(';') || rest.starts_with(')')));
    is_rest.then(|| word.to_owned())
}
