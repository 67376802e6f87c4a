//! The syntax tree: what [`super::parse`] makes of the tokens. Every node keeps the region it was read from.
//!
//! Chains of one precedence (`a + b - c`), suffixes (`t[0][1]`) and the steps of a flow are vectors, not nested nodes, so
//! that the depth of the tree is the nesting of the source, which the parser bounds.

use crate::bundle::Bundle;
use crate::diagnostics::Region;
use crate::graph::Budget;
use proc_macro2::{Ident, TokenStream};
use std::rc::Rc;

/// All items of one invocation, each kind in the order of the source.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Networks.
    pub nets: Vec<Rc<Net>>,
    /// Reusable modules.
    pub blocks: Vec<Rc<Block>>,
    /// Named values.
    pub consts: Vec<Rc<Const>>,
    /// Names brought in by `use`.
    pub imports: Vec<Import>,
}

/// A name as written, without `r#`.
#[derive(Clone, Debug)]
pub struct Name {
    /// Its text.
    pub text: String,
    /// Its token.
    pub region: Region,
}

/// `pub net Name(x: [3, 224, 224]) -> [1000] { … }`
#[derive(Clone, Debug)]
pub struct Net {
    /// Its name.
    pub name: Ident,
    /// What stands before it.
    pub attributes: Attributes,
    /// Its visibility.
    pub vis: TokenStream,
    /// Names and shapes of the inputs.
    pub inputs: Vec<(Name, Dims)>,
    /// Shapes of the outputs, where they are stated.
    pub outputs: Option<Vec<Dims>>,
    /// What it computes.
    pub body: Body,
    /// Whether there was a syntax error in it.
    pub broken: bool,
}

/// `pub block Name(x; p, q = 1) { … }`
#[derive(Clone, Debug)]
pub struct Block {
    /// Its name.
    pub name: Name,
    /// What stands before it.
    pub attributes: Attributes,
    /// Its visibility.
    pub vis: TokenStream,
    /// Names of the tensors.
    pub inputs: Vec<Name>,
    /// Names of the parameters, with their defaults.
    pub params: Vec<(Name, Option<Expr>)>,
    /// What it computes.
    pub body: Body,
    /// Its own tokens from the keyword on, for other modules to read.
    pub tokens: TokenStream,
    /// Whether there was a syntax error in it.
    pub broken: bool,
}

/// `const NAME = expr;`
#[derive(Clone, Debug)]
pub struct Const {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// Its own tokens, for the blocks that other modules read.
    pub tokens: TokenStream,
    /// Whether there was a syntax error in it.
    pub broken: bool,
}

/// One name of a `use`.
#[derive(Clone, Debug)]
pub struct Import {
    /// The name it has here.
    pub name: Name,
    /// The path to the block, as written.
    pub path: TokenStream,
    /// The block, once it was fetched; until then the name means something that nobody knows.
    pub bundle: Option<Bundle>,
}

impl Import {
    /// What a scope that was carried here brings in, by `use` at `region`.
    #[must_use]
    pub fn carried(name: &str, region: Region) -> Import {
        Import { name: Name { text: name.to_owned(), region }, path: TokenStream::new(), bundle: None }
    }
}

/// The attributes of an item.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// Doc comments and all that is not ours, to pass through.
    pub passed: TokenStream,
    /// Those of them that say whether the item is there at all, which hold for whatever it becomes.
    pub conditions: TokenStream,
    /// The first word of each, and its tokens.
    pub written: Vec<(String, Region)>,
    /// The terms of `#[budget(…)]`.
    pub budget: Vec<Budget>,
    /// The layers of `#[ptflops(skip = […])]`.
    pub skip: Vec<Name>,
}

/// A shape as written: `[3, 224, 224]`.
#[derive(Clone, Debug)]
pub struct Dims {
    /// The sizes.
    pub sizes: Vec<Expr>,
    /// From bracket to bracket.
    pub region: Region,
}

