//! `LayerNorm2d`, `GroupNorm`, `ChannelConv1d`, `MatMul`, `Attention`: shapes, weights, counts, how they are written, what they say
//! of bad arguments, and how they are planned. Their numbers are held against PyTorch in `ops_pytorch.rs`.

#[path = "support/program.rs"]
mod program;
mod support;

use lightconv_compiler::fuse::fuse;
use lightconv_compiler::ops::OpCost;
use lightconv_compiler::shape::Shape;
use support::layer;

const MAP: Shape = Shape::Map { channels: 24, height: 5, width: 7 };

fn map(channels: usize, height: usize, width: usize) -> Shape {
    Shape::map(channels, height, width)
}

/// Layer, inputs, output, shapes of the weights, the layer as summaries have it.
type Use<'a> = (&'a str, &'a [Shape], Shape, &'a [&'a [usize]], &'a str);

#[test]
fn shapes_weights_and_text() {
    let cases: &[Use] = &[
        ("LayerNorm2d", &[MAP], MAP, &[&[24], &[24]], "LayerNorm2d"),
        ("LayerNorm2d(24, eps = 0.001)", &[MAP], MAP, &[&[24], &[24]], "LayerNorm2d(eps = 0.001)"),
        ("GroupNorm(4)", &[MAP], MAP, &[&[24], &[24]], "GroupNorm(4)"),
        ("GroupNorm(4, 24, eps = 0.1)", &[MAP], MAP, &[&[24], &[24]], "GroupNorm(4, eps = 0.1)"),
        ("GroupNorm(5)", &[Shape::Vector(10)], Shape::Vector(10), &[&[10], &[10]], "GroupNorm(5)"),
        ("ChannelConv1d(3)", &[Shape::Vector(10)], Shape::Vector(10), &[&[1, 1, 3]], "ChannelConv1d(3)"),
        ("ChannelConv1d(21)", &[map(10, 1, 1)], map(10, 1, 1), &[&[1, 1, 21]], "ChannelConv1d(21)"),
        ("MatMul", &[MAP, map(24, 7, 2)], map(24, 5, 2), &[], "MatMul"),
        ("Attention(1)", &[MAP, MAP, MAP], MAP, &[], "Attention(1)"),
        ("Attention(4)", &[MAP, map(24, 2, 3), map(40, 2, 3)], map(40, 5, 7), &[], "Attention(4)"),
        ("Attention(4)", &[MAP, map(6, 2, 3), map(40, 2, 3)], map(40, 5, 7), &[], "Attention(4)"),
        ("Attention(4)", &[MAP, map(6, 2, 3), map(6, 2, 3)], MAP, &[], "Attention(4)"),
    ];
    for (text, inputs, output, weights, described) in cases {
        let op = layer(text, inputs).unwrap();
        assert_eq!(op.outputs(), [*output], "{text}");
        assert_eq!(op.weights().iter().map(|w| &w.shape[..]).collect::<Vec<_>>(), *weights, "{text}");
        assert_eq!(op.describe(), *described);
    }
}

/// Statistics are free as pools are; products are no multiply-accumulates of convolutions, and two operations each.
#[test]
fn counts() {
    let cases: &[(&str, &[Shape], OpCost)] = &[
        ("LayerNorm2d", &[MAP], OpCost { macs: 0, elementwise: 1680, ptflops: 840, fvcore: 4200 }),
        ("GroupNorm(4)", &[MAP], OpCost { macs: 0, elementwise: 1680, ptflops: 1680, fvcore: 4200 }),
        ("ChannelConv1d(3)", &[Shape::Vector(10)], OpCost { macs: 30, elementwise: 0, ptflops: 30, fvcore: 30 }),
        ("MatMul", &[MAP, map(24, 7, 2)], OpCost { macs: 0, elementwise: 3360, ptflops: 1680, fvcore: 1680 }),
        // 4 heads of 35 times 6 scores; 6 products a score and 10 more
        (
            "Attention(4)",
            &[MAP, map(24, 2, 3), map(40, 2, 3)],
            OpCost { macs: 0, elementwise: 27720, ptflops: 14280, fvcore: 13440 },
        ),
    ];
    for (text, inputs, cost) in cases {
        assert_eq!(layer(text, inputs).unwrap().cost(), *cost, "{text}");
    }
}

