//! The attributes of an item: `#[budget(…)]` and `#[ptflops(skip = […])]` are read, all others pass through.

use super::ast::{Attributes, Name};
use super::stream::{Parse, Stream, plain};
use crate::diagnostics::{Diagnostic, Region};
use crate::graph::{Budget, BudgetKind};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

const KINDS: &[(&str, BudgetKind)] = &[
    ("params", BudgetKind::Params),
    ("macs", BudgetKind::Macs),
    ("flops", BudgetKind::Flops),
    ("ptflops", BudgetKind::Ptflops),
    ("fvcore", BudgetKind::Fvcore),
    ("arena", BudgetKind::Arena),
];

const UNITS: &[(&str, f64)] = &[
    ("", 1.0),
    ("K", 1e3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("KiB", 1024.0),
    ("MiB", 1024.0 * 1024.0),
    ("GiB", 1024.0 * 1024.0 * 1024.0),
];

/// All attributes before an item.
pub(super) fn attributes(s: &mut Stream<'_>) -> Attributes {
    let mut all = Attributes::default();
    while s.is_op(0, "#") && s.group(1, Delimiter::Bracket).is_some() {
        let start = s.here();
        let (Some(hash), Some(TokenTree::Group(brackets))) = (s.next(), s.next()) else { continue };
        let Ok(mut inner) = s.enter(&fragment(brackets.clone())) else { continue };
        let tokens = seen_through(brackets.stream());
        let word = inner.word(0);
        match word.as_deref() {
            Some("budget") => {
                inner.next();
                let _ = budget(&mut inner, &mut all.budget);
            }
            Some("ptflops") => {
                inner.next();
                let _ = ptflops(&mut inner, &mut all.skip);
            }
            _ if is_attribute(&tokens) => {
                let tokens = if word.as_deref() == Some("derive") { without_debug(tokens) } else { tokens };
                // Without the groups that neither `syn` nor rustc sees through here.
                let mut seen = Group::new(Delimiter::Bracket, tokens.into_iter().collect());
                seen.set_span(brackets.span());
                let attribute: TokenStream = [hash, seen.into()].into_iter().collect();
                match word.as_deref() {
                    Some("cfg") => all.conditions.extend(attribute.clone()),
                    Some("cfg_attr") => all.conditions.extend(conditional(&inner)),
                    _ => {}
                }
                all.passed.extend(attribute);
            }
            // rustc would read no further, and miss the net with it
            _ => {
                s.report(
                    Diagnostic::new(Region::of(&brackets.into()), "this is no attribute")
                        .help("those of Rust are passed on, such as `#[derive(Clone)]` and `#[doc = \"…\"]`"),
                );
                continue;
            }
        }
        all.written.push((word.unwrap_or_default(), start.to(s.before())));
    }
    all
}

/// The fragment `$attribute:meta` of a `macro_rules!` if that is all that stands in the brackets, else the brackets.
fn fragment(mut group: Group) -> Group {
    loop {
        let mut tokens = group.stream().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Group(inner)), None) if inner.delimiter() == Delimiter::None => group = inner,
            _ => return group,
        }
    }
}

