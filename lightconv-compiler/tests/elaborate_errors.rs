//! Errors of the front end: what they say, which tokens they point at, and that none is caused by another.

#![allow(dead_code)]

#[path = "support/front.rs"]
mod front;

use front::{body_has, elaborate, errors, has};

#[test]
fn names_that_nothing_is_called() {
    body_has("x -> Relu", &[("Relu", "did you mean `ReLU`?")]);
    body_has("x -> conv2d(8, 1)", &[("conv2d", "did you mean `Conv2d`?")]);
    body_has("y -> ReLU", &[("y", "no value named `y`")]);
    body_has("let width = 3; x -> Conv2d(widht, 1)", &[("widht", "did you mean `width`?")]);
    body_has("x -> [Foo, Bar, Conv2d(baz, 1)]", &[("Foo", "Foo"), ("Bar", "Bar"), ("baz", "baz")]);
    body_has("x -> round", &[("round", "is a function")]);
    has("block Unused(x) { x -> Foo } net N(x: [4]) { x -> ReLU }", &[("Foo", "Foo")]);
    has("net M(x: [4]) { x -> ReLU } net N(x: [4]) { x -> M }", &[("M", "is a net")]);
    has("const A = B; net N(x: [4]) { x -> Linear(A) }", &[("B", "no layer, block or value named `B`")]);
    // A name of a branch or loop ends with it.
    body_has("let y = if true { let t = x -> ReLU; t } else { x }; y + t", &[("t", "no value named `t`")]);
    body_has("(for i in 0..2 { x }, x -> Conv2d(i, 1)) -> Sum", &[("i", "no value named `i`")]);
}

#[test]
fn definitions() {
    has("net N(x: [4]) { x -> B } block B(x) { x -> ReLU } block B(x) { x -> Tanh }", &[("B", "defined twice")]);
    has("net N(x: [4]) { x -> ReLU } net N(x: [4]) { x -> ReLU }", &[("N", "defined twice")]);
    has("const A = 1; block A(x) { x } net N(x: [4]) { x }", &[("A", "defined twice")]);
    has("block A(x) { x -> A } net N(x: [4]) { x -> A }", &[("A", "block `A` is defined by itself")]);
    has(
        "block A(x) { x -> B } block B(x) { x -> A } net N(x: [4]) { x -> A -> B }",
        &[("A", "block `A` is defined by itself through `B`")],
    );
    has(
        "const A = B; const B = A + 1; net N(x: [4]) { x -> Linear(A) }",
        &[("A", "const `A` is defined by itself through `B`")],
    );
    has("block Conv(x; n) { x -> Conv(n) } net N(x: [4]) { x -> Conv(1) }", &[("Conv", "hides the shipped one")]);
    has("block B(x; a, a) { x } net N(x: [4]) { x }", &[("a", "two parameters are named `a`")]);
    has("block B(; a) { x } net N(x: [4]) { x }", &[("(; a)", "at least one tensor")]);
    has("net N() { 1 }", &[("()", "at least one input")]);
    body_has("let (a, a) = x -> Chunk(2); a", &[("a", "bound twice")]);
}

