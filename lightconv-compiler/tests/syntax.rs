//! Parsing: the grammar's corners, recovery, Python's spellings, fragments of `macro_rules!`, and bounds on any input.

#![allow(dead_code)]

#[path = "support/front.rs"]
mod front;

use front::{body_has, elaborate, graph, has, messages, parse, show};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

#[test]
fn pythons_spellings() {
    body_has(
        "let a = True; let b = False; let c = None; x",
        &[("True", "write `true`"), ("False", "write `false`"), ("None", "write `none`")],
    );
    body_has("let a = true and false; x", &[("and", "write `&&`")]);
    body_has("let a = true or false; x", &[("or", "write `||`")]);
    body_has("let a = not true; x", &[("not", "write `!`")]);
    body_has("let a = 3 ** 2; x", &[("**", "no operator `**`")]);
    body_has("let a = 1 is none; x", &[("is", "write `==`")]);
    body_has("let a = 1 is not none; x", &[("is", "write `!=`")]);
    body_has("x -> nn.Conv2d(8, 1)", &[("nn.Conv2d", "write `Conv2d`")]);
    body_has("x -> torch.nn.ReLU()", &[("torch.nn.ReLU", "write `ReLU`")]);
    body_has("let s = 1; let a = 1 <= s <= 2; x", &[("1 <= s <= 2", "write `1 <= s && s <= 2`")]);
    body_has("[x, x] -> Concat", &[("[x, x]", "`(a, b) -> Concat`")]);
    body_has("x -> ReLU if true else Tanh", &[("if", "write `if c { a } else { b }`")]);
    body_has("x -> [ReLU for i in 3]", &[("for", "write `for i in 0..n { a }`")]);
    body_has("let a = range(3); x", &[("range", "write `0..n`")]);
    body_has("x -> Conv2d(8, 1, stride: 1)", &[(":", "write `stride = …`")]);
    body_has("let a = lambda; x", &[("lambda", "define a `block`")]);
    body_has("return x", &[("return", "no `return`")]);
    body_has("let a = x.relu(); x", &[("relu()", "no methods")]);
    body_has("let a = 'b'; x", &[("'b'", "without quotes")]);
}

#[test]
fn floor_division_is_a_comment() {
    // Where a comment takes the rest of the line, the tokens alone are a program: only the source tells.
    let source = "net N(x: [8, 6, 6]) {\n    let c = x.channels // 4\n    ;\n    x -> Conv2d(c, 1)\n}";
    has(source, &[("channels", "write `channels / 4`")]);
    let source = "net N(x: [8, 6, 6]) {\n    let c = 8;\n    let d = c // 4;\n    x -> Conv2d(d, 1)\n}";
    has(source, &[("c", "write `c / 4`")]);
    let source = "net N(x: [8, 6, 6]) {\n    x -> Conv2d(\n        x.channels // 4,\n        1)\n}";
    has(source, &[("channels", "`/` floors")]);
    // Remarks are none.
    let source = "net N(x: [8, 6, 6]) { // 4\n    let c = 8; // 4\n    x -> [ReLU, // 4 of them\n ReLU // as published\n ] // 5 of those\n}";
    has(source, &[]);
}

