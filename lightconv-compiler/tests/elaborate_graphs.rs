//! Programs and the graphs they become: flows, lists, labels, loops, blocks, shared layers, learnt tensors.

#![allow(dead_code)]

#[path = "support/front.rs"]
mod front;

use front::{graph, show, weights};
use lightconv_compiler::graph::BudgetKind;

#[track_caller]
fn becomes(source: &str, expected: &str) {
    let expected: String = expected.trim().lines().map(|l| format!("{}\n", l.trim())).collect();
    assert_eq!(show(&graph(source)), expected, "{source}");
}

#[track_caller]
fn wants(source: &str, expected: &[&str]) {
    assert_eq!(weights(&graph(source)), expected, "{source}");
}

/// Weights of a net of that body, whose input has 4 channels.
#[track_caller]
fn body_wants(body: &str, expected: &[&str]) {
    wants(&format!("net N(x: [4, 8, 8]) {{ {body} }}"), expected);
}

#[test]
fn flows_and_arithmetic() {
    becomes(
        "net N(x: [4, 8, 8]) -> [4, 8, 8] { let y = x -> ReLU; x + y * 2 - 1 -> Sigmoid }",
        "-: ReLU (t0 [4, 8, 8]) = t1 [4, 8, 8]
         -: x * 2 (t1 [4, 8, 8]) = t2 [4, 8, 8]
         -: a + b (t0 [4, 8, 8], t2 [4, 8, 8]) = t3 [4, 8, 8]
         -: x - 1 (t3 [4, 8, 8]) = t4 [4, 8, 8]
         -: Sigmoid (t4 [4, 8, 8]) = t5 [4, 8, 8]
         -> t5 [4, 8, 8]",
    );
}