/// What is left of `cfg_attr(condition, attributes…)` when only each `cfg` among its attributes is kept.
fn conditional(s: &Stream<'_>) -> Option<TokenStream> {
    let tokens = seen_through(s.group(1, Delimiter::Parenthesis)?.stream());
    let is_cfg = |part: &&[TokenTree]| matches!(part.first(), Some(TokenTree::Ident(i)) if i == "cfg");
    let mut parts = tokens.split(is_comma);
    let condition = parts.next()?;
    let kept: Vec<_> = parts.filter(is_cfg).collect();
    (!kept.is_empty()).then(|| quote!(#[cfg_attr(#(#condition)*, #(#(#kept)*),*)]))
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == ',')
}

/// `derive(Clone, Debug)` without `Debug`, which every net has: one that is derived would conflict with it, and print all weights.
fn without_debug(mut derive: Vec<TokenTree>) -> Vec<TokenTree> {
    let Some(TokenTree::Group(list)) = derive.last() else { return derive };
    let span = list.span();
    let is_debug = |path: &[TokenTree]| matches!(path.last(), Some(TokenTree::Ident(i)) if i == "Debug");
    let traits = seen_through(list.stream());
    let kept = traits.split(is_comma).filter(|path| !path.is_empty() && !is_debug(path));
    let kept = kept.map(|path| quote!(#(#path)*));
    let mut list = Group::new(Delimiter::Parenthesis, quote!(#(#kept),*));
    list.set_span(span);
    derive.pop();
    derive.push(list.into());
    derive
}

/// Whether these are a path and, behind it, nothing, one group, or `=` with a literal or a macro. `syn` would tell, by a recursion
/// that deep nesting ends in an overflow.
fn is_attribute(tokens: &[TokenTree]) -> bool {
    let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(p) if p.as_char() == c);
    let in_path = |token: &TokenTree| matches!(token, TokenTree::Ident(_)) || is(token, ':');
    let len = tokens.iter().position(|t| !in_path(t)).unwrap_or(tokens.len());
    let (path, rest) = tokens.split_at(len);
    let is_value = |value: &[TokenTree]| match value {
        [TokenTree::Literal(_)] => true,
        [name @ .., bang, TokenTree::Group(_)] => is(bang, '!') && is_path(name),
        _ => false,
    };
    is_path(path)
        && match rest {
            [] | [TokenTree::Group(_)] => true,
            [equals, value @ ..] => is(equals, '=') && is_value(value),
        }
}

/// The tokens with those of groups without delimiters, which a caller's `macro_rules!` makes, in their places.
fn seen_through(tokens: TokenStream) -> Vec<TokenTree> {
    let inner = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => seen_through(group.stream()),
        other => vec![other],
    };
    tokens.into_iter().flat_map(inner).collect()
}

fn is_path(tokens: &[TokenTree]) -> bool {
    syn::parse::Parser::parse2(syn::Path::parse_mod_style, tokens.iter().cloned().collect()).is_ok()
}

fn budget(s: &mut Stream<'_>, terms: &mut Vec<Budget>) -> Parse<()> {
    let (_, mut inner) = s.expect_group(Delimiter::Parenthesis, "`(params <= 120_000, …)`")?;
    while !inner.is_empty() {
        if let Ok(term) = budget_term(&mut inner) {
            terms.push(term);
            if !inner.is_empty() && !inner.is_op(0, ",") {
                inner.unexpected("`,`");
            }
        }
        inner.skip_until(|s| s.is_op(0, ","));
        inner.eat_op(",");
    }
    Ok(())
}

fn budget_term(s: &mut Stream<'_>) -> Parse<Budget> {
    let names = || KINDS.iter().map(|(n, _)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let start = s.here();
    let word = plain(&s.expect_ident(&format!("one of {}", names()))?);
    let Some((_, kind)) = KINDS.iter().find(|(n, _)| *n == word) else {
        return Err(s.report(Diagnostic::new(start, format!("a budget bounds one of {}, not `{word}`", names()))));
    };
    let strict = s.is_op(0, "<");
    if !s.eat_op("<=") && !s.eat_op("<") {
        return Err(s.unexpected("`<=` or `<`"));
    }
    let Some(literal) = s.literal(0).map(ToString::to_string) else {
        return Err(s.unexpected("a number, such as `120_000`, `6M` or `96 KiB`"));
    };
    let number = s.here();
    s.next();
    let (digits, suffix) = split_number(&literal);
    let unit = if suffix.is_empty() && s.word(0).is_some() {
        s.next().map_or(String::new(), |t| t.to_string())
    } else {
        suffix.trim_start_matches('_').to_owned()
    };
    let Some((_, factor)) = UNITS.iter().find(|(u, _)| *u == unit) else {
        let d = Diagnostic::new(number.to(s.before()), format!("`{unit}` is not a unit of a budget"));
        return Err(s.report(d.help("K, M and G count in thousands, KiB, MiB and GiB in 1024s")));
    };
    let region = start.to(s.before());
    let (limit, whole) = match digits.parse::<u64>() {
        // `factor` is a whole number below 2^31.
        Ok(n) => (n.checked_mul(*factor as u64), true),
        Err(_) => {
            let value = digits.parse::<f64>().unwrap_or(f64::NAN) * factor;
            let fits = (0.0..9e18).contains(&value);
            (fits.then_some(value.floor() as u64), value.fract() == 0.0)
        }
    };
    let Some(limit) = limit else {
        return Err(s.report(Diagnostic::new(number, format!("`{literal}` is no number that a budget could hold"))));
    };
    // Less than 2.5 is at most 2.
    Ok(Budget { kind: *kind, limit, strict: strict && whole, region })
}

/// `96KiB` as `96` and `KiB`; underscores between digits are dropped.
fn split_number(text: &str) -> (String, &str) {
    let mut end = 0;
    let bytes = text.as_bytes();
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && (bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
                || (matches!(bytes.get(end + 1), Some(b'+' | b'-'))
                    && bytes.get(end + 2).is_some_and(u8::is_ascii_digit)));
        match bytes[end] {
            b'0'..=b'9' | b'_' | b'.' => end += 1,
            _ if exponent => end += 2,
            _ => break,
        }
    }
    let (digits, suffix) = text.split_at(end);
    (digits.replace('_', ""), suffix)
}

fn ptflops(s: &mut Stream<'_>, skip: &mut Vec<Name>) -> Parse<()> {
    let usage = "`(skip = [BatchNorm2d, …])`";
    let (_, mut inner) = s.expect_group(Delimiter::Parenthesis, usage)?;
    if !inner.eat_word("skip") {
        return Err(inner.unexpected("`skip = [BatchNorm2d, …]`"));
    }
    inner.expect_op("=")?;
    let (_, mut list) = inner.expect_group(Delimiter::Bracket, "a list of layers, such as `[BatchNorm2d]`")?;
    while !list.is_empty() {
        let ident = list.expect_ident("the name of a layer")?;
        skip.push(Name { text: plain(&ident), region: Region::from(ident.span()) });
        if !list.is_empty() {
            list.expect_op(",")?;
        }
    }
    if inner.is_empty() { Ok(()) } else { Err(inner.unexpected("nothing more")) }
}
