//! Expressions, from what binds loosest (`->`) to what binds tightest (calls, indices, fields).

use super::ast::{Argument, BinaryOp, Entry, EntryKind, Expr, ExprKind, If, Name, Step, Suffix, SuffixKind, UnaryOp};
use super::body::{entries, if_expr};
use super::item::error_at;
use super::label::label;
use super::literal::literal;
use super::stream::{Parse, Reported, Stream, plain};
use crate::diagnostics::{Diagnostic, Region};
use crate::ops;
use proc_macro2::{Delimiter, Group, TokenTree};

/// Infix operators by precedence, loosest first; longer ones before those they begin with.
const LEVELS: [&[BinaryOp]; 5] = [
    &[BinaryOp::Or],
    &[BinaryOp::And],
    &[BinaryOp::Eq, BinaryOp::Ne, BinaryOp::Le, BinaryOp::Ge, BinaryOp::Lt, BinaryOp::Gt],
    &[BinaryOp::Add, BinaryOp::Sub],
    &[BinaryOp::Mul, BinaryOp::Div, BinaryOp::Rem],
];
const COMPARISONS: usize = 2;
const PRODUCTS: usize = 4;

/// Any expression.
pub(super) fn expr(s: &mut Stream<'_>) -> Parse<Expr> {
    flow(s, None)
}

/// An expression of which the first operand was read already.
pub(super) fn continue_expr(s: &mut Stream<'_>, first: Expr) -> Parse<Expr> {
    flow(s, Some(first))
}

/// A layer, as it stands behind `->` or `layer name =`.
pub(super) fn layer(s: &mut Stream<'_>) -> Parse<Expr> {
    suffixed(s, None)
}

fn flow(s: &mut Stream<'_>, first: Option<Expr>) -> Parse<Expr> {
    let source = range(s, first)?;
    let mut steps = Vec::new();
    while s.eat_op("->") {
        let label = label(s)?;
        let layer = layer(s)?;
        steps.push(Step { label, layer });
        if let Some(op) = (0..LEVELS.len()).find_map(|level| operator(s, level)) {
            let d =
                Diagnostic::new(s.here(), format!("`->` binds loosest, so `{}` cannot follow a layer", op.symbol()));
            return Err(s.report(d.help("put the flow in parentheses: `(x -> A) + y`")));
        }
    }
    python_tail(s)?;
    Ok(match steps.last() {
        None => source,
        Some(last) => {
            let region = source.region.to(last.layer.region);
            Expr { kind: ExprKind::Flow(Box::new(source), steps), region }
        }
    })
}

/// Python's `a if c else b` and `a for i in n`, which stand behind an operand.
fn python_tail(s: &Stream<'_>) -> Parse<()> {
    let spelling = match s.word(0).as_deref() {
        Some("if") if s.is_word("if") => "`a if c else b` is Python; write `if c { a } else { b }`",
        Some("for") if s.is_word("for") => "`a for i in n` is Python; write `for i in 0..n { a }`",
        _ => return Ok(()),
    };
    let mut n = 1;
    while s.peek(n).is_some() && !s.is_op(n, ",") && !s.is_op(n, ";") {
        if s.group(n, Delimiter::Brace).is_some() {
            return Ok(());
        }
        n += 1;
    }
    Err(s.report(Diagnostic::new(s.here(), spelling)))
}

fn range(s: &mut Stream<'_>, first: Option<Expr>) -> Parse<Expr> {
    let region = s.here();
    let open = first.is_none() && (s.is_op(0, "..") || s.is_op(0, "..="));
    let start = if open { None } else { Some(binary(s, 0, first)?) };
    let inclusive = s.is_op(0, "..=");
    if !s.eat_op("..") && !s.eat_op("..=") {
        return match start {
            Some(value) => Ok(value),
            None => Err(s.unexpected("an expression")),
        };
    }
    let end = if begins_operand(s) { Some(binary(s, 0, None)?) } else { None };
    if inclusive && end.is_none() {
        return Err(s.unexpected("the end of the range"));
    }
    let region = start.as_ref().map_or(region, |e| e.region).to(s.before());
    Ok(Expr { kind: ExprKind::Range { start: start.map(Box::new), end: end.map(Box::new), inclusive }, region })
}

