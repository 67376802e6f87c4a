//! Bodies that are after the compiler: too deep, too long, too large.

use crate::watch;
use proc_macro2::TokenStream;

/// Compiles an invocation under watch; its errors.
#[track_caller]
fn errors(source: String) -> Vec<String> {
    let shown = source[..source.len().min(300)].to_owned();
    let result = watch::on_a_small_stack(move |tell| {
        tell(shown.clone());
        let tokens: TokenStream = source.parse().unwrap_or_else(|e| panic!("{shown}: {e}"));
        watch::compile(tokens).map(watch::errors).map_err(|fault| format!("{shown}: {fault}"))
    });
    result.unwrap_or_else(|fault| panic!("{fault}"))
}

/// Checks that it is refused, and that an error says `bound`.
#[track_caller]
fn refused(source: impl Into<String>, bound: &str) {
    let source = source.into();
    let shown = source[..source.len().min(300)].to_owned();
    let errors = errors(source);
    assert!(errors.iter().any(|e| e.contains(bound)), "{shown}: {errors:#?}");
}

#[track_caller]
fn accepted(source: impl Into<String>) {
    let source = source.into();
    let shown = source[..source.len().min(300)].to_owned();
    assert_eq!(errors(source), Vec::<String>::new(), "{shown}");
}

fn net(body: &str) -> String {
    format!("net N(x: [4, 8, 8]) {{ {body} }}")
}

#[test]
fn nesting() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("-", ""), ("!", ""), ("(for _ in 0..1 { ", " })"), ("if true { ", " } else { 1 }")]
    {
        for depth in [110, 2_000, 9_000] {
            let nested = |inner: &str| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            refused(net(&format!("x -> Conv2d({}, 1)", nested("8"))), "00 deep");
            refused(net(&nested("x")), "00 deep");
        }
    }
    for word in ["if ", "if x -> if ", "x ** ", "not ", "- ! ", "if (1) + if "] {
        refused(net(&word.repeat(9_000)), "00 deep");
    }
    for word in [
        "for a in ",
        "let a = ",
        "else if ",
        "a: ",
        "x -> a: ",
        "x if ",
        "a, ",
        "1 .. ",
        "x -> ",
        "a.",
        "a[]",
        "\"{\" ",
    ] {
        errors(net(&word.repeat(9_000)));
    }
    for (open, close) in [("{", "}"), ("(", ")"), ("[", "]")] {
        let nested = format!("{}{}", open.repeat(9_000), close.repeat(9_000));
        errors(format!("#[doc = {nested}] net N(x: [4]) {{ x }}"));
        errors(format!("#[doc = m! {nested}] net N(x: [4]) {{ x }}"));
        errors(format!("#[doc {nested}] net N(x: [4]) {{ x }}"));
        errors(format!("pub(in {nested}) net N(x: [4]) {{ x }}"));
        errors(format!("use a::{nested}; net N(x: [4]) {{ x }}"));
        errors(format!("net N(x: {nested}) {{ x }}"));
        errors(format!("block B(x; p = {nested}) {{ x }} const C = {nested}; net N(x: [4]) -> {nested} {{ x -> B }}"));
    }
    let chained = "x -> Identity ".to_owned() + &"-> ReLU ".repeat(9_000);
    accepted(net(&chained));
    accepted(net(&format!("let a = 1{}; x * a", " + 1".repeat(20_000))));
    refused(net(&format!("let a = 1{}; x * a", "[0]".repeat(20_000))), "index");
}