/// Layer, inputs, argument at fault (empty: the layer), message, help (empty: none).
type Fault = (&'static str, &'static [Shape], &'static str, &'static str, &'static str);

const VECTOR: Shape = Shape::Vector(24);
const SMALL: Shape = Shape::Map { channels: 24, height: 2, width: 3 };
const WIDE: Shape = Shape::Map { channels: 8, height: 5, width: 7 };

const FAULTS: &[Fault] = &[
    (
        "LayerNorm2d",
        &[VECTOR],
        "",
        "`LayerNorm2d` takes a map [channels, height, width], found [24]",
        "a tensor loses its height and width in `GlobalAvgPool`, `Flatten` and `Linear`: use the layer before them",
    ),
    (
        "LayerNorm2d(16)",
        &[MAP],
        "num_channels",
        "`num_channels` says 16, but the input has 24 channels",
        "leave `num_channels` out, it is inferred, or change what comes before",
    ),
    (
        "LayerNorm2d(0.001)",
        &[MAP],
        "num_channels",
        "`num_channels` must be a positive integer, found 0.001",
        "if the epsilon is meant, name it: `eps = 0.001`",
    ),
    ("LayerNorm2d(eps = -1)", &[MAP], "eps", "`eps` must be a number from 0, found -1.0", ""),
    ("GroupNorm", &[MAP], "", "`num_groups` is missing: it must be a positive integer", ""),
    ("GroupNorm(0)", &[MAP], "num_groups", "`num_groups` must be a positive integer, found 0", "the least is 1"),
    (
        "GroupNorm(5)",
        &[MAP],
        "num_groups",
        "`GroupNorm(5)` does not divide the channels of [24, 5, 7], 24, into groups",
        "4 or 6 groups would do",
    ),
    (
        "GroupNorm(4, 32)",
        &[MAP],
        "num_channels",
        "`num_channels` says 32, but the input has 24 channels",
        "leave `num_channels` out, it is inferred, or change what comes before",
    ),
    (
        "GroupNorm(4, 0.001)",
        &[MAP],
        "num_channels",
        "`num_channels` must be a positive integer, found 0.001",
        "if the epsilon is meant, name it: `eps = 0.001`",
    ),
    (
        "ChannelConv1d(3)",
        &[MAP],
        "",
        "`ChannelConv1d` takes a vector [C] or [C, 1, 1], found [24, 5, 7]",
        "`GlobalAvgPool` or `AdaptiveAvgPool2d(1)` makes one of a map",
    ),
    (
        "ChannelConv1d(4)",
        &[VECTOR],
        "kernel_size",
        "`kernel_size` must be odd, found 4: the middle weight is for the channel itself",
        "3 or 5 would do",
    ),
    ("MatMul", &[MAP], "", "`MatMul` takes a tuple of 2 tensors, found 1 tensor", "write `(a, b) -> MatMul`"),
    (
        "MatMul",
        &[MAP, MAP, MAP],
        "",
        "`MatMul` takes a tuple of 2 tensors, found 3 tensors",
        "write `(a, b) -> MatMul`",
    ),
    ("MatMul", &[MAP, VECTOR], "", "`MatMul` takes maps [channels, height, width], found [24]", ""),
    (
        "MatMul",
        &[MAP, MAP],
        "",
        "cannot multiply [24, 5, 7] by [24, 5, 7]: the width of the first, 7, is not the height of the second, 5",
        "`MatMul` takes [C, H, K] and [C, K, W]",
    ),
    (
        "MatMul",
        &[MAP, WIDE],
        "",
        "cannot multiply [24, 5, 7] by [8, 5, 7]: their channels differ",
        "`MatMul` takes [C, H, K] and [C, K, W]",
    ),
    (
        "Attention(4)",
        &[MAP, MAP],
        "",
        "`Attention` takes a tuple of 3 tensors, found 2 tensors",
        "write `(q, k, v) -> Attention(num_heads)`",
    ),
    ("Attention(4)", &[MAP, MAP, VECTOR], "", "`Attention` takes maps [channels, height, width], found [24]", ""),
    (
        "Attention(5)",
        &[MAP, MAP, MAP],
        "num_heads",
        "`Attention(5)` does not divide the channels of the queries [24, 5, 7], 24, into heads",
        "4 or 6 heads would do",
    ),
    (
        "Attention(4)",
        &[MAP, WIDE, WIDE],
        "",
        "the keys [8, 5, 7] have 8 channels",
        "they must have those of the queries, 24, or 6: one head that serves all",
    ),
    (
        "Attention(1)",
        &[MAP, WIDE, WIDE],
        "",
        "the keys [8, 5, 7] have 8 channels",
        "they must have those of the queries, 24",
    ),
    (
        "Attention(3)",
        &[MAP, MAP, Shape::Map { channels: 10, height: 5, width: 7 }],
        "",
        "`Attention(3)` does not divide the channels of the values [10, 5, 7], 10, into heads",
        "a multiple of 3 would do, or 8: one head that serves all",
    ),
    (
        "Attention(4)",
        &[MAP, MAP, SMALL],
        "",
        "the keys [24, 5, 7] and the values [24, 2, 3] differ in height or width",
        "there must be a value for each key; the queries may be more or fewer",
    ),
];

#[test]
fn errors_say_what_and_how_to_mend_it() {
    for (text, inputs, argument, message, help) in FAULTS {
        let error = layer(text, inputs).unwrap_err();
        let found = (error.argument.unwrap_or_default(), &*error.message, error.help.as_deref().unwrap_or_default());
        assert_eq!(found, (*argument, *message, *help), "{text}");
    }
}

/// Activations after them cost no step; the scratch is told apart from the results.
#[test]
fn plans() {
    let program = "net Test(x: [24, 4, 4]) {
        let (q, k, v) = x -> [norm: LayerNorm2d, GELU, qkv: Conv2d(36, 1)] -> split: Parts;
        let y = (q, k, v) -> Attention(4) -> group: GroupNorm(3) -> SiLU;
        y * (y -> GlobalAvgPool -> eca: ChannelConv1d(5) -> Sigmoid) + ((y, y) -> MatMul -> ReLU)
    }
    block Parts(x) { (x[..24], x[24..30], x[30..]) }";
    let plan = fuse(&program::graph(program));
    let wanted = "\
        norm: layer norm x0 [24, 4, 4] -> t9 [24, 4, 4], gelu(x)\n\
        qkv: conv 1x1 t9 [24, 4, 4] -> t8 [36, 4, 4]\n\
        -: attention of 4 heads, one of keys, one of values t8/36 [24, 4, 4], t8+24/36 [6, 4, 4], t8+30/36 [6, 4, 4] -> t7 [24, 4, 4]\n\
        group: group norm of 3 groups t7 [24, 4, 4] -> t6 [24, 4, 4], silu(x)\n";
    let found = plan.to_string();
    assert!(found.starts_with(wanted), "{found}");
    assert!(found.contains("eca: channel conv 5 "), "{found}");
    assert!(found.contains(", sigmoid(x)"), "{found}");
    assert!(found.contains(": matmul ") && found.contains(", relu(x)"), "{found}");
    let scratch: Vec<usize> = plan.steps.iter().flat_map(|step| step.work.scratch()).map(|v| v.channels).collect();
    // twelve pairs of weights for eight channels; six channels of keys and four rows of scores, for 16 keys; three
    // numbers a channel
    assert_eq!(scratch, [12 * 2 * 8, (6 + 4) * 16, 3 * 24]);
}
