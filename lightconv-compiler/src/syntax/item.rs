//! Items: nets, blocks, constants and imports.

use super::ast::{Attributes, Block, Body, Const, Expr, ExprKind, Import, Name, Net, Program};
use super::attribute::attributes;
use super::body::{body, dims};
use super::expr::expr;
use super::stream::{Parse, Reported, Stream, plain};
use crate::diagnostics::{Diagnostic, Region};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use std::rc::Rc;

/// Words that are no names: they begin expressions or are values.
const RESERVED: &[&str] = &["if", "else", "for", "in", "let", "true", "false", "none", "same", "_"];

/// Words of paths that are no names of items.
const MODULES: &[&str] = &["self", "super", "crate", "Self"];

/// All items to the end of the invocation.
pub(super) fn program(s: &mut Stream<'_>) -> Program {
    let mut program = Program::default();
    while !s.is_empty() {
        let before = s.position();
        if item(s, &mut program).is_err() {
            if s.position() == before {
                s.next();
            }
            s.skip_until(|s| begins_item(s));
        }
    }
    program
}

/// A name that may be bound; `what` says of what.
pub(super) fn name(s: &mut Stream<'_>, what: &str) -> Parse<Name> {
    let raw = matches!(s.peek(0), Some(TokenTree::Ident(i)) if i.to_string().starts_with("r#"));
    if let Some(word) = s.word(0).filter(|w| !raw && RESERVED.contains(&w.as_str())) {
        return Err(s.report(Diagnostic::new(
            s.here(),
            format!("expected {what}, found `{word}`, which is a word of the language"),
        )));
    }
    s.expect_ident(what).map(|ident| Name::from(&ident))
}

impl From<&Ident> for Name {
    fn from(ident: &Ident) -> Name {
        Name { text: plain(ident), region: ident.span().into() }
    }
}

fn begins_item(s: &Stream<'_>) -> bool {
    let named = matches!(s.peek(1), Some(TokenTree::Ident(_)));
    match s.word(0).as_deref() {
        Some("pub" | "const" | "use") => true,
        Some("net" | "block") => named,
        _ => s.is_op(0, "#"),
    }
}

fn item(s: &mut Stream<'_>, program: &mut Program) -> Parse<()> {
    let errors = s.diagnostics.count();
    let attributes = attributes(s);
    let (vis, vis_region) = visibility(s);
    let (keyword, start) = (s.here(), s.position());
    match s.word(0).as_deref() {
        Some("net") => {
            s.next();
            no_budget_but_on_nets(s, &attributes, true);
            let net = net(s, attributes, vis, errors)?;
            program.nets.push(Rc::new(net));
        }
        Some("block") => {
            s.next();
            no_budget_but_on_nets(s, &attributes, false);
            let mut block = block(s, attributes, vis, errors)?;
            block.tokens = s.since(start);
            program.blocks.push(Rc::new(block));
        }
        Some("const") => {
            s.next();
            if let Some(region) = vis_region {
                s.report(
                    Diagnostic::new(region, "a `const` is seen in its own invocation only").help("drop the `pub`"),
                );
            }
            no_attributes(s, &attributes, "const");
            let mut constant = constant(s, errors)?;
            constant.tokens = s.since(start);
            program.consts.push(Rc::new(constant));
        }
        Some("use") => {
            s.next();
            if let Some(region) = vis_region {
                s.report(
                    Diagnostic::new(region, "a `use` in `lightnet!` is for its own invocation only")
                        .help("drop the `pub`; outside of `lightnet!`, `pub use path::Block;` exports a block again"),
                );
            }
            no_attributes(s, &attributes, "use");
            imports(s, program)?;
        }
        Some("fn" | "struct" | "mod" | "static" | "type" | "impl" | "trait" | "enum") => {
            return Err(s.report(
                Diagnostic::new(keyword, "Rust items stand outside of `lightnet!`")
                    .help("inside stand `net`, `block`, `const` and `use`"),
            ));
        }
        _ => return Err(s.unexpected("`net`, `block`, `const` or `use`")),
    }
    Ok(())
}

fn no_budget_but_on_nets(s: &Stream<'_>, attributes: &Attributes, is_net: bool) {
    if let Some(term) = attributes.budget.first().filter(|_| !is_net) {
        s.report(
            Diagnostic::new(term.region, "only a net has a budget")
                .help("what a block costs depends on its use: put `#[budget(…)]` on the net"),
        );
    }
}

