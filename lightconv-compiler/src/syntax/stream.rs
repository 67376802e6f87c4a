//! A cursor over the tokens of one group: looking ahead, taking, expecting, skipping to where parsing can go on.
//!
//! Groups without delimiters, which a caller's `macro_rules!` makes, are resolved here: a single token stands for itself,
//! a fragment that begins a statement or item is spliced in, and anything else counts as if it stood in parentheses.

use super::source::{Source, floor_division};
use crate::diagnostics::{Diagnostic, Diagnostics, Region};
use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};
use std::rc::Rc;

/// How deep groups and prefix operators may nest.
pub(super) const MAX_DEPTH: usize = 100;

/// Operators of more than one character, the language's and Rust's and Python's that may be met in their place.
const OPERATORS: &[&str] = &["->", "=>", "==", "!=", "<=", ">=", "&&", "||", "**", "::", "..=", ".."];

/// An error that has been reported: the caller recovers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// The result of a parsing function.
pub(super) type Parse<T> = Result<T, Reported>;

/// The tokens of one group and a place in them.
pub(super) struct Stream<'d> {
    tokens: Vec<TokenTree>,
    at: usize,
    close: Region,
    depth: usize,
    source: Option<Rc<Source>>,
    /// The token after which a comment swallowed a floor division, which was reported.
    swallowed: Option<usize>,
    pub(super) diagnostics: &'d Diagnostics,
}

impl<'d> Stream<'d> {
    /// The tokens of an invocation, doc comments kept.
    pub(super) fn items(tokens: TokenStream, diagnostics: &'d Diagnostics) -> Stream<'d> {
        let close = tokens.clone().into_iter().last().map_or_else(Region::call_site, |t| Region::of(&t).end.into());
        let tokens = flatten(tokens, true, 0);
        Stream { tokens, at: 0, close, depth: 0, source: None, swallowed: None, diagnostics }
    }

    /// Tokens that stand for an expression within the token at `region`.
    pub(super) fn within(&self, tokens: TokenStream, region: Region) -> Stream<'d> {
        let tokens = flatten(tokens, false, 0);
        let (depth, diagnostics) = (self.depth + 1, self.diagnostics);
        Stream { tokens, at: 0, close: region, depth, source: None, swallowed: None, diagnostics }
    }