#[test]
fn arguments() {
    body_has("x -> Conv2d(8)", &[("Conv2d(8)", "misses its argument `kernel_size`")]);
    body_has("x -> Conv2d(8, 3, strid = 2)", &[("strid = 2", "did you mean `stride`?")]);
    body_has("x -> Conv2d(8, 3, stride = 1, stride = 2)", &[("stride = 2", "given twice")]);
    body_has("x -> Conv2d(8, 3, kernel_size = 3)", &[("kernel_size = 3", "given twice")]);
    body_has("let u = Conv2d(4, 1, bias = false); x -> u(bias = true)", &[("bias = true", "leave one of them out")]);
    body_has(
        "x -> Upsample(scale_factor = 2, mode = bicubic)",
        &[("bicubic", "`mode` understands `nearest`, `bilinear`")],
    );
    // the words are those of the argument that the name is the value of, after a call in it too
    body_has("x -> Concat(axis = (PReLU(1), qqqq))", &[("qqqq", "`axis` understands `channels`, `height`, `width`")]);
    body_has("x -> Conv2d(8, 3, padding = valid)", &[("valid", "no padding is `padding = 0`")]);
    body_has("x -> Conv2d(8, stride = 1, 3)", &[("3", "follows one by name")]);
    body_has("x -> ReLU(1, 2)", &[("2", "at most")]);
    body_has("x -> Conv2d(8, 3, stride = 0)", &[("stride = 0", "stride")]);
    body_has("x -> Conv2d(8, 3, bias = 1)", &[("bias = 1", "bias")]);
    body_has("x -> Conv2d(ReLU, 3)", &[("ReLU", "out_channels")]);
    body_has("x -> Conv2d(3, 32, 3)", &[("32", "input channels are inferred")]);
    body_has("x -> Conv2d(3, (1, 17))", &[("(1, 17)", "such a kernel")]);
    body_has("x -> Concat(axis = depth)", &[("depth", "`axis` understands `channels`, `height`, `width`")]);
    body_has("x -> Conv2d(8, 3, in_channels = 4)", &[("in_channels = 4", "8")]);
    body_has("x -> BatchNorm2d(64)", &[("64", "8")]);
    body_has("x -> Conv2d(8, 9)", &[("9", "kernel")]);
    body_has("x -> SEBlock(inp = 9)", &[("inp = 9", "the input has 8 channels")]);
    body_has("x -> SEBlock(1, 2)", &[("2", "at most 1 argument")]);
    body_has("x -> SEBlock(reductoin = 2)", &[("reductoin = 2", "did you mean `reduction`?")]);
    body_has("x -> InvertedResidual(8)", &[("InvertedResidual(8)", "`stride` and `expand_ratio`")]);
    body_has("x -> Softmax(axis = \"channels\")", &[("\"channels\"", "write `channels`")]);
    body_has("x -> Conv2d(8, 3, padding = \"same\")", &[("\"same\"", "write `same`")]);
    // The value of an argument may come from elsewhere: the error stays where it was given.
    body_has("let conv = Conv2d(8, 3, stride = 0); x -> conv", &[("stride = 0", "stride")]);
}

#[test]
fn shapes() {
    body_has(
        "x + (x -> Conv2d(8, 3))",
        &[("x + (x -> Conv2d(8, 3))", "cannot add [8, 6, 6] and [8, 4, 4]: heights differ")],
    );
    body_has("(x, x -> AvgPool2d(2)) -> Concat", &[("Concat", "[8, 3, 3]")]);
    body_has("x -> Linear(10)", &[("Linear(10)", "Flatten")]);
    body_has("x[4..9]", &[("4..9", "does not lie within the 8 channels")]);
    body_has("x[4..4]", &[("4..4", "no channels")]);
    body_has("x[-2..]", &[("-2..", "count from the front")]);
    body_has("x[1]", &[("1", "write `x[1..2]`")]);
    body_has("(x, x) -> ReLU", &[("ReLU", "ReLU")]);
    body_has("(x, x) -> SEBlock", &[("SEBlock", "takes one tensor, found a tuple of 2")]);
    body_has("x -> Chunk(3)", &[("3", "3")]);
    has("net N(x: [4, 8, 8]) -> [5] { x -> GlobalAvgPool }", &[("[5]", "stated to be [5], and the net gives [4]")]);
    has("net N(x: [4]) -> ([4], [4]) { x -> ReLU }", &[("[4], [4]", "2 outputs are stated, and the net gives 1")]);
    has("net N(x: [1, 3, 8, 8]) { x -> ReLU }", &[("[1, 3, 8, 8]", "the batch is never named")]);
    has("net N(x: [3, 0, 8]) { x -> ReLU }", &[("0", "positive integer, found the integer 0")]);
    has("net N(x: [99999, 99999, 99999]) { x -> ReLU }", &[("[99999, 99999, 99999]", "too large")]);
    has(
        "net N(x: [9223372036854775807]) { x -> Linear(9223372036854775807) }",
        &[("[9223372036854775807]", "too large"), ("9223372036854775807", "the most is 2^31")],
    );
}

