//! Blocks on their way to other modules and crates: a block, and all that it needs, as tokens.
//!
//! A block means what its own invocation says that its names mean. So it travels with a [`Scope`] of what it uses there, and
//! with the scopes of the blocks that it was brought by `use`: its users need neither its imports nor the crates behind them.
//! A scope is known by a hash of what it holds, and travels once in a bundle.
//!
//! ```text
//! bundle = "block" scope…                                     // each behind those it uses; the block stands in the last
//! scope  = { "hash" [ "name here" "block" "hash" … ] { item… } }
//! ```

use crate::syntax::ast::{Block, Const, Import, Program};
use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A block and all that it needs.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The name that the block has where it is defined.
    pub block: String,
    /// What it needs, each scope behind those it uses; the block stands in the last. None if there was an error in it.
    pub scopes: Vec<Scope>,
}

/// The part of an invocation that a block needs.
#[derive(Clone, Debug)]
pub struct Scope {
    /// A hash of the rest.
    pub id: String,
    /// What it brings in.
    pub imports: Vec<Imported>,
    /// Blocks and constants.
    pub items: TokenStream,
}

/// A name that a scope brings in by `use`.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The name it has in the scope.
    pub name: String,
    /// The block's own.
    pub block: String,
    /// The scope that the block stands in.
    pub scope: String,
}

impl Bundle {
    /// Packs a block of a program whose imports were fetched.
    #[must_use]
    pub fn of(items: &Items<'_>, block: &str) -> Bundle {
        let mut wanted = Wanted::by(items, block);
        let mut scopes: Vec<Scope> = Vec::new();
        let mut imports = Vec::new();
        for import in wanted.imports {
            let Some((bundle, last)) = import.bundle.as_ref().and_then(|b| Some((b, b.scopes.last()?))) else {
                wanted.sound = false;
                continue;
            };
            for scope in &bundle.scopes {
                if scopes.iter().all(|s| s.id != scope.id) {
                    scopes.push(scope.clone());
                }
            }
            let (name, block, scope) = (import.name.text.clone(), bundle.block.clone(), last.id.clone());
            imports.push(Imported { name, block, scope });
        }
        if wanted.sound {
            scopes.push(Scope::new(imports, wanted.items));
        } else {
            scopes.clear();
        }
        Bundle { block: block.to_owned(), scopes }
    }

    /// Whether a block of a program needs anything that is imported.
    #[must_use]
    pub fn needs_imports(items: &Items<'_>, block: &str) -> bool {
        items.reached(block).iter().any(|item| matches!(item.kind, Kind::Import(_)))
    }

    /// Unpacks; `None` if these tokens are no bundle.
    #[must_use]
    pub fn read(tokens: TokenStream) -> Option<Bundle> {
        let mut tokens = tokens.into_iter();
        let block = text(&tokens.next()?)?;
        let scopes = tokens.map(|t| Scope::read(group(t, Delimiter::Brace)?)).collect::<Option<_>>()?;
        Some(Bundle { block, scopes })
    }
}

impl ToTokens for Bundle {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (block, scopes) = (&self.block, &self.scopes);
        tokens.extend(quote!(#block #(#scopes)*));
    }
}

impl Scope {
    fn new(imports: Vec<Imported>, items: TokenStream) -> Scope {
        let mut scope = Scope { id: String::new(), imports, items };
        scope.id = hash(&scope.to_token_stream().to_string());
        scope
    }