#[test]
fn the_program_of_the_contract() {
    let g = graph(
        r#"
        /// Ten-class classifier for 32 x 32 colour images.
        #[budget(params <= 120_000, macs <= 6_000_000, arena <= 96 KiB)]
        pub net TinyNet(x: [3, 32, 32]) -> [10] {
            x -> stem: [Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish]
              -> blocks: [
                    InvertedResidual(16, stride = 1, expand_ratio = 1),
                    InvertedResidual(24, stride = 2, expand_ratio = 4),
                    for _ in 0..2 { InvertedResidual(24, stride = 1, expand_ratio = 4, use_se = true) },
                 ]
              -> GlobalAvgPool
              -> head: Linear(10)
        }
        pub block GhostModule(x; out, kernel_size = 1, ratio = 2, dw_size = 3) {
            require(out % ratio == 0, "out ({out}) must be a multiple of ratio ({ratio})");
            let init = out / ratio;
            let a = x -> primary_conv:    [Conv2d(init, kernel_size, padding = kernel_size / 2, bias = false), BatchNorm2d, ReLU];
            let b = a -> cheap_operation: [Conv2d(out - init, dw_size, padding = dw_size / 2, groups = init, bias = false), BatchNorm2d, ReLU];
            (a, b) -> Concat
        }
        "#,
    );
    let names = weights(&g);
    for name in ["stem.0.weight", "stem.1.bias", "blocks.0.conv.0.weight", "blocks.3.conv.6.fc.0.weight", "head.bias"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let budget: Vec<_> = g.budget.iter().map(|b| (b.kind, b.limit, b.strict)).collect();
    assert_eq!(
        budget,
        [
            (BudgetKind::Params, 120_000, false),
            (BudgetKind::Macs, 6_000_000, false),
            (BudgetKind::Arena, 96 * 1024, false)
        ]
    );
    assert!(g.attrs.to_string().contains("Ten-class classifier"));
    assert!(!g.attrs.to_string().contains("budget"));
    assert_eq!(g.vis.to_string(), "pub");
}

#[test]
fn lists_number_their_entries() {
    body_wants("x -> [Conv2d(4, 1, bias = false), ReLU, Conv2d(4, 1, bias = false)]", &["0.weight", "2.weight"]);
    // A labelled entry takes an index all the same.
    body_wants(
        "x -> a: [c: Linear(4, bias = false, axis = channels), Conv2d(4, 1, bias = false)]",
        &["a.c.weight", "a.1.weight"],
    );
    // An integer sets the index, and later entries count on.
    body_wants("x -> f: [5: Conv2d(4, 1, bias = false), PReLU]", &["f.5.weight", "f.6.weight"]);
    body_wants(
        "x -> f: [if true { PReLU, PReLU }, for i in 0..2 { PReLU } if false { PReLU } else { PReLU }]",
        &["f.0.weight", "f.1.weight", "f.2.weight", "f.3.weight", "f.4.weight"],
    );
    body_wants("x -> [[PReLU, [PReLU]], PReLU]", &["0.0.weight", "0.1.0.weight", "1.weight"]);
    // One list cut in two at a tap.
    body_wants(
        "let t = x -> features: [PReLU, PReLU]; t + (t -> features: [2: PReLU, PReLU])",
        &["features.0.weight", "features.1.weight", "features.2.weight", "features.3.weight"],
    );
    becomes("net N(x: [4]) { x -> [] -> [[], []] }", "-> t0 [4]");
}

#[test]
fn parentheses_around_a_layer_change_nothing() {
    for layer in [
        "PReLU",
        "[PReLU, PReLU]",
        "if true { PReLU }",
        "if false { PReLU }",
        "if false { PReLU } else { SEBlock }",
        "if true { if true { a: PReLU } }",
        "if true { } else { PReLU }",
    ] {
        let nets = |layer: &str| {
            ["x -> LAYER", "x -> a: LAYER", "x -> [a: LAYER]", "layer a = LAYER; x -> a"].map(|body| {
                let body = body.replace("LAYER", layer);
                show(&graph(&format!("net N(x: [8, 6, 6]) {{ {body} }}")))
            })
        };
        assert_eq!(nets(&format!("({layer})")), nets(layer));
        assert_eq!(nets(&format!("(({layer}))")), nets(layer));
    }
}

#[test]
fn labels_of_every_kind() {
    body_wants("x -> type: PReLU -> r#fn: PReLU -> if: PReLU", &["type.weight", "fn.weight", "if.weight"]);
    body_wants(
        "x -> 7: PReLU -> model.6: PReLU -> model.0.1: PReLU",
        &["7.weight", "model.6.weight", "model.0.1.weight"],
    );
    body_wants(
        "x -> 0.1: PReLU -> a.1.2.3.b: PReLU -> 2.conv.1: PReLU",
        &["0.1.weight", "a.1.2.3.b.weight", "2.conv.1.weight"],
    );
    body_wants(
        "x -> attn.qkv: [for i in 1..3 { \"layer{i + 1}.p{i}\": PReLU }]",
        &["attn.qkv.layer2.p1.weight", "attn.qkv.layer3.p2.weight"],
    );
    body_wants("let s = 3; x -> \"a{{{s}}}\": PReLU", &["a{3}.weight"]);
    body_wants("let r#if = 3; let s_r = 1; x -> \"a{s_r+r#if}\": PReLU", &["a4.weight"]);
    body_wants("x -> [for i in 4..6 { \"{i}\": PReLU }, PReLU]", &["4.weight", "5.weight", "6.weight"]);
}

#[test]
fn unlabelled_layers_add_nothing() {
    wants(
        "net N(x: [4, 8, 8]) { x -> PReLU -> Wrap(2) } block Wrap(x; n) { x -> inner: Inner(n) } block Inner(x; n) { x -> [for _ in 0..n { PReLU }] }",
        &["weight", "inner.0.weight", "inner.1.weight"],
    );
}

#[test]
fn for_and_if_in_tuples() {
    becomes(
        "net N(x: [8, 2, 2]) { let c = 4; (for g in 0..2 { x[g * c..(g + 1) * c] -> ReLU }, if true { x }) -> Concat }",
        "-: x[0..4] (t0 [8, 2, 2]) = t1 [4, 2, 2]
         -: ReLU (t1 [4, 2, 2]) = t2 [4, 2, 2]
         -: x[4..8] (t0 [8, 2, 2]) = t3 [4, 2, 2]
         -: ReLU (t3 [4, 2, 2]) = t4 [4, 2, 2]
         -: Concat (t2 [4, 2, 2], t4 [4, 2, 2], t0 [8, 2, 2]) = t5 [16, 2, 2]
         -> t5 [16, 2, 2]",
    );
    becomes(
        "net N(x: [8]) { let (a, b) = x -> Chunk(2); (a, b, a) -> Sum }",
        "-: Chunk(2) (t0 [8]) = t1 [4], t2 [4]
         -: Sum (t1 [4], t2 [4], t1 [4]) = t3 [4]
         -> t3 [4]",
    );
}

#[test]
fn ifs_are_expressions_of_layers_and_tensors() {
    let program = |s: i32| {
        format!(
            "net N(x: [4, 8, 8]) {{ let s = {s}; let y = x -> if s == 2 {{ AvgPool2d(2) }} else {{ [] }}; \
             if s == 2 {{ let t = y -> ReLU; t + y }} else {{ y }} -> if s == 3 {{ Sigmoid }} }}"
        )
    };
    becomes(
        &program(2),
        "-: AvgPool2d(2) (t0 [4, 8, 8]) = t1 [4, 4, 4]
         -: ReLU (t1 [4, 4, 4]) = t2 [4, 4, 4]
         -: a + b (t2 [4, 4, 4], t1 [4, 4, 4]) = t3 [4, 4, 4]
         -> t3 [4, 4, 4]",
    );
    becomes(&program(3), "-: Sigmoid (t0 [4, 8, 8]) = t1 [4, 8, 8]\n-> t1 [4, 8, 8]");
    body_wants("x -> if 1 == 2 { a: PReLU } else { b: PReLU }", &["b.weight"]);
}

#[test]
fn layers_are_values() {
    // Arguments are added by calls, by position and by name.
    becomes(
        "const NORM = BatchNorm2d(eps = 1e-3); const ROWS = [(3, 8, ReLU, none), (1, 4, Sigmoid, NORM)];
         net N(x: [4, 8, 8]) {
             let conv = Conv2d(bias = false);
             x -> [for (k, out, act, norm) in ROWS { conv(out, k), if norm != none { norm }, act }]
         }",
        "0: Conv2d(8, 3, bias = false) (t0 [4, 8, 8]) = t1 [8, 6, 6]
         1: ReLU (t1 [8, 6, 6]) = t2 [8, 6, 6]
         2: Conv2d(4, 1, bias = false) (t2 [8, 6, 6]) = t3 [4, 6, 6]
         3: BatchNorm2d(eps = 0.001) (t3 [4, 6, 6]) = t4 [4, 6, 6]
         4: Sigmoid (t4 [4, 6, 6]) = t5 [4, 6, 6]
         -> t5 [4, 6, 6]",
    );
    wants(
        "block Unit(x; out, k, act = ReLU) { x -> conv: Conv2d(out, k, bias = false) -> act }
         block Twice(x; f) { x -> a: f -> b: f }
         net N(x: [4, 8, 8]) { let unit = Unit(act = Sigmoid); x -> u: unit(48, 3) -> t: Twice(unit(4, 1)) }",
        &["u.conv.weight", "t.a.conv.weight", "t.b.conv.weight"],
    );
    // Lists are layers; an index takes one out; a name may be bound again.
    becomes(
        "net N(x: [4]) { let acts = [ReLU, Sigmoid, Tanh]; let x = x -> acts[1]; x -> acts[1..] }",
        "-: Sigmoid (t0 [4]) = t1 [4]
         1: Sigmoid (t1 [4]) = t2 [4]
         2: Tanh (t2 [4]) = t3 [4]
         -> t3 [4]",
    );
    becomes(
        "net N(x: [4]) { x -> (ReLU) -> ReLU() }",
        "-: ReLU (t0 [4]) = t1 [4]\n-: ReLU (t1 [4]) = t2 [4]\n-> t2 [4]",
    );
}

#[test]
fn a_layer_has_one_set_of_weights() {
    let source = "net N(x: [8], y: [8]) { layer mlp = [Linear(4), ReLU, Linear(8)]; (x -> mlp) + (y -> mlp) }";
    wants(source, &["mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias"]);
    let g = graph(source);
    let uses: Vec<_> = g.nodes.iter().filter(|n| n.op.name() == "Linear").map(|n| &n.weights).collect();
    assert_eq!(uses.len(), 4);
    assert_eq!((uses[0], uses[1]), (uses[2], uses[3]));
    // Inside a block each use of the block has its own.
    wants(
        "block Gate(x) { layer fc = Linear(4, bias = false); (x -> fc) + (x -> ReLU -> fc) }
         net N(x: [4]) { x -> [Gate, Gate] }",
        &["0.fc.weight", "1.fc.weight"],
    );
    // A shared layer with a block in it that shares a layer of its own.
    wants(
        "block Gate(x) { layer fc = Linear(4, bias = false); x -> fc -> fc }
         net N(x: [4]) { layer g = [Gate, PReLU]; x -> g -> g }",
        &["g.0.fc.weight", "g.1.weight"],
    );
    // A shared layer in others, and by itself: one convolution with a norm for each level, or handed to a block.
    let weights = ["m.weight", "m.bias"];
    wants("net N(x: [4]) { layer m = Linear(4); layer n = [m, ReLU]; x -> n -> m }", &weights);
    wants("net N(x: [4]) { layer m = Linear(4); layer n = m; x -> m -> n }", &weights);
    wants("net N(x: [4]) { layer m = Linear(4); layer n = [m, ReLU]; layer o = [n, m]; x -> m -> o -> n }", &weights);
    wants(
        "net N(x: [4, 8, 8], y: [4, 4, 4]) {
             layer conv = Conv2d(4, 3, padding = 1, bias = false);
             layer p = [conv, PReLU]; layer q = [conv, PReLU]; (x -> p, y -> q)
         }",
        &["conv.weight", "p.1.weight", "q.1.weight"],
    );
    wants(
        "block Twice(x; f) { layer g = [f, ReLU]; (x -> g) + (x -> f) } block Head(x; f) { x -> f -> c: Linear(3) }
         net N(x: [4]) {
             layer m = Linear(4); layer h = Head(m); layer k = Head(m);
             ((x -> Twice(m) -> h) + (x -> h) + (x -> m -> k))
         }",
        &["m.weight", "m.bias", "h.c.weight", "h.c.bias", "k.c.weight", "k.c.bias"],
    );
}

