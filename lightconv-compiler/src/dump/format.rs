//! Tokens as a person would have written them.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};

/// The text of a file of these tokens.
///
/// # Errors
/// When they are no items.
pub(super) fn format(tokens: &TokenStream) -> syn::Result<String> {
    let mut file = syn::parse2(readable(tokens.clone()))?;
    Plainly.visit_file_mut(&mut file);
    Ok(spaced(&prettyplease::unparse(&file)))
}

/// The same tokens with `lightconv` for `$crate`, without the `rt::__if_std! { … }` around methods, into which no formatter
/// sees, and with texts of several lines as such.
fn readable(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        if let Some((inside, rest)) = conditional(&token, &tokens) {
            out.extend(readable(inside));
            tokens = rest;
            continue;
        }
        out.extend([match token {
            TokenTree::Ident(i) if i == "$crate" => Ident::new("lightconv", i.span()).into(),
            TokenTree::Group(g) => Group::new(g.delimiter(), readable(g.stream())).into(),
            TokenTree::Literal(l) => syn::parse_str(&l.to_string())
                .ok()
                .filter(|text: &syn::LitStr| text.value().contains('\n'))
                .and_then(|text| format!("r#\"{}\"#", text.value()).parse().ok())
                .unwrap_or(l)
                .into(),
            other => other,
        }]);
    }
    out
}

/// The inside of a call of `rt::__if_…!` that begins with `first`, and what follows it.
fn conditional(
    first: &TokenTree,
    rest: &proc_macro2::token_stream::IntoIter,
) -> Option<(TokenStream, proc_macro2::token_stream::IntoIter)> {
    let mut rest = rest.clone();
    let (TokenTree::Ident(rt), [_, _, TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(inside)]) =
        (first, &rest.by_ref().take(5).collect::<Vec<_>>()[..])
    else {
        return None;
    };
    (rt == "rt" && name.to_string().starts_with("__if_")).then(|| (inside.stream(), rest))
}

/// Writes names and numbers as a person does, who sees what they mean: `Ok` for `::core::result::Result::Ok`, `16` for `16usize`.
struct Plainly;

/// What every module has of `core` without a path.
const PRELUDE: &[&str] = &["Option", "Some", "None", "Result", "Ok", "Err", "AsRef", "Sized"];

impl VisitMut for Plainly {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let is_of_core = path.leading_colon.is_some() && path.segments.first().is_some_and(|s| s.ident == "core");
        let is_known = |name: &Ident| PRELUDE.iter().any(|known| name == known);
        if is_of_core
            && path.segments.last().is_some_and(|s| is_known(&s.ident))
            && let Some(last) = path.segments.pop()
        {
            path.leading_colon = None;
            path.segments = [last].into_iter().collect();
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_lit_int_mut(&mut self, number: &mut syn::LitInt) {
        if matches!(number.suffix(), "usize" | "u64") {
            *number = syn::LitInt::new(number.base10_digits(), number.span());
        }
    }
}

/// A line between items and between steps, which the formatter sets one below the other.
fn spaced(text: &str) -> String {
    let begins_item = |line: &str| {
        const BEGINNINGS: &[&str] =
            &["///", "/**", "#[", "fn ", "pub ", "impl", "const ", "static ", "use ", "struct "];
        BEGINNINGS.iter().any(|b| line.trim_start().starts_with(b))
    };
    let mut out = String::new();
    let mut before = "";
    for line in text.lines() {
        let follows_item = before.ends_with('}') || before.ends_with("];");
        let begins_step = line.trim() == "probe.start();" && !before.ends_with('{');
        if begins_step || begins_item(line) && follows_item {
            out.push('\n');
        }
        out += line;
        out.push('\n');
        before = line;
    }
    out
}