/// The body of a net or block.
#[derive(Clone, Debug)]
pub struct Body {
    /// Statements.
    pub statements: Vec<Statement>,
    /// The result.
    pub result: Expr,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let pattern = value;`
    Let {
        /// What is bound.
        pattern: Pattern,
        /// To what.
        value: Expr,
    },
    /// `require(condition, "message {name}");`
    Require {
        /// What must hold.
        condition: Expr,
        /// What to say when it does not.
        message: Text,
    },
    /// `layer name = L;`
    Layer {
        /// The name of the variable and of the weights.
        name: Name,
        /// The layer.
        layer: Expr,
    },
    /// `param name: [1, c, 1, 1];`
    Param {
        /// The name of the variable and of the weight.
        name: Name,
        /// Its shape.
        dims: Dims,
    },
}

/// What `let` and `for` bind.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Which kind.
    pub kind: PatternKind,
    /// Its tokens.
    pub region: Region,
}

/// The kinds of patterns.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// A name.
    Name(String),
    /// `_`
    Ignore,
    /// `(a, (b, c))`
    Tuple(Vec<Pattern>),
}

/// An expression: of values, tensors or layers, which only evaluation tells apart.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Which kind.
    pub kind: ExprKind,
    /// Its tokens.
    pub region: Region,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `16`
    Int(i64),
    /// `0.25`
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `none`
    None,
    /// `same`
    Same,
    /// A string, which no value is: kept for the message.
    Text(Text),
    /// A name.
    Name(String),
    /// `(a)`
    Paren(Box<Expr>),
    /// `[A, b: B]`
    List(Vec<Entry>),
    /// `(a, b)`
    Tuple(Vec<Entry>),
    /// `if c { a } else { b }`
    If(Box<If>),
    /// `-a`, `!a`
    Unary(UnaryOp, Box<Expr>),
    /// Operators of one precedence, from the left; a comparison stands alone.
    Chain(Box<Expr>, Vec<(BinaryOp, Expr)>),
    /// `a..b`, `a..=b`, `a..`, `..b`
    Range {
        /// Where it begins.
        start: Option<Box<Expr>>,
        /// Where it ends.
        end: Option<Box<Expr>>,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
    /// `base(…)[…].field`
    Suffixed(Box<Expr>, Vec<Suffix>),
    /// `source -> label: Layer -> …`
    Flow(Box<Expr>, Vec<Step>),
    /// What could not be read; the error was reported.
    Error,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Infix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the symbols are in `symbol`")]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl BinaryOp {
    /// As written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
        }
    }
}

/// What follows an expression directly.
#[derive(Clone, Debug)]
pub struct Suffix {
    /// Which kind.
    pub kind: SuffixKind,
    /// Its own tokens, without the base.
    pub region: Region,
}

/// The kinds of suffixes.
#[derive(Clone, Debug)]
pub enum SuffixKind {
    /// `(16, stride = 2)`
    Call(Vec<Argument>),
    /// `[0]`, `[a..b]`
    Index(Expr),
    /// `.channels`
    Field(Name),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, where it is given by name.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
    /// From the name, where there is one, to the end of the value.
    pub region: Region,
}

/// One `-> label: Layer` of a flow.
#[derive(Clone, Debug)]
pub struct Step {
    /// The label.
    pub label: Option<Label>,
    /// The layer.
    pub layer: Expr,
}

/// A label: pieces of text and values, in which `.` separates names.
#[derive(Clone, Debug)]
pub struct Label {
    /// The pieces, to be joined.
    pub text: Text,
}

/// A text in which values are filled in.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// Its tokens.
    pub region: Region,
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// `{expr}`
    Value(Expr),
}

/// An entry of a list, a tuple, or of the body of an `if` or `for`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The label.
    pub label: Option<Label>,
    /// What it is.
    pub kind: EntryKind,
    /// Its tokens.
    pub region: Region,
}

/// The kinds of entries.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// A layer, a value or a tensor.
    Expr(Expr),
    /// `if c { A, B } else { C }`: the entries of the branch taken.
    If(If),
    /// `for i in 0..n { A }`: the entries of every turn.
    For(For),
}

/// `if … { … } else if … { … } else { … }`
#[derive(Clone, Debug)]
pub struct If {
    /// Conditions and what they guard.
    pub arms: Vec<(Expr, Branch)>,
    /// What holds otherwise.
    pub otherwise: Option<Branch>,
    /// Its tokens.
    pub region: Region,
}

/// `for pattern in values { … }`
#[derive(Clone, Debug)]
pub struct For {
    /// What is bound in each turn.
    pub pattern: Pattern,
    /// What is walked.
    pub values: Expr,
    /// What each turn appends.
    pub body: Branch,
}

/// The braces of an `if` or `for`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Statements.
    pub statements: Vec<Statement>,
    /// Entries.
    pub entries: Vec<Entry>,
    /// From brace to brace.
    pub region: Region,
}