    /// The inside of a group.
    pub(super) fn enter(&self, group: &Group) -> Parse<Stream<'d>> {
        if self.depth >= MAX_DEPTH {
            let d = Diagnostic::new(group.span_open(), format!("nested more than {MAX_DEPTH} deep"));
            return Err(self.report(d.help("name the inner parts with `let`")));
        }
        let tokens = flatten(group.stream(), false, 0);
        let source = self.source.clone().or_else(|| Source::of(group).map(Rc::new));
        let (close, depth, diagnostics) = (group.span_close().into(), self.depth + 1, self.diagnostics);
        let mut stream = Stream { tokens, at: 0, close, depth, source, swallowed: None, diagnostics };
        stream.find_floor_division();
        Ok(stream)
    }

    /// Runs `f` one level deeper, for what nests without a group.
    pub(super) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.report(Diagnostic::new(self.here(), format!("nested more than {MAX_DEPTH} deep"))));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Reports an error.
    pub(super) fn report(&self, d: Diagnostic) -> Reported {
        self.diagnostics.push(d);
        Reported
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The token `n` ahead.
    pub(super) fn peek(&self, n: usize) -> Option<&TokenTree> {
        self.tokens.get(self.at.checked_add(n)?)
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(token)
    }

    /// The next token, or the closing delimiter.
    pub(super) fn here(&self) -> Region {
        self.peek(0).map_or(self.close, Region::of)
    }

    /// The token before, or the next one at the very beginning.
    pub(super) fn before(&self) -> Region {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or_else(|| self.here(), Region::of)
    }

    /// Whether an identifier comes `n` ahead, and which (without `r#`).
    pub(super) fn word(&self, n: usize) -> Option<String> {
        match self.peek(n) {
            Some(TokenTree::Ident(i)) => Some(plain(i)),
            _ => None,
        }
    }

    /// Whether the identifier `word` comes next; `r#word` is a name, not a keyword.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(0), Some(TokenTree::Ident(i)) if i == word)
    }

    /// Takes the identifier `word` if it comes next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Whether the operator `op` comes `n` ahead, its characters joined, and is not the beginning of a longer one.
    pub(super) fn is_op(&self, n: usize, op: &str) -> bool {
        let len = op.len();
        op.chars().enumerate().all(|(i, c)| match self.peek(n + i) {
            Some(TokenTree::Punct(p)) => p.as_char() == c && (i + 1 == len || p.spacing() == Spacing::Joint),
            _ => false,
        }) && !self.goes_on(n, op)
    }

    /// Takes the operator `op` if it comes next.
    pub(super) fn eat_op(&mut self, op: &str) -> bool {
        let found = self.is_op(0, op);
        self.at += if found { op.len() } else { 0 };
        found
    }

    /// Whether the last character of `op` and what follows make another operator.
    fn goes_on(&self, n: usize, op: &str) -> bool {
        let len = op.len();
        let joint = matches!(self.peek(n + len - 1), Some(TokenTree::Punct(p)) if p.spacing() == Spacing::Joint);
        let Some(TokenTree::Punct(next)) = self.peek(n + len) else { return false };
        let longer: &[&str] = match op {
            "-" => &["->"],
            "=" => &["==", "=>"],
            "<" => &["<="],
            ">" => &[">="],
            "!" => &["!="],
            "*" => &["**"],
            ":" => &["::"],
            "." => &[".."],
            ".." => &["..="],
            _ => &[],
        };
        joint && longer.iter().any(|l| l.ends_with(next.as_char()))
    }

    /// The group with `delimiter`, if it comes `n` ahead.
    pub(super) fn group(&self, n: usize, delimiter: Delimiter) -> Option<&Group> {
        match self.peek(n) {
            Some(TokenTree::Group(g)) if g.delimiter() == delimiter => Some(g),
            _ => None,
        }
    }

    /// Takes a group with `delimiter` and enters it; `what` says what was to stand there.
    pub(super) fn expect_group(&mut self, delimiter: Delimiter, what: &str) -> Parse<(Region, Stream<'d>)> {
        let Some(group) = self.group(0, delimiter).cloned() else { return Err(self.unexpected(what)) };
        self.at += 1;
        let region = Region { start: group.span_open(), end: group.span_close() };
        Ok((region, self.enter(&group)?))
    }

    /// Takes the operator `op`.
    pub(super) fn expect_op(&mut self, op: &str) -> Parse<()> {
        if self.eat_op(op) { Ok(()) } else { Err(self.unexpected(&format!("`{op}`"))) }
    }

    /// Takes an identifier; `what` says of what.
    pub(super) fn expect_ident(&mut self, what: &str) -> Parse<Ident> {
        match self.peek(0) {
            Some(TokenTree::Ident(i)) => {
                let i = i.clone();
                self.at += 1;
                Ok(i)
            }
            _ => Err(self.unexpected(what)),
        }
    }

    /// The literal that comes `n` ahead.
    pub(super) fn literal(&self, n: usize) -> Option<&Literal> {
        match self.peek(n) {
            Some(TokenTree::Literal(l)) => Some(l),
            _ => None,
        }
    }

    /// Reports that `expected` does not stand here.
    pub(super) fn unexpected(&self, expected: &str) -> Reported {
        self.unexpected_but(expected, None)
    }

    /// The same, where it is known how to mend it.
    pub(super) fn unexpected_but(&self, expected: &str, help: Option<&str>) -> Reported {
        if self.swallowed.is_some_and(|i| i + 1 == self.at) {
            return Reported;
        }
        let found = match (OPERATORS.iter().find(|op| self.is_op(0, op)), self.peek(0)) {
            (Some(operator), _) => format!("`{operator}`"),
            (None, Some(token)) => format!("`{}`", brief(token)),
            (None, None) => "the end".to_owned(),
        };
        let mut d = Diagnostic::new(self.here(), format!("expected {expected}, found {found}"))
            .maybe_help(help.map(str::to_owned));
        if let Some(comment) = self.comment_before() {
            d = d.help(format!(
                "`//` starts a comment in Rust, so `{comment}` was not read; integer `/` already floors"
            ));
        }
        self.report(d)
    }

    /// Skips to where `stop` holds, or to the end.
    pub(super) fn skip_until(&mut self, stop: impl Fn(&Self) -> bool) {
        while !self.is_empty() && !stop(self) {
            self.at += 1;
        }
    }

    /// Whether the next token stands on a later line than the one before.
    pub(super) fn on_new_line(&self) -> bool {
        self.here().start.start().line > self.before().end.end().line
    }

    /// Where the cursor stands, for checking that it moves.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The source of the tokens from `start` to before `end`.
    pub(super) fn text(&self, start: usize, end: usize) -> String {
        let tokens = self.tokens.get(start..end).unwrap_or_default();
        tokens.iter().cloned().collect::<TokenStream>().to_string()
    }

    /// The tokens from `start` to before the cursor.
    pub(super) fn since(&self, start: usize) -> TokenStream {
        self.tokens.get(start..self.at).unwrap_or_default().iter().cloned().collect()
    }

    /// A comment that follows the token before on its line and may be meant as a division.
    fn comment_before(&self) -> Option<String> {
        let i = self.at.checked_sub(1)?;
        if !self.on_new_line() {
            return None;
        }
        let comment = self.source.as_ref()?.comment_after(self.tokens.get(i)?)?;
        comment.starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '_').then(|| format!("// {comment}"))
    }

    /// Reports `c // 4`, of which Rust's lexer leaves only `c`, even where what is left is a program.
    fn find_floor_division(&mut self) {
        let Some(source) = self.source.clone() else { return };
        for (i, token) in self.tokens.iter().enumerate() {
            let operand = match token {
                TokenTree::Ident(_) | TokenTree::Literal(_) => true,
                TokenTree::Group(g) => g.delimiter() != Delimiter::Brace,
                TokenTree::Punct(_) => false,
            };
            let next = self.tokens.get(i + 1).map_or(self.close, Region::of);
            if !operand || next.start.start().line == Region::of(token).end.end().line {
                continue;
            }
            if let Some(divisor) = source.comment_after(token).as_deref().and_then(floor_division) {
                let text = brief(token);
                let d = Diagnostic::new(
                    Region::of(token),
                    format!("`//` starts a comment in Rust, so `{text} // {divisor}` is read as `{text}`"),
                );
                self.diagnostics.push(d.help(format!("write `{text} / {divisor}`: integer `/` floors")));
                self.swallowed.get_or_insert(i);
            }
        }
    }
}