#[test]
fn kinds_of_values() {
    body_has("x -> 3", &[("3", "expected a layer, found the integer 3")]);
    body_has("x -> none", &[("none", "the layer that does nothing is `[]`")]);
    body_has("ReLU -> Tanh", &[("ReLU", "layers in sequence are a list")]);
    body_has("let y = [x, x] -> Concat; y", &[("[x, x]", "`(a, b) -> Concat`")]);
    body_has("x + ReLU", &[("x + ReLU", "apply the layer first")]);
    body_has("x == x", &[("x == x", "tensors are not compared")]);
    body_has("x % 2", &[("x % 2", "`%` is not for tensors")]);
    body_has("x(3)", &[("x(3)", "a tensor is not called")]);
    body_has("x.shape", &[("shape", "a tensor has no `shape`")]);
    body_has("3", &[("3", "a net gives a tensor")]);
    body_has("[ReLU]", &[("[ReLU]", "apply the layer")]);
    body_has(
        "x -> Foo(3); x -> ReLU",
        &[("x -> Foo(3)", "is not used"), ("Foo", "no layer, block or value named `Foo`")],
    );
    body_has("(a: x, x)", &[("a: x", "the entries of a tuple have no labels")]);
    body_has("layer l = 3; x -> l", &[("3", "`layer l` wants a layer")]);
    body_has("layer l.0 = ReLU; x -> l", &[(".", "labels of what it stands in")]);
    body_has("param p.q: [8]; x * p", &[(".", "labels of what it stands in")]);
    body_has("layer l = ReLU; x -> l(3)", &[("l(3)", "has its arguments already")]);
    body_has("let (a, b) = x; a", &[("(a, b)", "the pattern wants a tuple of 2, found a tensor")]);
    body_has("x / 0", &[("x / 0", "by zero")]);
    body_has("x * 1e300", &[("x * 1e300", "too large")]);
    has("block B(x) { ReLU } net N(x: [4]) { x -> B }", &[("ReLU", "a block gives a tensor")]);
}

#[test]
fn weights_of_one_name() {
    body_has("x -> PReLU -> PReLU", &[("PReLU", "two layers with weights have no name")]);
    body_has("x -> a: PReLU -> a: Conv2d(8, 1)", &[("Conv2d(8, 1)", "two layers with weights are named `a`")]);
    body_has("x -> [a: PReLU, a: PReLU]", &[("a: PReLU", "two layers with weights are named `a`")]);
    body_has("x -> [1: PReLU, 1: PReLU]", &[("1: PReLU", "named `1`")]);
    body_has(
        "layer l = Linear(4); (x -> Flatten -> l, x -> GlobalAvgPool -> l) -> Sum",
        &[("l", "inputs that want different weights")],
    );
    body_has("layer l = [a: PReLU, a: PReLU]; x -> l -> l", &[("a: PReLU", "named `l.a`")]);
    body_has("layer l = PReLU; x -> other: l", &[("other", "named already")]);
    let found = errors("net N(x: [4]) {\n x -> a: PReLU\n -> a: Linear(4) }");
    assert!(found[0].message.contains("at line 2"), "{found:#?}");
}

