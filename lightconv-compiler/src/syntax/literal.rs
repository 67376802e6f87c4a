//! Literals: numbers, and what Python or Rust would write as a string or character.

use super::ast::{Expr, ExprKind};
use super::label::text;
use super::stream::{Parse, Stream};
use crate::diagnostics::Diagnostic;

/// The literal that comes next.
pub(super) fn literal(s: &mut Stream<'_>) -> Parse<Expr> {
    let region = s.here();
    if let Some(t) = text(s)? {
        return Ok(Expr { kind: ExprKind::Text(t), region });
    }
    let Some(literal) = s.literal(0).cloned() else { return Err(s.unexpected("a value")) };
    s.next();
    let kind = match syn::Lit::new(literal.clone()) {
        syn::Lit::Int(i) if i.suffix().is_empty() => match i.base10_parse::<i64>() {
            Ok(value) => ExprKind::Int(value),
            Err(_) => {
                return Err(s.report(Diagnostic::new(region, format!("`{i}` is too large: integers have 64 bits"))));
            }
        },
        syn::Lit::Float(f) if f.suffix().is_empty() => match f.base10_parse::<f64>() {
            Ok(value) if value.is_finite() => ExprKind::Float(value),
            _ => return Err(s.report(Diagnostic::new(region, format!("`{f}` is too large for a float")))),
        },
        syn::Lit::Int(i) => return Err(s.report(suffixed(region, i.base10_digits(), i.suffix()))),
        syn::Lit::Float(f) => return Err(s.report(suffixed(region, f.base10_digits(), f.suffix()))),
        syn::Lit::Char(c) => {
            let d = Diagnostic::new(region, format!("`{literal}` is a character of Rust, which is no value here"));
            return Err(s.report(d.help(format!("words are written without quotes: `{}`", c.value()))));
        }
        _ => {
            let text = literal.to_string();
            let d = Diagnostic::new(region, format!("`{text}` is no value here"));
            // What rustc refuses as a character is Python's string.
            let word = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).filter(|w| !w.is_empty());
            return Err(s.report(d.maybe_help(word.map(|w| format!("words are written without quotes: `{w}`")))));
        }
    };
    Ok(Expr { kind, region })
}

fn suffixed(region: crate::diagnostics::Region, digits: &str, suffix: &str) -> Diagnostic {
    Diagnostic::new(region, format!("numbers have no suffix here, found `{suffix}`")).help(format!("write `{digits}`"))
}