#[test]
fn numbers() {
    for body in [
        "x -> Conv2d(9223372036854775807, 1)",
        "x -> Conv2d(4, 1, padding = 9223372036854775807)",
        "x -> Conv2d(4, 1, padding = 4611686018427387904)",
        "x -> ZeroPad2d([9223372036854775807, 9223372036854775807, 1, 1])",
        "x -> ZeroPadChannels(9223372036854775807, 9223372036854775807)",
        "x -> Upsample(scale_factor = 1e300)",
        "x -> Upsample(size = 9223372036854775807)",
        "x -> ConvTranspose2d(4, 2, stride = 9223372036854775807)",
        "x -> ConvTranspose2d(4, 9223372036854775807)",
        "x -> ConvTranspose2d(4, kernel_size = 3, dilation = 4611686018427387904)",
        "x -> AdaptiveAvgPool2d(4000000000)",
        "x -> Linear(9000000000000000000, axis = channels)",
        "param w: [9223372036854775807, 9223372036854775807, 1]; x + w",
    ] {
        refused(net(body), "2^31");
    }
    for body in [
        "x -> Conv2d(4, kernel_size = 9223372036854775807)",
        "x -> Conv2d(4, 3, dilation = 9223372036854775807)",
        "x -> MaxPool2d(9223372036854775807, padding = 4611686018427387903)",
        "x -> PixelShuffle(9223372036854775807)",
        "x -> PixelUnshuffle(4611686018427387904)",
        "x -> SpaceToDepth(9223372036854775807)",
        "x -> Chunk(9223372036854775807)",
        "x -> GroupNorm(9223372036854775807)",
        "x -> ChannelShuffle(9223372036854775807)",
        "(x, x, x) -> Attention(9223372036854775807)",
        "x -> ChannelConv1d(9223372036854775807)",
        "x -> PReLU(9223372036854775807)",
        "x[0..9223372036854775807]",
        "x[9223372036854775807..]",
        "x[-9223372036854775807 - 1..]",
        "x -> Split([9223372036854775807, 9223372036854775807])",
        "x -> Split(0)",
        "x -> Conv2d(4, 1, stride = 0)",
        "x -> Conv2d(0, 1)",
        "x -> Conv2d(4, 1, groups = 9223372036854775807)",
        "x -> SEBlock(9223372036854775807)",
        "x -> InvertedResidual(4, 1, 9223372036854775807)",
    ] {
        assert!(!errors(net(body)).is_empty(), "{body}");
    }
    for value in [
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9223372036854775807 * 2",
        "-(-9223372036854775807 - 1)",
        "abs(-9223372036854775807 - 1)",
        "(-9223372036854775807 - 1) / -1",
        "int(1e19)",
        "round(9.3e18)",
        "floor(-1e30)",
        "ceil(1e300 * 1e300)",
        "make_divisible(9223372036854775807, 8)",
        "make_divisible(9.2e18, 9223372036854775807)",
        "9223372036854775808",
        "99999999999999999999999999999999999999999999",
        "gcd(-9223372036854775807 - 1, 0)",
    ] {
        let errors = errors(net(&format!("let n = {value}; require(n == 0 - 1, \"{{n}}\"); x")));
        let says = |e: &String| e.contains("does not fit") || e.contains("64 bits") || e.contains("large");
        assert!(errors.iter().any(says), "{value}: {errors:?}");
    }
    for value in [
        "1 % 0",
        "1 / 0",
        "1.0 / 0.0",
        "0.0 / 0.0",
        "(-9223372036854775807 - 1) % -1",
        "sqrt(-1)",
        "log2(0)",
        "gcd(0, 0)",
        "min()",
        "max(1)",
    ] {
        errors(net(&format!("let n = {value}; x * n")));
    }
}

#[test]
fn loops_and_doubling() {
    refused(net("x -> [for i in 0..100000000000 { ReLU }]"), "1000000 turns");
    refused(net("x -> [for i in 0..=9223372036854775807 {}]"), "does not fit");
    refused(net("x -> [for i in -9223372036854775807..9223372036854775807 {}]"), "1000000 turns");
    refused(net("x -> [for i in 0..1000000 { for j in 0..1000000 { ReLU } }]"), "turns");
    refused(net("let t = [for i in 0..900000 { [for j in 0..900000 { j }] }]; x"), "turns");
    refused(net("let t = [0..900000, 0..900000]; x -> [for i in t { for j in i { for k in i { ReLU } } }]"), "turns");
    let doubled: String = (0..100).map(|_| "let t = [t, t];").collect();
    errors(net(&format!("let t = [1, 2]; {doubled} require(t == t, \"{{t}}\"); x -> [for i in t {{ ReLU }}]")));
    errors(net(&format!("let t = [1, 2]; {doubled} require(false, \"{{t}} {{t}} {{t}}\"); x")));
    let joined: String = (0..60).map(|_| "let x = (x, x) -> Concat;").collect();
    refused(net(&(joined + "x")), "2^31 elements");
    let summed: String = (0..100).map(|_| "let x = x + x;").collect();
    accepted(net(&(summed + "x")));
    let blocks: String = (0..40).map(|i| format!("block B{i}(x) {{ x -> a: B{n} -> b: B{n} }} ", n = i + 1)).collect();
    refused(format!("{blocks} block B40(x) {{ x -> ReLU }} {}", net("x -> B0")), "10000 layers");
}

#[test]
fn recursion() {
    refused(format!("block A(x) {{ x -> A }} {}", net("x -> A")), "recursion");
    refused(format!("block A(x) {{ x -> B }} block B(x) {{ x -> A }} {}", net("x -> A")), "recursion");
    refused(format!("block A(x; f) {{ x -> f(f) }} {}", net("x -> A(A)")), "64 deep");
    refused(format!("block A(x; f) {{ x -> f(f) -> f(f) }} {}", net("x -> A(A)")), "64 deep");
    refused(format!("const A = B; const B = A; {}", net("x -> Conv2d(A, 1)")), "recursion");
    let constants: String = (0..9_000).map(|i| format!("const C{i} = C{} + 1; ", i + 1)).collect();
    accepted(format!("{constants} const C9000 = 1; {}", net("x * C0")));
    let chain = |blocks: usize, padding: &str| {
        let blocks: String = (0..blocks)
            .map(|i| format!("block B{i}(x) {{ {padding} x -> B{} }} ", i + 1))
            .chain([format!("block B{blocks}(x) {{ x }} ")])
            .collect();
        blocks + &net("x -> B0")
    };
    refused(chain(450, ""), "64 deep");
    refused(chain(5_000, ""), "500 nets, blocks and imported names");
    refused(chain(450, &"let a = 1; ".repeat(30)), "more than 1000000 tokens");
}