#[test]
fn recovery_goes_on_behind_an_entry_a_statement_an_item() {
    body_has(
        "x -> [ReLU, Conv2d(8 1), Tanh, ?, Foo]",
        &[("1", "expected `,`"), ("?", "expected an expression"), ("Foo", "Foo")],
    );
    body_has(
        "let a = ; let b = 1 2; let c = a + b; x -> Linear(c) -> Foo",
        &[(";", "expected an expression"), ("2", "expected `;`"), ("Foo", "Foo")],
    );
    has(
        "net A(x [4]) { x } what is this; const B = ; block C(x) { x -> Foo } net D(x: [4]) { x -> Bar }",
        &[
            ("[4]", "`:`"),
            ("what", "expected `net`, `block`"),
            (";", "expected an expression"),
            ("Bar", "Bar"),
            ("Foo", "Foo"),
        ],
    );
    body_has("let y = x -> ReLU", &[("}", "`;`")]);
    body_has("let y = x -> ReLU;", &[("}", "no result")]);
    body_has("x -> ReLU;", &[(";", "remove the `;`")]);
    body_has("x -> ReLU; x", &[("x -> ReLU", "is not used")]);
    body_has("x -> ReLU + x", &[("+", "put the flow in parentheses")]);
    body_has("let if = 3; x", &[("if", "a word of the language")]);
    body_has("let = 3; x", &[("=", "expected a name")]);
    body_has("let y = x; let = y -> Foo; y -> Bar", &[("=", "expected a name"), ("Bar", "Bar")]);
    body_has("let mut a = 3; x", &[("mut", "no `mut`")]);
    body_has("{ x }", &[("{ x }", "expected an expression")]);
    body_has("x -> Conv2d(8u32, 1)", &[("8u32", "no suffix")]);
    body_has("x -> Conv2d(99999999999999999999, 1)", &[("99999999999999999999", "64 bits")]);
    body_has("x -> a b: ReLU", &[("b", "expected")]);
    body_has("x -> 0x1: ReLU", &[("0x1", "digits only")]);
    body_has("x -> \"a b\": ReLU", &[("\"a b\"", "names without spaces")]);
    body_has("x -> \"\": ReLU", &[("\"\"", "is no label")]);
    body_has("x -> \"a{\": ReLU", &[("\"a{\"", "has no `}`")]);
    body_has("x -> \"a{x y}\": ReLU", &[("\"a{x y}\"", "expected")]);
    body_has("x -> \"a{b}\": ReLU", &[("\"a{b}\"", "no value named `b`")]);
    body_has("x -> \"a{r#if}\": ReLU", &[("\"a{r#if}\"", "no value named `if`")]);
    for text in ["a{r#self}", "a{r#}", "a{r#1}", "a{br#x}", "a{r##x}", "a{r#if#}", "a{#x}"] {
        body_has(&format!("x -> {text:?}: ReLU"), &[(&format!("{text:?}"), "is not an expression")]);
    }
}

/// Every group with the marker `__none` as its first token becomes a group without delimiters.
fn with_fragments(tokens: TokenStream) -> TokenStream {
    let each = |token: TokenTree| match token {
        TokenTree::Group(g) => {
            let mut inner: Vec<TokenTree> = with_fragments(g.stream()).into_iter().collect();
            let marked = matches!(inner.first(), Some(TokenTree::Ident(i)) if i == "__none");
            let delimiter = if marked { Delimiter::None } else { g.delimiter() };
            inner.drain(..usize::from(marked));
            TokenTree::Group(Group::new(delimiter, inner.into_iter().collect()))
        }
        other => other,
    };
    tokens.into_iter().map(each).collect()
}

