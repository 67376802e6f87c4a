//! Labels (`stem:`, `model.6:`, `"denselayer{i + 1}":`) and texts in which `{expr}` is filled in.

use super::ast::{Label, Piece, Text};
use super::expr::expr;
use super::stream::{MAX_DEPTH, Parse, Stream, plain};
use crate::diagnostics::{Diagnostic, Region};
use proc_macro2::{Group, TokenStream, TokenTree};

/// The label that comes next, if one does: names, numbers and texts joined by `.`, and then a `:`.
pub(super) fn label(s: &mut Stream<'_>) -> Parse<Option<Label>> {
    let Some(len) = label_len(s) else { return Ok(None) };
    let start = s.here();
    let mut pieces = Vec::new();
    let mut failed = None;
    for _ in 0..len {
        let region = s.here();
        match s.peek(0) {
            Some(TokenTree::Ident(i)) => pieces.push(Piece::Plain(plain(i))),
            Some(TokenTree::Literal(_)) => match text(s) {
                Ok(Some(t)) => {
                    pieces.extend(t.pieces);
                    continue;
                }
                Ok(None) => match number_label(s) {
                    Some(digits) => pieces.push(Piece::Plain(digits)),
                    None => {
                        let d = Diagnostic::new(region, "a number in a label is made of digits only");
                        failed = Some(s.report(d.help("such as `6:` or `model.6:`")));
                    }
                },
                Err(e) => {
                    failed = Some(e);
                    continue;
                }
            },
            _ => pieces.push(Piece::Plain(".".to_owned())),
        }
        s.next();
    }
    let region = start.to(s.before());
    s.eat_op(":");
    match failed {
        Some(e) => Err(e),
        None => Ok(Some(Label { text: Text { pieces, region } })),
    }
}

/// How many tokens the label that comes next has, without its `:`.
fn label_len(s: &Stream<'_>) -> Option<usize> {
    let mut n = 0;
    loop {
        match s.peek(n)? {
            TokenTree::Ident(_) | TokenTree::Literal(_) => n += 1,
            TokenTree::Punct(p) if p.as_char() == '.' && n > 0 => n += 1,
            _ => break,
        }
        // Two names without a dot between them are no label; `model. 0.1` has its dot in the number.
        let name = |i: usize| matches!(s.peek(i), Some(TokenTree::Ident(_)));
        if n >= 2 && name(n - 1) && name(n - 2) {
            return None;
        }
    }
    (n > 0 && s.is_op(n, ":")).then_some(n)
}

/// The text of an integer or of what the lexer took for a float (`0.1` of `model.0.1`).
fn number_label(s: &Stream<'_>) -> Option<String> {
    let text = s.literal(0)?.to_string();
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.').then_some(text)
}

/// The string that comes next, if one does, split at its `{expr}`.
pub(super) fn text(s: &mut Stream<'_>) -> Parse<Option<Text>> {
    let Some(literal) = s.literal(0) else { return Ok(None) };
    let syn::Lit::Str(string) = syn::Lit::new(literal.clone()) else { return Ok(None) };
    let region = s.here();
    s.next();
    let value = string.value();
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = value.as_str();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '{' | '}' if after.starts_with(c) => {
                plain.push(c);
                &after[1..]
            }
            '{' => {
                let Some(end) = after.find('}') else {
                    return Err(s.report(
                        Diagnostic::new(region, "a `{` in this text has no `}`")
                            .help("a brace that is meant is doubled: `{{`"),
                    ));
                };
                if !plain.is_empty() {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Value(placeholder(s, &after[..end], region)?));
                &after[end + 1..]
            }
            '}' => {
                return Err(s.report(
                    Diagnostic::new(region, "a `}` in this text has no `{`")
                        .help("a brace that is meant is doubled: `}}`"),
                ));
            }
            _ => {
                plain.push(c);
                after
            }
        };
    }
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    Ok(Some(Text { pieces, region }))
}

/// The expression between braces.
fn placeholder(s: &Stream<'_>, source: &str, region: Region) -> Parse<super::ast::Expr> {
    let refuse = |help: &str| {
        let d = Diagnostic::new(region, format!("`{{{source}}}` in a text is not an expression"));
        s.report(d.help(help))
    };
    // Only what cannot upset the lexer (which may report errors of its own) is given to it.
    let allowed = |c: char| c.is_alphanumeric() || " _+-*/%.,()[]<>=!&|".contains(c);
    let plain = without_raw(source);
    let open = source.chars().filter(|c| "([".contains(*c)).count();
    if source.contains("//") || source.contains("/*") {
        return Err(refuse("integer `/` already floors"));
    }
    if !plain.chars().all(allowed) || open > MAX_DEPTH || !is_balanced(source) {
        return Err(refuse("write a name or arithmetic, such as `{i}` or `{i + 1}`"));
    }
    let Ok(tokens) = source.parse::<TokenStream>() else {
        return Err(refuse("write a name or arithmetic, such as `{i}` or `{i + 1}`"));
    };
    let mut inner = s.within(respan(tokens, region), region);
    let value = expr(&mut inner)?;
    if inner.is_empty() { Ok(value) } else { Err(inner.unexpected("`}`")) }
}

/// The text with `if` for each `r#if`: what is left has a `#` only where Rust has no raw identifier.
fn without_raw(source: &str) -> String {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    for (i, part) in source.split("r#").enumerate() {
        let name: String = part.chars().take_while(|c| in_name(*c)).collect();
        let begins =
            name.starts_with(|c: char| !c.is_numeric()) && !["self", "super", "crate", "Self", "_"].contains(&&*name);
        if i > 0 && (!begins || out.ends_with(in_name)) {
            out.push('#');
        }
        out.push_str(part);
    }
    out
}

fn is_balanced(source: &str) -> bool {
    let mut open = Vec::new();
    source.chars().all(|c| match c {
        '(' | '[' => {
            open.push(c);
            true
        }
        ')' => open.pop() == Some('('),
        ']' => open.pop() == Some('['),
        _ => true,
    }) && open.is_empty()
}

/// The tokens, all at the string they came from.
fn respan(tokens: TokenStream, region: Region) -> TokenStream {
    let at = |token: TokenTree| {
        let mut token = match token {
            TokenTree::Group(g) => TokenTree::Group(Group::new(g.delimiter(), respan(g.stream(), region))),
            other => other,
        };
        token.set_span(region.start);
        token
    };
    tokens.into_iter().map(at).collect()
}