#[test]
fn learnt_tensors_are_operands() {
    let source = "block Cw(x) { let c = x.channels; param cweight: [1, c, 1, 1]; param b: [c]; x * cweight + b } net N(x: [6, 3, 3]) { x -> sa: [Cw, Cw] }";
    wants(source, &["sa.0.cweight", "sa.0.b", "sa.1.cweight", "sa.1.b"]);
    assert_eq!(graph(source).weights[0].shape, [1, 6, 1, 1]);
}

#[test]
fn blocks_take_several_tensors_and_give_several() {
    becomes(
        "block Cross(a, b; f = ReLU) { (a + b -> f, a - b) } net N(x: [4], y: [4]) -> ([4], [8]) { let (s, d) = (x, y) -> Cross; (s, (s, d) -> Concat) }",
        "-: a + b (t0 [4], t1 [4]) = t2 [4]
         -: ReLU (t2 [4]) = t3 [4]
         -: a - b (t0 [4], t1 [4]) = t4 [4]
         -: Concat (t3 [4], t4 [4]) = t5 [8]
         -> t3 [4], t5 [8]",
    );
}

#[test]
fn defaults_use_earlier_parameters_and_sizes() {
    becomes(
        "block B(x; k = 3, p = k / 2, out = x.channels * 2) { x -> Conv2d(out, k, padding = p, bias = false) } net N(x: [4, 8, 8]) { x -> B(5) }",
        "-: Conv2d(8, 5, padding = 2, bias = false) (t0 [4, 8, 8]) = t1 [8, 8, 8]\n-> t1 [8, 8, 8]",
    );
    // Input channels are accepted by name, and checked.
    becomes(
        "block B(x; k = 1) { x -> AvgPool2d(k, stride = 1) } net N(x: [4, 8, 8]) { x -> B(inp = 4) -> B(c1 = 4) -> B(in_channels = 4) -> [] }",
        "-: AvgPool2d(1) (t0 [4, 8, 8]) = t1 [4, 8, 8]
         -: AvgPool2d(1) (t1 [4, 8, 8]) = t2 [4, 8, 8]
         -: AvgPool2d(1) (t2 [4, 8, 8]) = t3 [4, 8, 8]
         -> t3 [4, 8, 8]",
    );
}