#[test]
fn many_layers() {
    let layer = |i: usize| match i % 4 {
        0 => "Conv2d(4, 3, padding = 1), ",
        1 => "BatchNorm2d, ",
        2 => "ReLU, ",
        _ => "MaxPool2d(3, 1, 1), ",
    };
    accepted(net(&format!("x -> [{}]", (0..10_000).map(layer).collect::<String>())));
    accepted(net("(for i in 0..2000 { x -> \"a{i}\": Conv2d(4, 1) }) -> Concat"));
    accepted(net("(for i in 0..2000 { x -> \"a{i}\": Conv2d(4, 1) }) -> Sum"));
    let residuals =
        |n: usize| (0..n).map(|i| format!("let x = x + (x -> a{i}: Conv2d(4, 1));")).collect::<String>() + "x";
    accepted(net(&residuals(1_500)));
    let grown = |i: usize| format!("let x{i} = x -> a{i}: Conv2d(4, 1); let x = (x, x{i}) -> Concat;");
    accepted(net(&((0..1_000).map(grown).collect::<String>() + "x")));
    let kept: String = (0..1_500).map(|i| format!("let y{i} = x -> a{i}: Conv2d(4, 3);")).collect();
    let sum: String = (0..1_500).map(|i| format!("y{i}, ")).collect();
    accepted(net(&format!("{kept} ({sum}) -> Sum")));
    for layers in ["Conv2d(4, 1)", "ReLU", "Conv2d(4, 1), BatchNorm2d, Softmax"] {
        refused(net(&format!("x -> [for i in 0..100000 {{ {layers} }}]")), "10000 layers");
    }
}

#[test]
fn many_tokens() {
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let same = |n: usize, one: &str| one.repeat(n);
    // just within the bound, which is to be quick, and beyond it
    for times in [1, 3] {
        let sources = [
            net(&format!("x -> [{}]", many(45_000 * times, &|i| format!("Unknown{i}, ")))),
            net(&same(90_000 * times, ", ")),
            same(90_000 * times, "net "),
            same(90_000 * times, "#"),
            net(&same(18_000 * times, "let a = 1; ")),
            net(&(same(11_000 * times, "let a = [1, 2]; ") + "x")),
            net(&format!("x -> [{}]", same(45_000 * times, "ReLU, "))),
            net(&format!("x -> Conv2d({})", same(45_000 * times, "4, "))),
            net(&format!("x -> Conv2d({})", same(22_000 * times, "bias = true, "))),
            many(10_000 * times, &|i| format!("const N{i} = [{i}]; ")) + &net("x -> N7"),
            format!("use a::{{{}}}; {}", many(45_000 * times, &|i| format!("B{i}, ")), net("x -> B7")),
            format!("net N({}) {{ x0 }}", many(18_000 * times, &|i| format!("x{i}: [4], "))),
            net(&format!("({})", same(45_000 * times, "x, "))),
            net(&format!("x -> {}: ReLU", vec!["a"; 45_000 * times].join("."))),
        ];
        for source in sources {
            match times {
                1 => drop(errors(source)),
                _ => refused(source, "100000 tokens"),
            }
        }
    }
    refused(many(20_000, &|i| format!("net N{i}(x: [4]) {{ x }} ")), "100000 tokens");
    refused(many(5_000, &|i| format!("net N{i}(x: [4]) {{ x }} ")), "500 nets, blocks and imported names");
    refused(many(5_000, &|i| format!("block N{i}(x) {{ x -> Nope }} ")), "500 nets, blocks and imported names");
}

/// One token may be as long as it likes.
#[test]
fn long_tokens() {
    refused(net(&format!("x -> {}: ReLU", "a".repeat(1_000_000))), "at most 500 characters");
    refused(net(&format!("x -> \"{}\": ReLU", "{1}".repeat(100_000))), "at most 500 characters");
    errors(net(&format!("x -> {}", "A".repeat(1_000_000))));
    refused(net(&format!("x * {}", "9".repeat(1_000_000))), "10000 digits");
    errors(net(&format!("x * {}", "9".repeat(9_000))));
    refused(net(&format!("x * 0.{}", "9".repeat(1_000_000))), "10000 digits");
    errors(net(&format!("require(false, \"{}\"); x", "{x}".repeat(100_000))));
    errors(net(&format!("require(false, \"{}\"); x", "long".repeat(1_000_000))));
    errors(net(&format!("x -> \"{}{}\": ReLU", "{(".repeat(5_000), ")}".repeat(5_000))));
    errors(net(&format!("x -> \"{{{}1{}}}\": ReLU", "(".repeat(5_000), ")".repeat(5_000))));
}