/// The text of an identifier without `r#`.
pub(super) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or(text.clone(), str::to_owned)
}

/// A token as a message quotes it.
fn brief(token: &TokenTree) -> String {
    let text = match token {
        TokenTree::Group(g) => match g.delimiter() {
            Delimiter::Parenthesis => "(".to_owned(),
            Delimiter::Brace => "{".to_owned(),
            Delimiter::Bracket => "[".to_owned(),
            Delimiter::None => "…".to_owned(),
        },
        other => other.to_string(),
    };
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
}

/// The tokens of one level: groups without delimiters resolved, doc comments dropped unless `items`.
fn flatten(tokens: TokenStream, items: bool, depth: usize) -> Vec<TokenTree> {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(g) if g.delimiter() == Delimiter::None => {
                // Deeper ones are left as they are, which the parser then refuses.
                if depth >= MAX_DEPTH {
                    out.push(TokenTree::Group(g));
                    continue;
                }
                let inner = flatten(g.stream(), items, depth + 1);
                if inner.len() <= 1 || begins_statement(&inner[0]) {
                    out.extend(inner);
                } else {
                    let span = g.span();
                    let mut paren = Group::new(Delimiter::Parenthesis, inner.into_iter().collect());
                    paren.set_span(fallback(span, g.stream()));
                    out.push(TokenTree::Group(paren));
                }
            }
            token => out.push(token),
        }
        if !items {
            drop_doc_comment(&mut out);
        }
    }
    out
}

/// The span of a group without delimiters may be the whole macro's; its first token's is closer.
fn fallback(span: Span, inner: TokenStream) -> Span {
    inner.into_iter().next().map_or(span, |t| t.span())
}

/// Whether the fragment that begins so is a statement, an item or a visibility rather than an expression.
fn begins_statement(first: &TokenTree) -> bool {
    match first {
        TokenTree::Ident(i) => ["let", "pub", "use", "const"].iter().any(|w| i == w),
        TokenTree::Punct(p) => p.as_char() == '#',
        _ => false,
    }
}

/// Removes `#[doc = "…"]` or `#![doc = "…"]` from the end.
fn drop_doc_comment(out: &mut Vec<TokenTree>) {
    let [.., TokenTree::Punct(_), TokenTree::Group(group)] = out.as_slice() else { return };
    let is_doc = group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(i)) if i == "doc");
    if !is_doc {
        return;
    }
    let is = |at: usize, c: char| matches!(out.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    let n = out.len();
    if is(n - 2, '#') {
        out.truncate(n - 2);
    } else if n >= 3 && is(n - 2, '!') && is(n - 3, '#') {
        out.truncate(n - 3);
    }
}