#[test]
fn requirements() {
    has(
        "block B(x; n) { require(n % 2 == 0, \"n ({n}) must be even, x has {x.channels}\"); x -> ReLU }
         net N(x: [4]) { x -> B(3) -> B(2) -> B(n = 5) }",
        &[("3", "n (3) must be even, x has 4"), ("n = 5", "n (5) must be even, x has …")],
    );
    has(
        "block B(x; n) { require(n % 2 == 0, \"n ({n}) must be even\"); x -> ReLU } net N(x: [4]) { (x -> B(3), x -> B(5)) }",
        &[("3", "n (3) must be even"), ("5", "n (5) must be even")],
    );
    body_has("require(x.channels == 9, \"{x.channels} channels\"); x", &[("x.channels == 9", "8 channels")]);
    body_has("require(1, \"one\"); x", &[("1", "a condition is a boolean")]);
}

#[test]
fn places() {
    let place = |source: &str| errors(source).remove(0).place.unwrap_or_default();
    assert_eq!(place("net N(x: [8, 6, 6]) { x -> Conv2d(8, 9) }"), "in net `N`");
    assert_eq!(place("net N(x: [8, 6, 6]) { x -> a: [ReLU, Conv2d(8, 9)] }"), "in layer `a.1`, of net `N`");
    assert_eq!(
        place("net N(x: [8, 6, 6]) { x -> a: [B] } block B(x) { x -> b: Conv2d(8, 9) }"),
        "in block `B`, layer `a.0.b`, of net `N`"
    );
    assert_eq!(
        place("net N(x: [8, 6, 6]) { x -> a: B } block B(x) { x -> b: C } block C(x) { x + x[0..3] }"),
        "in block `C`, used by block `B`, layer `a.b`, of net `N`"
    );
    assert_eq!(place("const A = 1 / 0; net N(x: [4]) { x -> Linear(A) }"), "in const `A`");
}

#[test]
fn errors_in_shipped_blocks_stand_at_the_users_call() {
    body_has("x -> s: InvertedResidual(8, stride = 3, expand_ratio = 1)", &[("stride = 3", "stride")]);
    body_has("x -> Conv(16, 3, g = 3)", &[("Conv(16, 3, g = 3)", "groups")]);
    has(
        "block Mine(x) { x -> SEBlock(100) } net N(x: [8, 6, 6]) { x -> Mine }",
        &[("100", "from 1 to the 8 channels")],
    );
}

#[test]
fn one_mistake_is_one_error() {
    // Nothing that depends on it says anything more.
    body_has(
        "let y = x -> Conv2d(8, 9); let z = y -> Linear(3) -> BatchNorm2d; z[100..200] + x -> SEBlock",
        &[("9", "kernel")],
    );
    body_has(
        "let n = 1 / 0; let m = n * 2 + len([n]); x -> Conv2d(m, m) -> [for i in 0..m { ReLU }]",
        &[("1 / 0", "division by zero")],
    );
    body_has("let (a, b) = 3; a + b -> Conv2d(a.channels, 1)", &[("(a, b)", "the pattern")]);
    // One met in every turn of a loop, or in every use of a block, is one.
    body_has("x -> [for i in 0..9 { Conv2d(i, 9 + i * 0) }]", &[("i", "out_channels")]);
    has(
        "block B(x) { x -> Conv2d(8, 9) } net N(x: [8, 6, 6]) { (x -> B, x -> B, x -> ReLU -> B) -> Sum } net M(x: [8, 5, 5]) { x -> B }",
        &[("9", "kernel")],
    );
    has(
        "const A = 1 / 0; const B = A + 1; net N(x: [A, B, 3]) { x -> Conv2d(A, B) }",
        &[("1 / 0", "division by zero")],
    );
    // And several mistakes are several errors.
    body_has(
        "let a = x -> Conv2d(8, 9); let b = x -> Relu; let c = x[9..]; (a, b, c) -> Concat",
        &[("Relu", "ReLU"), ("9", "kernel"), ("9..", "does not lie within")],
    );
}

