//! Imports: before an invocation with `use` is compiled, the blocks are fetched that it names.
//!
//! A macro sees only its own tokens, so it cannot look at another item; but it can expand to a call of a macro by its path,
//! which that item is ([`emit::exports`]), and be called back with what it holds. So the invocation
//! expands to a chain of such calls, one a name, which hands on what was fetched so far, and at its end compiles.

use crate::bundle::{Bundle, group};
use crate::emit;
use crate::syntax::ast::Program;
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::quote;

/// What is handed along the chain.
#[derive(Debug)]
pub struct Fetch {
    /// The path of the facade.
    pub krate: TokenStream,
    /// The blocks fetched, in the order of the imports.
    pub fetched: Vec<TokenStream>,
    /// The paths to those still to be fetched.
    wanted: Vec<TokenStream>,
    /// The invocation.
    pub body: TokenStream,
}

/// The beginning of the chain for `program`, read from `body`; and what does not wait for its end: the blocks that need no
/// import, so that two invocations may import from one another, and what stands in for the nets if the chain breaks.
#[must_use]
pub fn begin(program: &Program, body: TokenStream, krate: TokenStream) -> TokenStream {
    let mut tokens = emit::stub(program, &krate);
    tokens.extend(emit::exports(program, false));
    let wanted = program.imports.iter().map(|import| import.path.clone()).collect();
    let fetch = Fetch { krate, fetched: Vec::new(), wanted, body };
    tokens.extend(fetch.next());
    tokens
}

/// `path! { arguments }`, where an error in the call is one in the path.
pub(crate) fn call(path: &TokenStream, arguments: TokenStream) -> TokenStream {
    let bang = at(path, quote!(!));
    let mut group = Group::new(Delimiter::Brace, arguments);
    group.set_span(end(path));
    quote!(#path #bang #group)
}

/// These tokens, where a path ends.
pub(crate) fn at(path: &TokenStream, tokens: TokenStream) -> TokenStream {
    let span = end(path);
    let respanned = tokens.into_iter().map(|mut t| {
        t.set_span(span);
        t
    });
    respanned.collect()
}

fn end(path: &TokenStream) -> Span {
    path.clone().into_iter().last().map_or_else(Span::call_site, |t| t.span())
}

impl Fetch {
    /// Reads what a block calls back with: `{ bundle }`, and what [`Fetch::next`] handed to it. `None` if it is something else.
    #[must_use]
    pub fn read(tokens: TokenStream) -> Option<Fetch> {
        let mut tokens = tokens.into_iter();
        let mut next = |delimiter| group(tokens.next()?, delimiter);
        let bundle = next(Delimiter::Brace)?;
        let krate = next(Delimiter::Brace)?;
        let fetched = next(Delimiter::Bracket)?.into_iter().map(|t| group(t, Delimiter::Brace));
        let fetched = fetched.chain([Some(bundle)]).collect::<Option<_>>()?;
        let wanted =
            next(Delimiter::Bracket)?.into_iter().map(|t| group(t, Delimiter::Brace)).collect::<Option<_>>()?;
        Some(Fetch { krate, fetched, wanted, body: next(Delimiter::Brace)? })
    }

    /// The call that fetches the next block; `None` when all are there.
    #[must_use]
    pub fn next(&self) -> Option<TokenStream> {
        let Fetch { krate, fetched, wanted, body } = self;
        let (path, wanted) = wanted.split_first()?;
        let callback = quote!(#krate::__private::__lightnet_import);
        let state = quote!({ #krate } [#({ #fetched })*] [#({ #wanted })*] { #body });
        let protocol = at(path, quote!(@lightconv 1));
        Some(call(path, quote!(#protocol { #callback } #state)))
    }

    /// Puts the blocks into the program that was read from the body.
    pub fn put_into(&self, program: &mut Program) {
        for (import, tokens) in program.imports.iter_mut().zip(&self.fetched) {
            import.bundle = Bundle::read(tokens.clone());
        }
    }
}