    fn read(tokens: TokenStream) -> Option<Scope> {
        let mut tokens = tokens.into_iter();
        let id = text(&tokens.next()?)?;
        let names: Vec<TokenTree> = group(tokens.next()?, Delimiter::Bracket)?.into_iter().collect();
        let imports = names.chunks(3).map(Imported::read).collect::<Option<_>>()?;
        Some(Scope { id, imports, items: group(tokens.next()?, Delimiter::Brace)? })
    }
}

impl ToTokens for Scope {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Scope { id, imports, items } = self;
        let imports = imports.iter().map(|Imported { name, block, scope }| quote!(#name #block #scope));
        tokens.extend(quote!({ #id [#(#imports)*] { #items } }));
    }
}

impl Imported {
    fn read(tokens: &[TokenTree]) -> Option<Imported> {
        let [name, block, scope] = tokens else { return None };
        Some(Imported { name: text(name)?, block: text(block)?, scope: text(scope)? })
    }
}

/// A name for what has this text.
pub(crate) fn hash(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The inside of a group; a fragment of a `macro_rules!` may stand in one without delimiters.
pub(crate) fn group(token: TokenTree, delimiter: Delimiter) -> Option<TokenStream> {
    match token {
        TokenTree::Group(g) if g.delimiter() == delimiter => Some(g.stream()),
        TokenTree::Group(g) if g.delimiter() == Delimiter::None => group(only(g.stream())?, delimiter),
        _ => None,
    }
}

/// What stands in a text.
fn text(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(l) => syn::parse2::<syn::LitStr>(l.to_token_stream()).ok().map(|s| s.value()),
        TokenTree::Group(g) if g.delimiter() == Delimiter::None => text(&only(g.stream())?),
        _ => None,
    }
}

fn only(tokens: TokenStream) -> Option<TokenTree> {
    let mut tokens = tokens.into_iter();
    tokens.next().filter(|_| tokens.next().is_none())
}

/// The blocks, constants and imports of a program by their names, and what each names.
#[derive(Debug)]
pub struct Items<'p> {
    by_name: HashMap<&'p str, Item<'p>>,
}

#[derive(Debug)]
struct Item<'p> {
    kind: Kind<'p>,
    /// All its words. One that is the name of an item counts as its use, though it may be an argument's name or a variable that
    /// hides it: what is carried for nothing does no harm.
    words: Vec<String>,
    /// How many tokens it has.
    len: usize,
}

#[derive(Debug)]
enum Kind<'p> {
    Import(&'p Import),
    Block(&'p Block),
    Const(&'p Const),
}

impl<'p> Items<'p> {
    /// Those of a program; of several of one name, which is an error, the first.
    #[must_use]
    pub fn of(program: &'p Program) -> Items<'p> {
        let mut by_name = HashMap::new();
        let mut add = |name: &'p str, kind, tokens: &TokenStream| {
            by_name.entry(name).or_insert_with(|| {
                let mut words = Vec::new();
                let len = words_of(tokens.clone(), &mut words);
                Item { kind, words, len }
            });
        };
        for import in &program.imports {
            add(&import.name.text, Kind::Import(import), &TokenStream::new());
        }
        for block in &program.blocks {
            add(&block.name.text, Kind::Block(block), &block.tokens);
        }
        for constant in &program.consts {
            add(&constant.name.text, Kind::Const(constant), &constant.tokens);
        }
        Items { by_name }
    }

    /// How many tokens a block and all that it needs have; counting ends beyond `most`.
    #[must_use]
    pub fn tokens(&self, block: &str, most: usize) -> usize {
        let mut sum = 0;
        self.walk(block, |item| {
            sum += item.len;
            sum <= most
        });
        sum
    }

    /// A block and all that it needs.
    fn reached<'i>(&'i self, block: &'i str) -> Vec<&'i Item<'p>> {
        let mut reached = Vec::new();
        self.walk(block, |item| {
            reached.push(item);
            true
        });
        reached
    }

    /// Visits a block and all that it needs, until `visit` gives false.
    fn walk<'i>(&'i self, block: &'i str, mut visit: impl FnMut(&'i Item<'p>) -> bool) {
        let mut words = vec![block];
        let mut seen = HashSet::new();
        while let Some(word) = words.pop() {
            let Some(item) = self.by_name.get(word) else { continue };
            if !seen.insert(word) {
                continue;
            }
            if !visit(item) {
                return;
            }
            words.extend(item.words.iter().map(String::as_str));
        }
    }
}

/// What a block needs of its invocation.
struct Wanted<'p> {
    items: TokenStream,
    imports: Vec<&'p Import>,
    /// Whether there is no error in any of it, and all imports were fetched.
    sound: bool,
}

impl<'p> Wanted<'p> {
    fn by(items: &Items<'p>, block: &str) -> Wanted<'p> {
        let mut wanted = Wanted { items: TokenStream::new(), imports: Vec::new(), sound: true };
        for item in items.reached(block) {
            match item.kind {
                Kind::Import(import) => wanted.imports.push(import),
                Kind::Block(block) => {
                    let skip = block.attributes.skip.iter().map(|n| proc_macro2::Ident::new(&n.text, n.region.start));
                    if !block.attributes.skip.is_empty() {
                        wanted.items.extend(quote!(#[ptflops(skip = [#(#skip),*])]));
                    }
                    wanted.item(&block.tokens, block.broken);
                }
                Kind::Const(constant) => wanted.item(&constant.tokens, constant.broken),
            }
        }
        wanted
    }

    fn item(&mut self, tokens: &TokenStream, broken: bool) {
        self.sound &= !broken;
        self.items.extend(tokens.clone());
    }
}

/// All words of `tokens`, those in texts too, where values are filled in; gives the number of tokens.
fn words_of(tokens: TokenStream, words: &mut Vec<String>) -> usize {
    let mut count = 0;
    for token in tokens {
        count += 1;
        match token {
            TokenTree::Group(g) => count += words_of(g.stream(), words),
            TokenTree::Ident(i) => {
                let text = i.to_string();
                words.push(text.strip_prefix("r#").unwrap_or(&text).to_owned());
            }
            TokenTree::Literal(l) => words.extend(words_of_text(&l)),
            TokenTree::Punct(_) => {}
        }
    }
    count
}

fn words_of_text(literal: &Literal) -> Vec<String> {
    let text = literal.to_string();
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|w| text.contains('{') && !w.is_empty()).map(str::to_owned).collect()
}