#[test]
fn blocks_that_nothing_applies() {
    let used = "net N(x: [8, 6, 6]) { x -> ReLU }";
    let has = |block: &str, expected: &[(&str, &str)]| has(&format!("{block} {used}"), expected);
    has("pub block U(x; n) { x -> Conv2d(n, 3, paddin = 1) }", &[("paddin = 1", "did you mean `padding`?")]);
    has("block U(x; n) { x -> Conv2d(n) }", &[("Conv2d(n)", "misses its argument `kernel_size`")]);
    has("block U(x; n) { x -> Conv2d(n, 3, groups = 0) }", &[("groups = 0", "the least is 1")]);
    has(
        "block U(x; n) { x -> MaxPool2d(n, padding = 1) -> Upsample(scale_factor = n, align_corners = true, mode = n) }",
        &[],
    );
    has("block U(x; n = 0) { x -> SEBlock(1, n) }", &[("n", "at most 1 argument")]);
    has("block U(x) { [ReLU] }", &[("[ReLU]", "apply the layer")]);
    has("block U(x; n) { x -> V(n, m = 1) } block V(x; n) { x -> Linear(n) }", &[("m = 1", "no argument named `m`")]);
    // what depends on parameters is not known
    has("block U(x; n, k = 0) { require(k > 0, \"\"); let (a, b) = n; x -> Conv2d(a, k, groups = b[k]) }", &[]);
    has(
        "block U(x; n, act) { if n == 1 { x -> act } else { (for i in 0..n { x -> act(i) }) -> Concat(axis = act) } }",
        &[],
    );
    has("block U(a, b; n) { let y = (a + b)[n..] -> Chunk(n); param p: [n]; (y[0] * p, y[n]) }", &[]);
    // errors of one that is applied are reported where it is
    let places: Vec<_> = errors("block U(x; n) { x -> Conv2d(n, 0) } net N(x: [8, 6, 6]) { x -> U(1) -> U(2) }");
    assert_eq!(places.len(), 1, "{places:#?}");
    assert_eq!(places[0].place.as_deref(), Some("in block `U`, of net `N`"));
    let places = errors("block U(x; n) { x -> Conv2d(n, 0) } net N(x: [8, 6, 6]) { x }");
    assert_eq!(places[0].place.as_deref(), Some("in block `U`"));
}

#[test]
fn values_behind_an_error() {
    let behind = |layers: &str, expected: &[(&str, &str)]| {
        let all: Vec<_> = [("9", "kernel")].iter().chain(expected).copied().collect();
        body_has(&format!("x -> Conv2d(8, 9) -> {layers}"), &all);
    };
    behind("MaxPool2d(0)", &[("0", "the least is 1")]);
    behind("Conv2d(3, 1, bias = 7) -> BatchNorm2d(eps = -1)", &[("bias = 7", "true"), ("eps = -1", "from 0")]);
    behind("Linear(0)", &[("0", "the least is 1")]);
    behind("[Concat(axis = 1), Conv2d(300, 64)]", &[("axis = 1", "`axis` must be"), ("64", "input channels are")]);
    behind("InvertedResidual(16, stride = 3, expand_ratio = 6)", &[("stride = 3", "stride")]);
    // what the input decides is not known
    behind("Conv2d(7, 15, groups = 3) -> Linear(5) -> PixelShuffle(7) -> Chunk(3)", &[]);
    behind("InvertedResidual(16, stride = 1, expand_ratio = 6) -> SEBlock -> Flatten -> Linear(5)", &[]);
}

#[test]
fn a_net_that_is_not_as_stated_is_whole() {
    let (nets, found) = elaborate("net N(x: [8, 6, 6]) -> ([8], [9]) { x -> GlobalAvgPool }");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(nets[0].as_ref().expect("a graph").contradicted, Some(2));
}

