//! Errors of an invocation: collected through all stages, reported together.
//!
//! Modelled on `serde_derive`'s error context: a [`Diagnostics`] that nobody looked at panics when dropped, so that no
//! error is lost.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

/// A stretch of the user's source, from its first token to its last (`Span::join` is not stable).
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// The first token.
    pub start: Span,
    /// The last token.
    pub end: Span,
}

impl Region {
    /// One token, a group from its opening to its closing delimiter.
    #[must_use]
    pub fn of(token: &TokenTree) -> Region {
        match token {
            TokenTree::Group(g) => Region { start: g.span_open(), end: g.span_close() },
            other => other.span().into(),
        }
    }

    /// From the first token of `self` to the last of `other`.
    #[must_use]
    pub fn to(self, other: Region) -> Region {
        Region { start: self.start, end: other.end }
    }

    /// The call of the macro, where nothing better is known.
    #[must_use]
    pub fn call_site() -> Region {
        Span::call_site().into()
    }
}

impl From<Span> for Region {
    fn from(span: Span) -> Region {
        Region { start: span, end: span }
    }
}

/// One error.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The tokens at fault.
    pub region: Region,
    /// What is wrong: what was expected, what was found.
    pub message: String,
    /// Where it stands: ``in block `B`, layer `a.b`, of net `N` ``.
    pub place: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `region`.
    pub fn new(region: impl Into<Region>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { region: region.into(), message: message.into(), place: None, help: None }
    }

    /// The same, with a way to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same, with help where there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Diagnostic {
        self.help = help.or(self.help);
        self
    }

    /// The same, with the place where it stands.
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Diagnostic {
        self.place = Some(place.into());
        self
    }

    /// `compile_error! { "…" }`, spanned so that rustc underlines the whole region.
    #[must_use]
    pub fn to_compile_error(&self) -> TokenStream {
        let text = self.to_string();
        let at_start = |mut t: TokenTree| {
            t.set_span(self.region.start);
            t
        };
        let mut literal = proc_macro2::Literal::string(&text);
        literal.set_span(self.region.end);
        let mut group = Group::new(Delimiter::Brace, TokenTree::Literal(literal).into());
        group.set_span(self.region.end);
        let mut out = TokenStream::new();
        for name in ["core", "compile_error"] {
            out.extend([
                at_start(Punct::new(':', Spacing::Joint).into()),
                at_start(Punct::new(':', Spacing::Alone).into()),
                Ident::new(name, self.region.start).into(),
            ]);
        }
        out.extend([at_start(Punct::new('!', Spacing::Alone).into()), group.into()]);
        out
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  {place}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// The errors met so far.
#[derive(Debug, Default)]
pub struct Diagnostics {
    /// `None` once they were handed out.
    errors: RefCell<Option<Errors>>,
}

#[derive(Debug, Default)]
struct Errors {
    list: Vec<Diagnostic>,
    seen: HashSet<String>,
    /// Of those beyond [`MOST`]: how many there are, and where the last one is.
    beyond: Option<(usize, Region)>,
}

/// The most errors that are kept: nobody reads more, and each takes rustc's time.
const MOST: usize = 1000;

impl Diagnostics {
    /// No errors yet.
    #[must_use]
    pub fn new() -> Diagnostics {
        Diagnostics { errors: RefCell::new(Some(Errors::default())) }
    }

    /// Adds an error; one that says the same of the same tokens is kept once.
    pub fn push(&self, d: Diagnostic) {
        let mut errors = self.errors.borrow_mut();
        let errors = errors.get_or_insert_default();
        if errors.list.len() >= MOST {
            errors.beyond = Some((errors.beyond.map_or(1, |(count, _)| count + 1), d.region));
            return;
        }
        if errors.seen.insert(format!("{:?}{:?}{}", d.region.start, d.region.end, d.message)) {
            errors.list.push(d);
        }
    }

    /// Whether there is an error.
    pub fn any(&self) -> bool {
        self.count() > 0
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.errors.borrow().as_ref().map_or(0, |e| e.list.len())
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn finish(self) -> Vec<Diagnostic> {
        let Errors { mut list, beyond, .. } = self.errors.borrow_mut().take().unwrap_or_default();
        if let Some((count, region)) = beyond {
            list.push(Diagnostic::new(region, format!("{count} more errors are not shown")));
        }
        list
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        if self.errors.get_mut().is_some() && !std::thread::panicking() {
            panic!("errors were collected and not looked at");
        }
    }
}
