//! What an invocation may hold, so that a macro never runs for long or takes much memory. Elaboration has bounds of its own,
//! on steps, turns, layers and nesting.

use crate::bundle::Items;
use crate::diagnostics::{Diagnostic, Region};
use crate::syntax::ast::Program;
use proc_macro2::{TokenStream, TokenTree};

/// Most tokens: some hundred times those of the longest published nets.
const MAX_TOKENS: usize = 100_000;
/// Most digits of a number: some five hundred times those that a float can hold; reading them takes their square in time.
const MAX_DIGITS: usize = 10_000;
/// Deepest nesting of groups anywhere, attributes included. The parser's own bound is lower and goes on with the rest.
const MAX_DEPTH: usize = 200;
/// Most nets, blocks and imported names.
const MAX_ITEMS: usize = 500;
/// Most tokens of all blocks, each with those that it uses, which is what other modules read.
const MAX_CARRIED: usize = 1_000_000;

/// The error of an invocation with too many tokens, or too deep ones.
#[must_use]
pub fn exceeded_by_tokens(tokens: &TokenStream) -> Option<Diagnostic> {
    let mut count = 0;
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(inner) = open.last_mut() {
        match inner.next() {
            None => drop(open.pop()),
            Some(token) => {
                count += 1;
                if count > MAX_TOKENS {
                    return Some(error(Region::of(&token), format!("has more than {MAX_TOKENS} tokens")));
                }
                if let TokenTree::Literal(literal) = &token {
                    let text = literal.to_string();
                    if text.len() > MAX_DIGITS && text.starts_with(|c: char| c.is_ascii_digit()) {
                        return Some(error(
                            Region::of(&token),
                            format!("has a number of more than {MAX_DIGITS} digits"),
                        ));
                    }
                }
                if let TokenTree::Group(group) = token {
                    if open.len() > MAX_DEPTH {
                        return Some(error(group.span_open().into(), format!("is nested more than {MAX_DEPTH} deep")));
                    }
                    open.push(group.stream().into_iter());
                }
            }
        }
    }
    None
}

/// The error of an invocation with too many items, or with blocks that use too much of one another.
#[must_use]
pub fn exceeded_by_items(program: &Program) -> Option<Diagnostic> {
    let nets = program.nets.iter().map(|net| Region::from(net.name.span()));
    let blocks = program.blocks.iter().map(|block| block.name.region);
    let imports = program.imports.iter().map(|import| import.name.region);
    if let Some(region) = blocks.chain(imports).chain(nets).nth(MAX_ITEMS) {
        return Some(error(region, format!("has more than {MAX_ITEMS} nets, blocks and imported names")));
    }
    let items = Items::of(program);
    let mut carried = 0;
    for block in &program.blocks {
        carried += items.tokens(&block.name.text, MAX_CARRIED);
        if carried > MAX_CARRIED {
            let message =
                format!("has blocks of more than {MAX_CARRIED} tokens, each taken with the blocks that it uses");
            return Some(error(block.name.region, message));
        }
    }
    None
}

fn error(region: Region, what: String) -> Diagnostic {
    Diagnostic::new(region, format!("this invocation {what}")).help(
        "repeat layers with `for`, name inner parts with `let`; blocks of other invocations are brought in by `use`",
    )
}