fn begins_operand(s: &Stream<'_>) -> bool {
    match s.peek(0) {
        Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => true,
        Some(TokenTree::Group(g)) => g.delimiter() != Delimiter::Brace,
        Some(TokenTree::Punct(_)) => s.is_op(0, "-") || s.is_op(0, "!"),
        None => false,
    }
}

/// The operator of `level` that comes next; Python's words for it count, for better messages.
fn operator(s: &Stream<'_>, level: usize) -> Option<BinaryOp> {
    let found = LEVELS[level].iter().copied().find(|op| s.is_op(0, op.symbol()));
    found.or_else(|| match (level, s.word(0)?.as_str()) {
        (0, "or") => Some(BinaryOp::Or),
        (1, "and") => Some(BinaryOp::And),
        (COMPARISONS, "is") => Some(BinaryOp::Eq),
        _ => None,
    })
}

/// Takes the operator that [`operator`] found.
fn take_operator(s: &mut Stream<'_>, mut op: BinaryOp) -> BinaryOp {
    if s.eat_op(op.symbol()) {
        return op;
    }
    let (region, mut word) = (s.here(), s.word(0).unwrap_or_default());
    s.next();
    if word == "is" && s.eat_word("not") {
        (op, word) = (BinaryOp::Ne, "is not".to_owned());
    }
    s.report(Diagnostic::new(region, format!("`{word}` is Python; write `{}`", op.symbol())));
    op
}

fn binary(s: &mut Stream<'_>, level: usize, first: Option<Expr>) -> Parse<Expr> {
    let start = s.position();
    let first = if level + 1 < LEVELS.len() { binary(s, level + 1, first)? } else { unary(s, first)? };
    let mut rest = Vec::new();
    let mut chained = Vec::new();
    loop {
        if level == PRODUCTS && s.is_op(0, "**") {
            return power(s, first.region);
        }
        let Some(op) = operator(s, level) else { break };
        chained.push((s.position(), op));
        let op = take_operator(s, op);
        if s.is_op(0, "=") {
            return Err(s.report(
                Diagnostic::new(s.here(), "nothing is ever changed, so there is no assignment")
                    .help("bind the name again with `let`"),
            ));
        }
        let operand = if level + 1 < LEVELS.len() { binary(s, level + 1, None)? } else { unary(s, None)? };
        rest.push((op, operand));
    }
    if level == PRODUCTS && s.is_op(0, "@") {
        return Err(s.report(Diagnostic::new(s.here(), "there is no operator `@`").help("write `(a, b) -> MatMul`")));
    }
    for (wrong, right) in [("&", "&&"), ("|", "||")] {
        if level == 0 && s.is_op(0, wrong) && !s.is_op(0, right) {
            return Err(s.report(
                Diagnostic::new(s.here(), format!("there is no operator `{wrong}`"))
                    .help(format!("write `{right}` for booleans")),
            ));
        }
    }
    let Some((_, last)) = rest.last() else { return Ok(first) };
    let region = first.region.to(last.region);
    if level == COMPARISONS && rest.len() > 1 {
        return Ok(chained_comparison(s, start, &chained, region));
    }
    Ok(Expr { kind: ExprKind::Chain(Box::new(first), rest), region })
}

/// `a ** b`, which stays unknown.
fn power(s: &mut Stream<'_>, base: Region) -> Parse<Expr> {
    let region = s.here();
    s.eat_op("**");
    let region = region.to(s.before());
    s.report(
        Diagnostic::new(region, "there is no operator `**`")
            .help("write the product out, such as `c * c`; for roots there is `sqrt`"),
    );
    let exponent = s.deeper(|s| binary(s, PRODUCTS, None))?;
    Ok(error_at(base.to(exponent.region)))
}