#[test]
fn every_net_with_an_error_is_broken() {
    let (nets, errors) = elaborate(
        "net A(x: [4]) { x -> ReLU } net B(x: [4], y: [4]) -> ([4], [4]) { x -> Foo }
         block Bad(x) { x -> Conv2d(8, 9, 1 } net C(x: [4]) { x -> ReLU }"
            .replace("1 }", "1 2) }")
            .as_str(),
    );
    assert_eq!(errors.len(), 2, "{errors:#?}");
    let broken: Vec<_> =
        nets.iter().map(|n| n.as_ref().err().map(|b| (b.name.to_string(), b.inputs, b.outputs))).collect();
    assert_eq!(broken, [None, Some(("B".to_owned(), 2, 2)), None]);
    // A net that needs a broken block is broken without an error of its own.
    let (nets, errors) = elaborate("block Bad(x) { let a = 1 2; x } net C(x: [4]) { x -> Bad }");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(nets[0].is_err());
}

#[test]
fn imports() {
    has("use a::b::*; net N(x: [4]) { x }", &[("*", "brought in by name")]);
    has("pub use a::B; net N(x: [4]) { x -> B(4) }", &[("pub", "for its own invocation only")]);
    has("use a::B as if; net N(x: [4]) { x }", &[("if", "a word of the language")]);
    has("use a::{B C}; net N(x: [4]) { x }", &[("C", "expected `,`")]);
    for module in ["self", "super", "crate", "Self"] {
        let is_module = &format!("`{module}` is a module");
        has(&format!("use a::{{{module}, B}}; net N(x: [4]) {{ x -> B }}"), &[(module, is_module)]);
        has(&format!("use {module} as B; net N(x: [4]) {{ x }}"), &[(module, is_module)]);
    }
    has("use a::{B, c::B}; net N(x: [4]) { x }", &[("B", "defined twice")]);
    has("use a::B; block B(x) { x } net N(x: [4]) { x }", &[("B", "defined twice")]);
    has("use a::Ghost; net N(x: [4]) { x -> Gost }", &[("Gost", "did you mean `Ghost`?")]);
}

#[test]
fn attributes() {
    has("#[budget(params <= 5, cost <= 3)] net N(x: [4]) { x }", &[("cost", "not `cost`")]);
    has("#[budget(params >= 5)] net N(x: [4]) { x }", &[(">", "`<=` or `<`")]);
    has("#[budget(params <= 5Q)] net N(x: [4]) { x }", &[("5Q", "`Q` is not a unit")]);
    has("#[budget(params <= 5)] block B(x) { x } net N(x: [4]) { x }", &[("params <= 5", "only a net has a budget")]);
    has("#[ptflops(skip = [BatchNorm])] net N(x: [4]) { x }", &[("BatchNorm", "did you mean `BatchNorm2d`?")]);
}

#[test]
fn attributes_of_what_becomes_no_item() {
    for item in ["const A = 3;", "use m::A;"] {
        let with = |attribute: &str| format!("{attribute} {item} net N(x: [4]) {{ x }}");
        for (attribute, part) in [
            ("#[cfg(any())]", "cannot depend on a `cfg`"),
            ("#[cfg_attr(all(), cfg(any()))]", "cannot depend on a `cfg`"),
            ("#[budget(params <= 1)]", "`#[budget]` does nothing"),
            ("#[ptflops(skip = [ReLU])]", "`#[ptflops]` does nothing"),
            ("#[deprecated]", "`#[deprecated]` does nothing"),
        ] {
            has(&with(attribute), &[(attribute, part)]);
        }
        has(&with("#[1]"), &[("[1]", "this is no attribute")]);
        has(&with("/// Says what it is.\n #[allow(unused)] #[rustfmt::skip]"), &[]);
    }
}

#[test]
fn of_nets_under_conditions_several_may_have_one_name() {
    has("#[cfg(a)] net N(x: [4]) { x } #[cfg(not(a))] net N(x: [4]) { x -> ReLU }", &[]);
    has("#[cfg(a)] net N(x: [4]) { x } #[allow(unused)] net N(x: [4]) { x -> ReLU }", &[]);
    has("net N(x: [4]) { x } #[allow(unused)] net N(x: [4]) { x -> ReLU }", &[("N", "defined twice")]);
}