/// A `const` and a `use` become no item that could carry attributes. Those that would change nothing there may stand.
fn no_attributes(s: &Stream<'_>, attributes: &Attributes, item: &str) {
    for (word, region) in &attributes.written {
        let (message, help) = match word.as_str() {
            "doc" | "allow" | "rustfmt" => continue,
            "cfg" | "cfg_attr" => (
                format!("a `{item}` cannot depend on a `cfg`, of which a macro does not know whether it holds"),
                "put `#[cfg(…)]` on nets and blocks, or on a whole `lightnet!`",
            ),
            _ => (
                format!("`#[{word}]` does nothing on a `{item}`, which is for its own invocation only"),
                "take it away: nets and blocks have attributes",
            ),
        };
        s.report(Diagnostic::new(*region, message).help(help));
    }
}

/// `pub`, `pub(crate)`, `pub(in path)`, or nothing.
fn visibility(s: &mut Stream<'_>) -> (TokenStream, Option<Region>) {
    if !s.is_word("pub") {
        return (TokenStream::new(), None);
    }
    let start = s.here();
    let mut vis: TokenStream = s.next().into_iter().collect();
    if s.group(0, Delimiter::Parenthesis).is_some() {
        let scope = s.here();
        let whole: TokenStream = vis.clone().into_iter().chain(s.next()).collect();
        if syn::parse2::<syn::Visibility>(whole.clone()).is_ok() {
            vis = whole;
        } else {
            s.report(
                Diagnostic::new(scope, "this is no visibility").help("write `pub`, `pub(crate)` or `pub(in path)`"),
            );
        }
    }
    (vis, Some(start.to(s.before())))
}

fn net(s: &mut Stream<'_>, attributes: Attributes, vis: TokenStream, errors: usize) -> Parse<Net> {
    let ident = s.expect_ident("the net's name")?;
    if syn::parse2::<syn::Ident>(TokenTree::Ident(ident.clone()).into()).is_err() {
        let d = Diagnostic::new(ident.span(), format!("`{ident}` is a keyword of Rust, and a net becomes a type"));
        return Err(s.report(d.help("give the net another name, such as `TinyNet`")));
    }
    // The type exists whatever is wrong behind its name, so that those who use it see no error for want of it.
    let inputs = net_inputs(s, errors).unwrap_or_else(|Reported| {
        skip_to_body(s);
        Vec::new()
    });
    let outputs = s.eat_op("->").then(|| net_outputs(s));
    let outputs = outputs.and_then(|parsed| parsed.map_err(|Reported| skip_to_body(s)).ok());
    let body = item_body(s, "the net's body", !inputs.is_empty());
    Ok(Net { name: ident, attributes, vis, inputs, outputs, body, broken: s.diagnostics.count() > errors })
}

/// Skips what could not be read of a header.
fn skip_to_body(s: &mut Stream<'_>) {
    s.skip_until(|s| s.is_op(0, "->") || s.group(0, Delimiter::Brace).is_some() || begins_item(s));
}

/// The body in braces of a net or block. One whose inputs are not known stays unknown, and so does one that is missing where
/// the header was in error already.
fn item_body(s: &mut Stream<'_>, what: &str, known: bool) -> Body {
    let unknown = Body { statements: Vec::new(), result: error_at(s.here()) };
    if !known {
        if s.group(0, Delimiter::Brace).is_some() {
            s.next();
        }
        return unknown;
    }
    match s.expect_group(Delimiter::Brace, &format!("{what} in `{{ }}`")) {
        Ok((_, mut inner)) => body(&mut inner),
        Err(Reported) => {
            s.eat_op(";");
            unknown
        }
    }
}

fn net_inputs(s: &mut Stream<'_>, errors: usize) -> Parse<Vec<(Name, super::ast::Dims)>> {
    let mut inputs: Vec<(Name, _)> = Vec::new();
    let (region, mut inner) = s.expect_group(Delimiter::Parenthesis, "the inputs, such as `(x: [3, 224, 224])`")?;
    while !inner.is_empty() {
        let parsed = net_input(&mut inner);
        if inner.diagnostics.count() > errors && !inner.is_op(0, ",") {
            inner.skip_until(|s| s.is_op(0, ","));
        }
        if let Ok(input) = parsed {
            if inputs.iter().any(|(n, _)| n.text == input.0.text) {
                inner.report(Diagnostic::new(input.0.region, format!("two inputs are named `{}`", input.0.text)));
            }
            inputs.push(input);
        }
        next_after_comma(&mut inner);
    }
    if inputs.is_empty() && s.diagnostics.count() == errors {
        s.report(Diagnostic::new(region, "a net has at least one input, such as `(x: [3, 224, 224])`"));
    }
    Ok(inputs)
}

