//! Bodies: statements and what stands after them, patterns, entries with `if` and `for`, shapes.

use super::ast::{
    Body, Branch, Dims, Entry, EntryKind, Expr, ExprKind, For, If, Name, Pattern, PatternKind, Statement,
};
use super::expr::{continue_expr, expr, layer};
use super::item::{error_at, name};
use super::label::{label, text};
use super::stream::{Parse, Reported, Stream, plain};
use crate::diagnostics::{Diagnostic, Region};
use proc_macro2::{Delimiter, TokenTree};

/// The body of a net or block, to its end: statements and one expression.
pub(super) fn body(s: &mut Stream<'_>) -> Body {
    let errors = s.diagnostics.count();
    let mut statements = statements(s);
    let end = s.here();
    let mut result = None;
    while !s.is_empty() {
        let value = expr(s);
        let region = value.as_ref().map_or(end, |v| v.region);
        if s.is_empty() {
            result = Some(value.unwrap_or_else(|_| error_at(end)));
        } else if s.eat_op(";") {
            let d = if s.is_empty() {
                result = value.ok();
                Diagnostic::new(s.before(), "the last expression is the result, and ends without a `;`")
                    .help("remove the `;`")
            } else {
                // looked at all the same: its errors come with this one
                let pattern = Pattern { kind: PatternKind::Ignore, region };
                statements.extend(value.ok().map(|value| Statement::Let { pattern, value }));
                Diagnostic::new(region, "the value of this expression is not used").help("name it with `let name = …;`")
            };
            if result.is_some() || s.diagnostics.count() == errors {
                s.report(d);
            }
        } else {
            if let Ok(value) = &value {
                s.unexpected_but("`;` or the end of the body", meant_instead(s, value));
            }
            resume(s);
        }
        statements.extend(self::statements(s));
    }
    let result = result.unwrap_or_else(|| {
        if s.diagnostics.count() == errors {
            s.report(
                Diagnostic::new(s.here(), "the body has no result")
                    .help("end it with an expression without `;`, such as `x -> ReLU`"),
            );
        }
        error_at(s.here())
    });
    Body { statements, result }
}