#[test]
fn own_definitions_hide_shipped_ones() {
    // The user's `Conv` is used by the net, and not by the shipped `DWConv`.
    let source = "block Conv(x; out) { x -> mine: PReLU } net N(x: [4, 8, 8]) { x -> a: Conv(9) -> b: DWConv(4) }";
    let names = graph(source);
    assert_eq!(weights(&names)[..2], ["a.mine.weight", "b.depthwise.conv.weight"]);
    becomes("const HSwish = ReLU; net N(x: [4]) { x -> HSwish }", "-: ReLU (t0 [4]) = t1 [4]\n-> t1 [4]");
    becomes("block Tanh(x) { x * 2 } net N(x: [4]) { x -> Tanh }", "-: x * 2 (t0 [4]) = t1 [4]\n-> t1 [4]");
}

#[test]
fn items_come_in_any_order() {
    becomes(
        "net N(x: [A, B, B]) -> [A] { x -> GlobalAvgPool } const A = B / 2; const B = 8;",
        "-: GlobalAvgPool (t0 [4, 8, 8]) = t1 [4]\n-> t1 [4]",
    );
}

#[test]
fn an_arguments_words_win_over_names() {
    becomes(
        "net N(x: [4, 8, 8]) { let height = 3; let channels = 5; x -> Mean([height, width]) -> Softmax(axis = channels) }",
        "-: Mean([height, width]) (t0 [4, 8, 8]) = t1 [4, 1, 1]
         -: Softmax (t1 [4, 1, 1]) = t2 [4, 1, 1]
         -> t2 [4, 1, 1]",
    );
}