fn net_input(s: &mut Stream<'_>) -> Parse<(Name, super::ast::Dims)> {
    let name = name(s, "the name of an input")?;
    if !s.eat_op(":") {
        s.unexpected_but("`:` and the shape of the input", Some(&format!("write `{}: [3, 224, 224]`", name.text)));
        return Ok(of_unknown_shape(name));
    }
    Ok(match dims(s) {
        Ok(dims) => (name, dims),
        Err(Reported) => of_unknown_shape(name),
    })
}

/// An input whose shape could not be read: its name is known all the same.
fn of_unknown_shape(name: Name) -> (Name, super::ast::Dims) {
    let region = name.region;
    (name, super::ast::Dims { sizes: vec![error_at(region)], region })
}

fn net_outputs(s: &mut Stream<'_>) -> Parse<Vec<super::ast::Dims>> {
    if s.group(0, Delimiter::Parenthesis).is_none() {
        return Ok(vec![dims(s)?]);
    }
    let (region, mut inner) = s.expect_group(Delimiter::Parenthesis, "the shapes of the outputs")?;
    let mut outputs = Vec::new();
    while !inner.is_empty() {
        outputs.push(dims(&mut inner)?);
        next_after_comma(&mut inner);
    }
    if outputs.is_empty() {
        return Err(s.report(Diagnostic::new(region, "a net has at least one output, such as `-> [1000]`")));
    }
    Ok(outputs)
}

fn block(s: &mut Stream<'_>, attributes: Attributes, vis: TokenStream, errors: usize) -> Parse<Block> {
    let block_name = name(s, "the block's name")?;
    // Known by its name whatever is wrong behind it, so that those who use it see no error for want of it.
    let (inputs, params) = block_header(s, errors).unwrap_or_else(|Reported| {
        skip_to_body(s);
        (Vec::new(), Vec::new())
    });
    let body = item_body(s, "the block's body", !inputs.is_empty());
    let broken = s.diagnostics.count() > errors;
    Ok(Block { name: block_name, attributes, vis, inputs, params, body, tokens: TokenStream::new(), broken })
}

/// A parameter of a block, and its default.
type Param = (Name, Option<Expr>);

/// The tensors and the parameters of a block.
fn block_header(s: &mut Stream<'_>, errors: usize) -> Parse<(Vec<Name>, Vec<Param>)> {
    let (region, mut inner) =
        s.expect_group(Delimiter::Parenthesis, "the tensors and parameters, such as `(x; out, stride = 1)`")?;
    let mut inputs: Vec<Name> = Vec::new();
    let mut params: Vec<Param> = Vec::new();
    while !inner.is_empty() && !inner.is_op(0, ";") {
        match name(&mut inner, "the name of a tensor") {
            Ok(n) if inner.is_op(0, "=") => {
                inner.report(
                    Diagnostic::new(inner.here(), "tensors stand before the `;`, parameters after it")
                        .help("for example `(x; out, stride = 1)`"),
                );
                skip_behind(&mut inner, &[",", ";"]);
                let default = Some(error_at(n.region));
                params.push((n, default));
            }
            Ok(n) => {
                inputs.push(n);
                if !inner.is_op(0, ";") {
                    next_after(&mut inner, &[",", ";"]);
                }
            }
            Err(Reported) => skip_behind(&mut inner, &[",", ";"]),
        }
    }
    inner.eat_op(";");
    while !inner.is_empty() {
        match name(&mut inner, "the name of a parameter") {
            Ok(n) => {
                let default = inner.eat_op("=").then(|| expr(&mut inner).unwrap_or_else(|_| error_at(n.region)));
                params.push((n, default));
                next_after_comma(&mut inner);
            }
            Err(Reported) => skip_behind(&mut inner, &[","]),
        }
    }
    if inputs.is_empty() && s.diagnostics.count() == errors {
        s.report(
            Diagnostic::new(region, "a block takes at least one tensor")
                .help("for example `(x; out, stride = 1)`: tensors before the `;`, parameters after it"),
        );
    }
    let mut seen: Vec<&str> = Vec::new();
    for n in inputs.iter().chain(params.iter().map(|(n, _)| n)) {
        if seen.contains(&n.text.as_str()) {
            s.report(Diagnostic::new(n.region, format!("two parameters are named `{}`", n.text)));
        }
        seen.push(&n.text);
    }
    Ok((inputs, params))
}