/// What is probably meant by the token behind a value.
fn meant_instead(s: &Stream<'_>, value: &Expr) -> Option<&'static str> {
    let is_layer = matches!(s.peek(0), Some(TokenTree::Ident(i)) if i.to_string().starts_with(char::is_uppercase));
    if matches!(value.kind, ExprKind::If(_)) {
        Some("an `if` is a value: `let y = if c { a } else { b };`")
    } else if is_layer || s.is_op(0, "=>") || s.is_op(0, "|") {
        Some("a layer is applied with `->`, as in `x -> ReLU`")
    } else if s.is_op(0, "::") && s.is_op(2, "<") {
        Some("arguments stand in parentheses, such as `Conv2d(8, 3)`")
    } else if s.is_op(0, "::") {
        Some("blocks are named without a path: `use path::to::Block;` in this invocation brings one in")
    } else if begins_statement(s) {
        Some("statements end with `;` and stand before the result")
    } else {
        None
    }
}

/// Statements, as long as there are any.
fn statements(s: &mut Stream<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    while !s.is_empty() {
        if inner_item(s, &mut out) {
            continue;
        }
        let before = s.position();
        match statement(s, &mut out) {
            None => break,
            Some(Ok(())) if s.eat_op(";") => {}
            Some(Ok(())) => {
                s.unexpected_but("`;`", Some("a statement ends with `;`"));
                if !s.on_new_line() {
                    resume(s);
                }
            }
            Some(Err(Reported)) => {
                // What could not be read may begin another statement: the way on leads past it.
                if s.position() == before {
                    s.next();
                }
                resume(s);
            }
        }
    }
    out
}

/// A block or another item in a body, where none belongs: reported, skipped, its name known from then on.
fn inner_item(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> bool {
    let is_item = matches!(s.word(0).as_deref(), Some("block" | "net" | "fn" | "const"));
    let Some(TokenTree::Ident(ident)) = s.peek(1).filter(|_| is_item).cloned() else { return false };
    let d = Diagnostic::new(s.here(), "items do not stand in bodies");
    s.report(d.help(format!("move `{ident}` out, beside the net; in a body values are named with `let`")));
    s.skip_until(|s| s.group(0, Delimiter::Brace).is_some() || s.is_op(0, ";"));
    s.next();
    out.push(defined_by_an_error(Name { text: plain(&ident), region: Region::from(ident.span()) }));
    true
}

/// Skips behind the next `;`, or to the next statement.
fn resume(s: &mut Stream<'_>) {
    s.skip_until(|s| s.is_op(0, ";") || begins_statement(s));
    s.eat_op(";");
}

fn begins_statement(s: &Stream<'_>) -> bool {
    let then_name = matches!(s.peek(1), Some(TokenTree::Ident(_)));
    match s.word(0).as_deref() {
        Some("let") => s.is_word("let") && !s.is_op(1, ":"),
        Some("layer") => then_name && s.is_op(2, "="),
        Some("param") => then_name && s.is_op(2, ":"),
        Some("require") => s.group(1, Delimiter::Parenthesis).is_some(),
        _ => false,
    }
}

/// One statement without its `;`, or `None` where none begins.
fn statement(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> Option<Parse<()>> {
    if matches!(s.peek(0), Some(TokenTree::Ident(_))) && !s.is_word("let") && s.is_op(1, "=") {
        let name = s.word(0).unwrap_or_default();
        s.report(
            Diagnostic::new(s.here(), format!("`{name} = …` has no `let`"))
                .help(format!("write `let {name} = …;`, which may bind a name again")),
        );
        return Some(let_statement(s, out));
    }
    if !begins_statement(s) {
        let then_name = matches!(s.peek(1), Some(TokenTree::Ident(_)));
        let word = s.word(0).filter(|w| then_name && !s.is_op(1, ":") && (w == "layer" || w == "param"))?;
        s.next();
        let expected = if word == "layer" { "`=`" } else { "`:` and a shape" };
        return Some(name(s, "a name").and_then(|name| {
            out.push(defined_by_an_error(name));
            let help = "it has one name; the labels of what it stands in come in front of that";
            Err(s.unexpected_but(expected, s.is_op(0, ".").then_some(help)))
        }));
    }
    let keyword = s.word(0)?;
    s.next();
    Some(match keyword.as_str() {
        "let" => let_statement(s, out),
        "layer" => layer_statement(s, out),
        "param" => param_statement(s, out),
        _ => require_statement(s, out),
    })
}

fn let_statement(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> Parse<()> {
    if s.is_word("mut") {
        s.report(
            Diagnostic::new(s.here(), "nothing is ever changed, so there is no `mut`")
                .help("bind the name again: `let x = x -> ReLU;`"),
        );
        s.next();
    }
    let pattern = names(s, "let (a, b) = …;")?;
    if s.is_op(0, ":") {
        s.report(Diagnostic::new(s.here(), "values have no stated types here").help("write `let name = …;`"));
        s.skip_until(|s| s.is_op(0, "=") || s.is_op(0, ";"));
    }
    let value = s.expect_op("=").and_then(|()| expr(s));
    let (value, result) = match value {
        Ok(v) => (v, Ok(())),
        Err(Reported) => (error_at(pattern.region), Err(Reported)),
    };
    out.push(Statement::Let { pattern, value });
    result
}

fn layer_statement(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> Parse<()> {
    let name = name(s, "the layer's name")?;
    let value = s.expect_op("=").and_then(|()| layer(s));
    let (layer, result) = match value {
        Ok(v) => (v, Ok(())),
        Err(Reported) => (error_at(name.region), Err(Reported)),
    };
    out.push(Statement::Layer { name, layer });
    result
}

fn param_statement(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> Parse<()> {
    let name = name(s, "the name of the learnt tensor")?;
    match s.expect_op(":").and_then(|()| dims(s)) {
        Ok(dims) => {
            out.push(Statement::Param { name, dims });
            Ok(())
        }
        Err(Reported) => {
            out.push(defined_by_an_error(name));
            Err(Reported)
        }
    }
}

/// What makes a name known whose statement is wrong, so that its uses are no errors too.
fn defined_by_an_error(name: Name) -> Statement {
    let pattern = Pattern { kind: PatternKind::Name(name.text), region: name.region };
    Statement::Let { pattern, value: error_at(name.region) }
}

fn require_statement(s: &mut Stream<'_>, out: &mut Vec<Statement>) -> Parse<()> {
    let (_, mut inner) = s.expect_group(Delimiter::Parenthesis, "`(condition, \"message\")`")?;
    let condition = expr(&mut inner)?;
    if !inner.eat_op(",") {
        return Err(inner.unexpected("`,` and a message in quotes"));
    }
    let Some(message) = text(&mut inner)? else { return Err(inner.unexpected("a message in quotes")) };
    inner.eat_op(",");
    out.push(Statement::Require { condition, message });
    if inner.is_empty() { Ok(()) } else { Err(inner.unexpected("`)`")) }
}

/// A pattern, or several with commas between them, as Python has it.
fn names(s: &mut Stream<'_>, example: &str) -> Parse<Pattern> {
    let mut parts = vec![pattern(s)?];
    let start = parts[0].region;
    while s.eat_op(",") {
        parts.push(pattern(s)?);
    }
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let region = start.to(s.before());
    s.report(Diagnostic::new(region, "several names stand in parentheses").help(format!("write `{example}`")));
    Ok(Pattern { kind: PatternKind::Tuple(parts), region })
}

/// `name`, `_` or a tuple of patterns.
pub(super) fn pattern(s: &mut Stream<'_>) -> Parse<Pattern> {
    let start = s.here();
    if s.eat_word("_") {
        return Ok(Pattern { kind: PatternKind::Ignore, region: start });
    }
    let bracket = s.group(0, Delimiter::Bracket).is_some();
    if bracket || s.group(0, Delimiter::Parenthesis).is_some() {
        let delimiter = if bracket { Delimiter::Bracket } else { Delimiter::Parenthesis };
        let (region, mut inner) = s.expect_group(delimiter, "a pattern")?;
        if bracket {
            s.report(
                Diagnostic::new(region, "several names stand in parentheses, not in brackets").help("such as `(a, b)`"),
            );
        }
        let mut parts = Vec::new();
        let mut comma = false;
        while !inner.is_empty() {
            parts.push(pattern(&mut inner)?);
            comma = inner.eat_op(",");
            if !comma && !inner.is_empty() {
                return Err(inner.unexpected("`,` or `)`"));
            }
        }
        return Ok(match parts.len() {
            1 if !comma => Pattern { region, ..parts.remove(0) },
            _ => Pattern { kind: PatternKind::Tuple(parts), region },
        });
    }
    let name = name(s, "a name, `_` or a tuple of names")?;
    Ok(Pattern { kind: PatternKind::Name(name.text), region: name.region })
}

/// `[3, 224, 224]`
pub(super) fn dims(s: &mut Stream<'_>) -> Parse<Dims> {
    let (region, mut inner) = s.expect_group(Delimiter::Bracket, "a shape, such as `[3, 224, 224]`")?;
    let mut sizes = Vec::new();
    while !inner.is_empty() {
        sizes.push(expr(&mut inner)?);
        if !inner.eat_op(",") && !inner.is_empty() {
            return Err(inner.unexpected("`,` or `]`"));
        }
    }
    Ok(Dims { sizes, region })
}

/// Entries to the end of the group, and whether a comma stood at the end.
pub(super) fn entries(s: &mut Stream<'_>, close: &str) -> (Vec<Entry>, bool) {
    let (mut out, mut comma) = (Vec::new(), false);
    while !s.is_empty() {
        let start = s.here();
        let parsed = entry(s);
        let mut failed = parsed.is_err();
        let braced = matches!(&parsed, Ok(e) if !matches!(e.kind, EntryKind::Expr(_)));
        out.push(parsed.unwrap_or_else(|_| Entry {
            label: None,
            kind: EntryKind::Expr(error_at(start)),
            region: start,
        }));
        comma = s.eat_op(",");
        if comma || s.is_empty() || braced {
            continue;
        }
        if !failed {
            s.unexpected(&format!("`,` or `{close}`"));
            failed = true;
        }
        if failed {
            // What was read is not what was meant: an unknown entry silences all that would follow from it.
            let region = start.to(s.before());
            out.pop();
            out.push(Entry { label: None, kind: EntryKind::Expr(error_at(region)), region });
            s.skip_until(|s| s.is_op(0, ","));
            comma = s.eat_op(",");
        }
    }
    (out, comma)
}

fn entry(s: &mut Stream<'_>) -> Parse<Entry> {
    let start = s.here();
    let label = label(s)?;
    let kind = if label.is_none() && s.is_word("for") {
        EntryKind::For(for_entry(s)?)
    } else if label.is_none() && s.is_word("if") {
        let first = if_expr(s)?;
        if operator_follows(s) {
            let region = first.region;
            EntryKind::Expr(continue_expr(s, Expr { kind: ExprKind::If(Box::new(first)), region })?)
        } else {
            EntryKind::If(first)
        }
    } else {
        EntryKind::Expr(expr(s)?)
    };
    Ok(Entry { label, kind, region: start.to(s.before()) })
}

/// Whether an operator that cannot begin an entry comes next, so that an `if` before it is its operand.
fn operator_follows(s: &Stream<'_>) -> bool {
    ["->", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "."].iter().any(|o| s.is_op(0, o))
}

/// `if c { … } else if d { … } else { … }`
pub(super) fn if_expr(s: &mut Stream<'_>) -> Parse<If> {
    let start = s.here();
    let mut arms = Vec::new();
    let mut otherwise = None;
    while s.eat_word("if") {
        if s.is_word("let") {
            return Err(
                s.report(Diagnostic::new(s.here(), "there is no `if let`").help("compare: `if act != none { … }`"))
            );
        }
        // which may begin with an `if` in its turn
        let condition = s.deeper(expr)?;
        arms.push((condition, branch(s)?));
        if s.is_word("elif") {
            s.report(Diagnostic::new(s.here(), "`elif` is Python; write `else if`"));
            s.next();
            let condition = s.deeper(expr)?;
            arms.push((condition, branch(s)?));
        }
        if !s.eat_word("else") {
            break;
        }
        if !s.is_word("if") {
            otherwise = Some(branch(s)?);
            break;
        }
    }
    Ok(If { arms, otherwise, region: start.to(s.before()) })
}

fn for_entry(s: &mut Stream<'_>) -> Parse<For> {
    s.next();
    let pattern = names(s, "for (a, b) in …")?;
    if !s.eat_word("in") {
        return Err(s.unexpected("`in`"));
    }
    let values = expr(s)?;
    Ok(For { pattern, values, body: branch(s)? })
}

fn branch(s: &mut Stream<'_>) -> Parse<Branch> {
    let (region, mut inner) = s.expect_group(Delimiter::Brace, "`{`")?;
    let statements = statements(&mut inner);
    let (entries, _) = entries(&mut inner, "}");
    Ok(Branch { statements, entries, region })
}