#[test]
fn fragments_of_macro_rules_are_seen_through() {
    let plain = "pub net N(x: [4 + 4, 6, 6]) -> [4, 6, 6] {
        let w = (1 + 1) * 2;
        let v = -3;
        x -> stem: [Conv2d(w, 1), (ReLU), if w == 4 { BatchNorm2d }]
    }";
    let fragments = "#[(__none budget(params <= 100))] #[(__none cfg(all()))] #[cfg (__none (any()))] (__none pub) net (__none N)(x: [(__none 4 + 4), (__none 6), 6]) -> (__none [4, 6, 6]) {
        (__none let w = (__none 1 + 1) * 2);
        let v = (__none -3);
        x -> (__none stem): (__none [(__none Conv2d)(w, 1), (__none (__none ReLU)), if w == (__none 4) (__none { BatchNorm2d })])
    }";
    let graph_of = |tokens: TokenStream| {
        let diagnostics = lightconv_compiler::diagnostics::Diagnostics::new();
        let program = lightconv_compiler::syntax::parse(tokens, &diagnostics);
        let mut nets = lightconv_compiler::elaborate::elaborate(&program, &[], &diagnostics);
        let errors = diagnostics.finish();
        assert!(errors.is_empty(), "{errors:#?}");
        nets.remove(0).unwrap_or_else(|_| panic!("no graph"))
    };
    let expected = graph(plain);
    let found = graph_of(with_fragments(fragments.parse().unwrap()));
    assert_eq!(show(&found), show(&expected));
    assert_eq!(found.vis.to_string(), "pub");
    assert_eq!((found.budget.len(), found.attrs.to_string().contains("budget")), (1, false));
    // as syn reads it, which sees through no group here
    assert!(
        syn::parse::Parser::parse2(syn::Attribute::parse_outer, (*found.conditions).clone())
            .is_ok_and(|all| all.len() == 2)
    );
}

#[test]
fn doc_comments_in_bodies_are_ignored() {
    let source = "/// Outside.\nnet N(x: [4]) {\n//! Inside.\n/// A statement.\nlet y = x -> [\n/// An entry.\nReLU];\n/// The result.\ny }";
    let (program, errors) = parse(source);
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(program.nets[0].attributes.passed.to_string().contains("Outside"));
    graph(source);
}

/// Anything of this size must come back, with an error, and not overflow the stack of a test thread.
#[test]
fn depth_is_bounded() {
    let nest = |open: &str, inner: &str, close: &str, n: usize| {
        format!("net N(x: [4, 4, 4]) {{ {}{inner}{} }}", open.repeat(n), close.repeat(n))
    };
    for n in [90, 120, 2000] {
        for (open, inner, close) in [
            ("(", "x", ")"),
            ("x -> [", "ReLU", "]"),
            ("x -> SEBlock(", "1", ")"),
            ("if true { ", "x", " } else { x }"),
            ("[for i in 0..1 { ", "ReLU", " }]"),
            ("-", "x", ""),
            ("!", "true", ""),
            ("x[", "0", "]"),
        ] {
            let (nets, errors) = elaborate(&nest(open, inner, close, n));
            assert_eq!(errors.is_empty(), nets[0].is_ok(), "{open} {n}: {errors:#?}");
            assert!(errors.len() < 10, "{open} {n}: {} errors", errors.len());
            if n > 100 {
                assert!(errors.iter().any(|e| e.message.contains("deep")), "{open} {n}: {errors:#?}");
            }
        }
    }
    // What is long but not deep is no error.
    let long = format!("net N(x: [4]) {{ x{} }}", " + x".repeat(2000));
    assert_eq!(graph(&long).nodes.len(), 2000);
    let long = format!("net N(x: [4]) {{ x{} }}", " -> ReLU".repeat(2000));
    assert_eq!(graph(&long).nodes.len(), 2000);
    let long =
        format!("net N(x: [4]) {{ let y = if false {{ x }}{} else {{ x }}; y }}", " else if false { x }".repeat(2000));
    graph(&long);
    let chain: String = (0..3000).map(|i| format!("const C{i} = C{} + 1;", i + 1)).collect();
    graph(&format!("{chain} const C3000 = 0; net N(x: [4]) {{ x -> Linear(C0) }}"));
}

mod any_input {
    use super::*;
    use proptest::prelude::*;