fn constant(s: &mut Stream<'_>, errors: usize) -> Parse<Const> {
    let const_name = name(s, "the constant's name")?;
    if s.is_op(0, ":") {
        s.report(
            Diagnostic::new(s.here(), "values have no stated types here")
                .help(format!("write `const {} = …;`", const_name.text)),
        );
        s.skip_until(|s| s.is_op(0, "=") || s.is_op(0, ";"));
    }
    let value = s.expect_op("=").and_then(|()| expr(s));
    let value = match value {
        Ok(v) => {
            if !s.eat_op(";") {
                s.unexpected("`;`");
            }
            v
        }
        Err(Reported) => {
            s.skip_until(|s| s.is_op(0, ";") || begins_item(s));
            s.eat_op(";");
            error_at(const_name.region)
        }
    };
    let broken = s.diagnostics.count() > errors;
    Ok(Const { name: const_name, value, tokens: TokenStream::new(), broken })
}

/// What stands where an expression could not be read.
pub(super) fn error_at(region: Region) -> Expr {
    Expr { kind: ExprKind::Error, region }
}

/// The names that a `use` brings in.
fn imports(s: &mut Stream<'_>, program: &mut Program) -> Parse<()> {
    use_tree(s, &TokenStream::new(), &mut program.imports)?;
    if s.eat_op(";") { Ok(()) } else { Err(s.unexpected("`;`")) }
}

/// What follows `prefix`, a path that ends with `::` if it is not empty.
fn use_tree(s: &mut Stream<'_>, prefix: &TokenStream, imports: &mut Vec<Import>) -> Parse<()> {
    let start = s.position();
    s.eat_op("::");
    loop {
        let mut path = prefix.clone();
        if s.group(0, Delimiter::Brace).is_some() {
            path.extend(s.since(start));
            let (_, mut inner) = s.expect_group(Delimiter::Brace, "names")?;
            while !inner.is_empty() {
                use_tree(&mut inner, &path, imports)?;
                next_after_comma(&mut inner);
            }
            return Ok(());
        }
        if s.is_op(0, "*") {
            return Err(s.report(
                Diagnostic::new(s.here(), "blocks are brought in by name: a macro cannot see what a module holds")
                    .help("name them, as in `use path::{Ghost, CoordAtt};`"),
            ));
        }
        let ident = s.expect_ident("a path to a block")?;
        if s.eat_op("::") {
            continue;
        }
        path.extend(s.since(start));
        if syn::parse::Parser::parse2(syn::Path::parse_mod_style, path.clone()).is_err() {
            let region = path.into_iter().next().map_or(s.here(), |first| Region::of(&first)).to(ident.span().into());
            return Err(s.report(Diagnostic::new(region, "this is no path: a keyword is no name")));
        }
        let name = if s.eat_word("as") { name(s, "the name it has here")? } else { Name::from(&ident) };
        if MODULES.iter().any(|word| ident == word) {
            s.report(
                Diagnostic::new(ident.span(), format!("`{ident}` is a module, and a `use` brings in blocks"))
                    .help("name the blocks, as in `use path::{Ghost, CoordAtt};`"),
            );
            return Ok(());
        }
        imports.push(Import { name, path, bundle: None });
        return Ok(());
    }
}

/// Goes behind the next comma; anything before it is an error.
fn next_after_comma(s: &mut Stream<'_>) {
    next_after(s, &[","]);
}

fn next_after(s: &mut Stream<'_>, separators: &[&str]) {
    if !s.is_empty() && !is_at(s, separators) {
        s.unexpected(&separators.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(" or "));
    }
    skip_behind(s, separators);
}

/// Goes to the next of the separators, and behind it if it is a comma.
fn skip_behind(s: &mut Stream<'_>, separators: &[&str]) {
    s.skip_until(|s| is_at(s, separators));
    s.eat_op(",");
}

fn is_at(s: &Stream<'_>, separators: &[&str]) -> bool {
    separators.iter().any(|o| s.is_op(0, o))
}