/// `1 <= s <= 2`, which stays unknown.
fn chained_comparison(s: &Stream<'_>, start: usize, ops: &[(usize, BinaryOp)], region: Region) -> Expr {
    let width = |op: BinaryOp| op.symbol().len();
    let (first, second) = (ops[0], ops[1]);
    let end = ops.get(2).map_or(s.position(), |o| o.0);
    let a = s.text(start, first.0);
    let b = s.text(first.0 + width(first.1), second.0);
    let c = s.text(second.0 + width(second.1), end);
    let d = Diagnostic::new(region, "comparisons do not chain");
    s.report(d.help(format!("write `{a} {} {b} && {b} {} {c}`", first.1.symbol(), second.1.symbol())));
    error_at(region)
}

fn unary(s: &mut Stream<'_>, first: Option<Expr>) -> Parse<Expr> {
    if first.is_some() {
        return suffixed(s, first);
    }
    let start = s.here();
    let op = if s.eat_op("-") {
        UnaryOp::Negate
    } else if s.eat_op("!") {
        UnaryOp::Not
    } else if s.is_word("not") && begins_after_word(s) {
        s.report(Diagnostic::new(start, "`not` is Python; write `!`"));
        s.next();
        UnaryOp::Not
    } else {
        return suffixed(s, None);
    };
    let operand = s.deeper(|s| unary(s, None))?;
    let region = start.to(operand.region);
    Ok(Expr { kind: ExprKind::Unary(op, Box::new(operand)), region })
}

/// Whether an operand follows the word that comes next.
fn begins_after_word(s: &Stream<'_>) -> bool {
    match s.peek(1) {
        Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => true,
        Some(TokenTree::Group(g)) => g.delimiter() == Delimiter::Parenthesis,
        _ => false,
    }
}

fn suffixed(s: &mut Stream<'_>, first: Option<Expr>) -> Parse<Expr> {
    let base = match first {
        Some(base) => base,
        None => primary(s)?,
    };
    let mut suffixes = Vec::new();
    loop {
        let start = s.here();
        let kind = if s.group(0, Delimiter::Parenthesis).is_some() {
            let (_, mut inner) = s.expect_group(Delimiter::Parenthesis, "arguments")?;
            SuffixKind::Call(arguments(&mut inner))
        } else if s.group(0, Delimiter::Bracket).is_some() {
            let (_, mut inner) = s.expect_group(Delimiter::Bracket, "an index")?;
            let index = expr(&mut inner)?;
            if !inner.is_empty() {
                return Err(inner.unexpected("`]`"));
            }
            SuffixKind::Index(index)
        } else if s.eat_op(".") {
            SuffixKind::Field(field(s)?)
        } else {
            break;
        };
        suffixes.push(Suffix { kind, region: start.to(s.before()) });
    }
    Ok(match suffixes.last() {
        None => base,
        Some(last) => {
            let region = base.region.to(last.region);
            Expr { kind: ExprKind::Suffixed(Box::new(base), suffixes), region }
        }
    })
}

fn field(s: &mut Stream<'_>) -> Parse<Name> {
    if let Some(index) = s.literal(0).map(ToString::to_string) {
        return Err(s.report(
            Diagnostic::new(s.here(), "entries of a tuple are taken by an index in brackets")
                .help(format!("write `[{index}]`")),
        ));
    }
    let ident = s.expect_ident("`channels`, `height` or `width`")?;
    let region: Region = ident.span().into();
    let text = plain(&ident);
    if let Some(group) = s.group(0, Delimiter::Parenthesis) {
        let region = region.to(Region::from(group.span_close()));
        let d = Diagnostic::new(region, format!("there are no methods, found `.{text}(…)`"));
        return Err(s.report(d.help(spelling_of_function(&text))));
    }
    Ok(Name { text, region })
}