    const WORDS: &[&str] = &[
        "net",
        "block",
        "const",
        "use",
        "pub",
        "let",
        "require",
        "layer",
        "param",
        "if",
        "else",
        "for",
        "in",
        "true",
        "none",
        "same",
        "N",
        "x",
        "y",
        "i",
        "A",
        "B",
        "Conv2d",
        "ReLU",
        "BatchNorm2d",
        "Concat",
        "SEBlock",
        "len",
        "round",
        "nn",
        "and",
        "not",
        "channels",
        "0",
        "1",
        "3",
        "8",
        "1.5",
        "0.1",
        "9223372036854775807",
        "\"a{i}\"",
        "\"b\"",
        "->",
        "->",
        ":",
        ";",
        ",",
        ",",
        "=",
        "==",
        "<=",
        "&&",
        "||",
        "!",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        ".",
        "..",
        "..=",
        "_",
        "#",
        "'b'",
        "r#if",
        "?",
        "@",
        "&",
        "|",
        "::",
        "=>",
    ];

    /// Random tokens with balanced brackets.
    fn soup() -> impl Strategy<Value = String> {
        let word = proptest::sample::select(WORDS).prop_map(str::to_owned);
        let many = proptest::collection::vec(word, 0..8).prop_map(|w| w.join(" "));
        many.prop_recursive(4, 64, 6, |inner| {
            (proptest::collection::vec(inner, 0..5), 0..3usize).prop_map(|(parts, bracket)| {
                let (open, close) = [("(", ")"), ("[", "]"), ("{", "}")][bracket];
                format!("{open} {} {close}", parts.join(" "))
            })
        })
    }

    const PROGRAM: &str = "pub net N ( x : [ 8 , 6 , 6 ] , y : [ 4 ] ) -> [ 8 , 6 , 6 ] { let c = x . channels / 2 ; \
        require ( c % 2 == 0 , \"c {c}\" ) ; layer m = [ Conv2d ( c , 1 ) , ReLU , Conv2d ( 8 , 1 ) ] ; param w : [ 1 , c * 2 , 1 , 1 ] ; \
        let ( a , b ) = x -> Chunk ( 2 ) ; let z = ( for g in 0 .. 2 { x [ g * c .. ( g + 1 ) * c ] -> \"l{g}\" : B ( 3 , k = 1 ) } , a , b ) -> Concat ; \
        ( x -> m ) + x * w -> stem . 0.1 : [ 5 : BatchNorm2d , if c == 4 { Hardswish } else { ReLU } for _ in 0 .. 2 { SEBlock } ] } \
        block B ( x ; n , k = n / 2 ) { x -> t : Conv2d ( x . channels , k , bias = false ) } const T = [ ( 3 , ReLU ) , ( 5 , same ) ] ;";

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_tokens_come_back(parts in proptest::collection::vec(soup(), 1..6), wrapped: bool) {
            let text = parts.join(" ");
            let text = if wrapped { format!("net N(x: [8, 6, 6]) {{ {text} }}") } else { text };
            if let Ok(tokens) = text.parse::<TokenStream>() {
                messages(tokens);
            }
        }

        /// A program with a few tokens taken away, doubled, exchanged or replaced.
        #[test]
        fn damaged_programs_come_back(edits in proptest::collection::vec((0..10_000usize, 0..10_000usize, 0..4u8), 1..4)) {
            let mut words: Vec<&str> = PROGRAM.split_whitespace().collect();
            for (a, b, kind) in edits {
                let (a, b) = (a % words.len(), b % words.len());
                match kind {
                    0 => { words.remove(a); }
                    1 => words.insert(a, words[b]),
                    2 => words.swap(a, b),
                    _ => words[a] = WORDS[b % WORDS.len()],
                }
            }
            let text = words.join(" ");
            if text.parse::<TokenStream>().is_ok() {
                // A program without an error has its graphs.
                let (nets, errors) = elaborate(&text);
                prop_assert!(!errors.is_empty() || nets.iter().all(Result::is_ok), "{}", text);
                prop_assert!(errors.len() <= 20, "{}\n{:#?}", text, errors);
            }
        }
    }

    #[test]
    fn the_program_that_is_damaged_is_one() {
        let (nets, errors) = elaborate(PROGRAM);
        assert!(errors.is_empty(), "{errors:#?}");
        assert!(nets[0].is_ok());
    }
}