#[test]
fn ptflops_passes_over_what_is_named() {
    let g = graph(
        "#[ptflops(skip = [Linear])] net N(x: [4]) { x -> a: Linear(4) -> b: B -> PReLU } #[ptflops(skip = [BatchNorm2d, PReLU])] block B(x) { x -> PReLU }",
    );
    let skipped: Vec<_> = g.nodes.iter().map(|n| (n.op.name(), n.ptflops_skip)).collect();
    assert_eq!(skipped, [("Linear", true), ("PReLU", true), ("PReLU", false)]);
}

#[test]
fn budgets_have_units() {
    let g = graph(
        "#[budget(params < 1.5K, macs <= 6M, flops <= 2G, fvcore <= 1e6, ptflops <= 7, arena < 96KiB, arena <= 1 MiB, params < 2.5)] net N(x: [4]) { x -> ReLU }",
    );
    let found: Vec<_> = g.budget.iter().map(|b| (b.limit, b.strict)).collect();
    let expected = [
        (1500, true),
        (6_000_000, false),
        (2_000_000_000, false),
        (1_000_000, false),
        (7, false),
        (98_304, true),
        (1_048_576, false),
        (2, false),
    ];
    assert_eq!(found, expected);
}

#[test]
fn commas_trail_and_are_optional_behind_braces() {
    becomes(
        "net N(x: [4],) -> ([4], [4],) { let (a, b,) = (x -> ReLU(), x,); (a, b,) }",
        "-: ReLU (t0 [4]) = t1 [4]\n-> t1 [4], t0 [4]",
    );
    body_wants("x -> [if true { PReLU } for _ in 0..1 { PReLU, } PReLU,]", &["0.weight", "1.weight", "2.weight"]);
}