fn primary(s: &mut Stream<'_>) -> Parse<Expr> {
    let region = s.here();
    match s.peek(0) {
        Some(TokenTree::Literal(_)) => literal(s),
        Some(TokenTree::Ident(_)) => word(s),
        Some(TokenTree::Group(g)) => {
            let g = g.clone();
            group(s, &g)
        }
        Some(TokenTree::Punct(p)) if p.as_char() == '\'' => {
            let word = s.word(1).unwrap_or_default();
            s.next();
            s.next();
            let d = Diagnostic::new(region, "words are written without quotes");
            Err(s.report(if word.is_empty() { d } else { d.help(format!("write `{word}`")) }))
        }
        _ if s.is_op(0, "*") => Err(s.unexpected_but(
            "an expression",
            Some("there is no unpacking: a list is itself a layer, so lists nest: `[layers, ReLU]`"),
        )),
        _ => Err(s.unexpected("an expression")),
    }
}

fn word(s: &mut Stream<'_>) -> Parse<Expr> {
    let region = s.here();
    let raw = matches!(s.peek(0), Some(TokenTree::Ident(i)) if i.to_string().starts_with("r#"));
    let text = s.word(0).unwrap_or_default();
    let kind = match text.as_str() {
        _ if raw => ExprKind::Name(text),
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        "none" => ExprKind::None,
        "same" => ExprKind::Same,
        "if" => {
            let found = if_expr(s)?;
            let region = found.region;
            return Ok(Expr { kind: ExprKind::If(Box::new(found)), region });
        }
        "for" => {
            let d = Diagnostic::new(region, "a `for` appends entries, so it stands in a list or a tuple");
            return Err(
                s.report(d.help("write `[for i in 0..n { A }]`, or `(for i in 0..n { x -> A }) -> Sum` for tensors"))
            );
        }
        "lambda" => return Err(s.report(Diagnostic::new(region, "there are no functions").help("define a `block`"))),
        "return" => {
            return Err(s.report(
                Diagnostic::new(region, "there is no `return`").help("the last expression of the body is its result"),
            ));
        }
        "while" | "match" | "loop" => {
            return Err(
                s.report(Diagnostic::new(region, format!("there is no `{text}`")).help("there are `if` and `for`"))
            );
        }
        "let" | "else" | "in" | "_" => return Err(s.unexpected("an expression")),
        "nn" | "F" | "torch" if s.is_op(1, ".") => return pytorch_path(s),
        "self" if s.is_op(1, ".") => {
            let d = Diagnostic::new(region, "there is no `self`");
            return Err(s.report(d.help("layers are named where they are applied: `x -> conv1: Conv2d(16, 3)`; a layer that is used twice by `layer conv = …;`")));
        }
        _ => ExprKind::Name(text),
    };
    s.next();
    Ok(Expr { kind, region })
}

/// `nn.Conv2d`, which stays unknown.
fn pytorch_path(s: &mut Stream<'_>) -> Parse<Expr> {
    let start = s.here();
    let mut path = s.word(0).unwrap_or_default();
    let mut last = path.clone();
    s.next();
    while s.eat_op(".") {
        last = plain(&s.expect_ident("the name of a layer")?);
        path = format!("{path}.{last}");
    }
    let region = start.to(s.before());
    let d = Diagnostic::new(region, format!("layers have no module in front, found `{path}`"));
    s.report(d.help(if ops::find(&last).is_some() {
        format!("write `{last}`")
    } else if last.starts_with(char::is_uppercase) && ops::spelling(&last).is_none() {
        format!("there is no `{last}`: write it in terms of other layers")
    } else {
        spelling_of_function(&last)
    }));
    Ok(error_at(region))
}

/// How a function or method of PyTorch is spelt here.
fn spelling_of_function(name: &str) -> String {
    let known = match name {
        "concat" => "cat",
        "add" => "Add",
        other => other,
    };
    if let Some(spelling) = ops::spelling(known) {
        return spelling.to_owned();
    }
    let plain = |text: &str| text.to_lowercase().replace('_', "");
    let layer = match name {
        "mul" | "multiply" => return "tensors are multiplied by `a * b`".to_owned(),
        "maximum" | "minimum" => return "it is `max(a, b)` or `min(a, b)`".to_owned(),
        "size" | "dim" | "shape" => return "sizes are `x.channels`, `x.height` and `x.width`".to_owned(),
        "len" => return "write `len(t)`".to_owned(),
        "view" | "reshape" => Some("Flatten"),
        "interpolate" => Some("Upsample"),
        _ => ops::layers().map(|l| l.name).find(|l| plain(l) == plain(name)),
    };
    match layer {
        Some(layer) => format!("layers are applied by `->`: `x -> {layer}`"),
        None => "layers are applied by `->` and named as PyTorch's modules, such as `x -> ReLU`".to_owned(),
    }
}

