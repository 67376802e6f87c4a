//! Attributes of nets and blocks in what is emitted: each item for it stands under its conditions.

use lightconv_compiler::{Backends, expand};
use quote::ToTokens;
use syn::{Attribute, File, Item};

/// All items as text, each with its attributes.
fn items(file: &File) -> Vec<(String, &[Attribute])> {
    let mut out = Vec::new();
    for item in &file.items {
        let attributes = match item {
            Item::Const(i) => &i.attrs,
            Item::Macro(i) => &i.attrs,
            Item::Mod(i) => &i.attrs,
            Item::Struct(i) => &i.attrs,
            Item::Use(i) => &i.attrs,
            _ => panic!("another item: {}", item.to_token_stream()),
        };
        out.push((item.to_token_stream().to_string(), attributes.as_slice()));
    }
    out
}

fn emitted(source: &str) -> File {
    let tokens = expand(source.parse().expect("tokens"), Backends { avx2: true, avx512: false });
    syn::parse2(tokens).expect("items")
}

/// How often `attribute` stands before an item that names `name`, and how many of these items there are.
fn count(source: &str, name: &str, attribute: &str) -> (usize, usize) {
    let file = emitted(source);
    let of_it: Vec<_> = items(&file).into_iter().filter(|(text, _)| text.contains(name)).collect();
    let carries = |attributes: &[Attribute]| attributes.iter().any(|a| a.to_token_stream().to_string() == attribute);
    (of_it.iter().filter(|(_, attributes)| carries(attributes)).count(), of_it.len())
}

#[test]
fn conditions_of_a_net() {
    for condition in ["#[cfg(any())]", "#[cfg_attr(all(), cfg(any()))]"] {
        let carried: String = condition.parse::<proc_macro2::TokenStream>().expect("tokens").to_string();
        let source = format!("{condition} #[derive(Clone)] pub net Gone(x: [3, 8, 8]) {{ x -> ReLU }}");
        assert_eq!(count(&source, "Gone", &carried), (2, 2));
        assert_eq!(count(&source, "Gone", "# [derive (Clone)]"), (1, 2));
    }
}

#[test]
fn of_a_condition_among_others_only_itself_goes_everywhere() {
    let source = "#[cfg_attr(unix, derive(Clone), cfg(any()))] #[cfg_attr(unix, must_use)] net Gone(x: [4]) { x }";
    assert_eq!(count(source, "Gone", "# [cfg_attr (unix , derive (Clone) , cfg (any ()))]"), (1, 2));
    assert_eq!(count(source, "Gone", "# [cfg_attr (unix , cfg (any ()))]"), (1, 2));
    assert_eq!(count(source, "Gone", "# [cfg_attr (unix , must_use)]"), (1, 2));
}

#[test]
fn a_net_derives_all_but_debug_which_it_has() {
    for (written, kept) in [
        ("Clone", "Clone"),
        ("Clone, Debug", "Clone"),
        ("Debug, Clone,", "Clone"),
        ("core::fmt::Debug", ""),
        ("Clone, other::Twin", "Clone , other :: Twin"),
    ] {
        let source = format!("#[derive({written})] net Some(x: [4]) {{ x }}");
        assert_eq!(count(&source, "struct Some", &format!("# [derive ({kept})]")), (1, 1), "{written}");
    }
}

#[test]
fn conditions_of_a_broken_net_and_of_its_stub() {
    let attribute = "# [cfg (any ())]";
    let carrying = |source: &str| emitted(source).to_token_stream().to_string().matches(attribute).count();
    let broken = carrying("#[cfg(any())] net Gone(x: [4]) { x -> Foo }");
    assert_eq!(broken, 1 + 3, "a struct, and three `impl`s");
    let stub = carrying("use m::B; #[cfg(any())] net Gone(x: [4]) { x -> B }");
    assert_eq!(stub, 2 + 3 + 1, "module, `use` and three `impl`s, and the text that is handed on");
}

#[test]
fn conditions_of_a_block() {
    let attribute = "# [cfg (any ())]";
    for vis in ["pub", "pub(crate)", ""] {
        let source = format!("#[cfg(any())] {vis} block Gone(x) {{ x }} net N(x: [4]) {{ x -> Gone }}");
        let file = emitted(&source);
        let exports = items(&file).into_iter().filter(|(text, _)| text.contains("__lightconv_"));
        for (text, attributes) in exports {
            assert!(attributes.iter().any(|a| a.to_token_stream().to_string() == attribute), "{text}");
        }
        let all = file.to_token_stream().to_string();
        assert!(all.contains("# [cfg (any ())] use Gone as _ ;"), "what editors read of it:\n{all}");
    }
}