fn group(s: &mut Stream<'_>, group: &Group) -> Parse<Expr> {
    let region = Region { start: group.span_open(), end: group.span_close() };
    let kind = match group.delimiter() {
        Delimiter::Parenthesis => {
            let (_, mut inner) = s.expect_group(Delimiter::Parenthesis, "an expression")?;
            let (list, comma) = entries(&mut inner, ")");
            parenthesised(list, comma)
        }
        Delimiter::Bracket => {
            let (_, mut inner) = s.expect_group(Delimiter::Bracket, "a list")?;
            ExprKind::List(entries(&mut inner, "]").0)
        }
        Delimiter::Brace => {
            let d = Diagnostic::new(region, "expected an expression, found `{`");
            return Err(s.report(
                d.help("braces stand behind `if`, `else` and `for`; layers in sequence are a list in brackets"),
            ));
        }
        Delimiter::None => return Err(s.report(Diagnostic::new(region, "nested too deeply"))),
    };
    Ok(Expr { kind, region })
}

/// A parenthesised expression, or a tuple: that has a comma, several entries, a `for`, or an `if` that appends several.
fn parenthesised(mut list: Vec<Entry>, comma: bool) -> ExprKind {
    if comma || list.len() != 1 || list[0].label.is_some() {
        return ExprKind::Tuple(list);
    }
    let entry = list.remove(0);
    match entry.kind {
        EntryKind::Expr(e) => ExprKind::Paren(Box::new(e)),
        EntryKind::If(i) if is_value(&i) => {
            let region = i.region;
            ExprKind::Paren(Box::new(Expr { kind: ExprKind::If(Box::new(i)), region }))
        }
        _ => ExprKind::Tuple(vec![entry]),
    }
}

/// Whether no branch has more than one value, so that parentheses change nothing.
fn is_value(i: &If) -> bool {
    i.arms.iter().map(|(_, branch)| branch).chain(&i.otherwise).all(|branch| match branch.entries.as_slice() {
        [] | [Entry { kind: EntryKind::Expr(_), .. }] => true,
        [Entry { kind: EntryKind::If(inner), .. }] => is_value(inner),
        _ => false,
    })
}

/// The arguments of a call, to the end of the group.
fn arguments(s: &mut Stream<'_>) -> Vec<Argument> {
    let mut out = Vec::new();
    while !s.is_empty() {
        let start = s.here();
        let (argument, failed) = argument(s);
        out.push(argument);
        if !s.is_empty() && !s.is_op(0, ",") {
            if !failed {
                s.unexpected("`,` or `)`");
                out.pop();
                out.push(Argument { name: None, value: error_at(start), region: start });
            }
            s.skip_until(|s| s.is_op(0, ","));
        }
        s.eat_op(",");
    }
    out
}

/// One argument, and whether its value could not be read, which leaves it unknown.
fn argument(s: &mut Stream<'_>) -> (Argument, bool) {
    let start = s.here();
    let colon = s.is_op(1, ":");
    let name = match s.peek(0) {
        Some(TokenTree::Ident(i)) if colon || s.is_op(1, "=") => Some(Name { text: plain(i), region: start }),
        _ => None,
    };
    if let Some(name) = &name {
        s.next();
        if colon {
            s.report(
                Diagnostic::new(s.here(), "arguments are named by `=`").help(format!("write `{} = …`", name.text)),
            );
        }
        s.next();
    }
    let (value, failed) = match expr(s) {
        Ok(value) => (value, false),
        Err(Reported) => (error_at(start), true),
    };
    let region = start.to(value.region);
    (Argument { name, value, region }, failed)
}
