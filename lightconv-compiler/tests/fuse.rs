//! The plans of small programs, as text: each rule of the fuser is seen at work.

#[path = "support/program.rs"]
mod program;

use lightconv_compiler::fuse::{fuse, unfused};

fn plan(text: &str) -> String {
    fuse(&program::graph(text)).to_string()
}

/// Batch norm is folded into the weights, the activation becomes the epilogue.
#[test]
fn batch_norm_and_the_activation_go_into_the_convolution() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [3, 16, 16]) {
            x -> stem: [Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish] -> head: Conv2d(8, 1)
        }",
        ),
        @r"
    stem.0: conv 3x3 stride 2 pad 1 x0 [3, 16, 16] -> t2 [16, 8, 8], hardswish(x)
    head: conv 1x1 t2 [16, 8, 8] -> y0 [8, 8, 8]
    "
    );
}

/// `HSwish` is written as a product; it is one function of one number all the same.
#[test]
fn an_activation_spelt_out_is_one_function() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) { x -> conv: [Conv2d(8, 1, bias = false), BatchNorm2d, HSwish] }",
        ),
        @"conv.0: conv 1x1 x0 [8, 6, 6] -> y0 [8, 6, 6], (x * sigmoid(x + 3)) / 6"
    );
}

#[test]
fn arithmetic_with_scalars_is_part_of_the_epilogue() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            let y = x -> conv: Conv2d(8, 1);
            1 - min(max(y * 0.5, -1), y)
        }",
        ),
        @"conv: conv 1x1 x0 [8, 6, 6] -> y0 [8, 6, 6], 1 - min(max((x * 0.5), -1), x)"
    );
}

#[test]
fn a_residual_is_added_in_the_epilogue_between_two_activations() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) { x + (x -> conv: Conv2d(8, 3, padding = 1) -> SiLU) -> ReLU }",
        ),
        @"conv: conv 3x3 pad 1 x0 [8, 6, 6] -> y0 [8, 6, 6], silu(x), plus x0 [8, 6, 6], relu(x)"
    );
}

#[test]
fn of_two_branches_the_later_one_adds_the_other() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) { (x -> a: Conv2d(12, 3, padding = 1)) + (x -> b: Conv2d(12, 1)) -> ReLU }",
        ),
        @r"
    a: conv 3x3 pad 1 x0 [8, 6, 6] -> t2 [12, 6, 6]
    b: conv 1x1 x0 [8, 6, 6] -> y0 [12, 6, 6], plus t2 [12, 6, 6], relu(x)
    "
    );
}

/// The map before the activation is an output, the one after it is read twice.
#[test]
fn what_two_read_is_written() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) -> ([8, 6, 6], [8, 6, 6]) {
            let y = x -> conv: Conv2d(8, 1);
            let z = y -> ReLU;
            (y, z * (z -> GlobalAvgPool))
        }",
        ),
        @r"
    conv: conv 1x1 x0 [8, 6, 6] -> y0 [8, 6, 6]
    -: unary y0 [8, 6, 6] -> t3 [8, 6, 6], relu(x)
    -: adaptive avg pool t3 [8, 6, 6] -> t2 [8, 1, 1]
    -: * t3 [8, 6, 6], t2 [8, 1, 1] -> y1 [8, 6, 6]
    "
    );
}

/// 24 x 16 weights are fewer than two times 24 x 24 pixels.
#[test]
fn a_gate_goes_into_the_weights() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [24, 24, 24]) {
            x * (x -> GlobalAvgPool -> fc: Linear(24) -> Sigmoid) -> project: [Conv2d(16, 1, bias = false), BatchNorm2d]
        }",
        ),
        @r"
    -: adaptive avg pool x0 [24, 24, 24] -> t3 [24, 1, 1]
    fc: conv 1x1 t3 [24, 1, 1] -> t2 [24, 1, 1], sigmoid(x)
    project.0: weights times t2 [24, 1, 1] -> t4 [400, 1, 1]
    project.0: conv gated 1x1 x0 [24, 24, 24] -> y0 [16, 24, 24], weights t4 [400, 1, 1]
    "
    );
}

#[test]
fn a_gate_of_a_small_map_is_a_product() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [24, 3, 3]) {
            x * (x -> GlobalAvgPool -> fc: Linear(24) -> Sigmoid) -> project: Conv2d(64, 1)
        }",
        ),
        @r"
    -: adaptive avg pool x0 [24, 3, 3] -> t4 [24, 1, 1]
    fc: conv 1x1 t4 [24, 1, 1] -> t3 [24, 1, 1], sigmoid(x)
    -: * x0 [24, 3, 3], t3 [24, 1, 1] -> t2 [24, 3, 3]
    project: conv 1x1 t2 [24, 3, 3] -> y0 [64, 3, 3]
    "
    );
}

/// Each part is computed where it belongs; only the input has to be copied.
#[test]
fn concatenations_are_written_in_place() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            let a = x -> a: Conv2d(4, 1);
            let b = a -> b: Conv2d(4, 3, padding = 1);
            (a, x, b) -> Concat -> c: Conv2d(8, 1)
        }",
        ),
        @r"
    a: conv 1x1 x0 [8, 6, 6] -> t2/16 [4, 6, 6]
    b: conv 3x3 pad 1 t2/16 [4, 6, 6] -> t2+12/16 [4, 6, 6]
    -: copy x0 [8, 6, 6] -> t2+4/16 [8, 6, 6]
    c: conv 1x1 t2 [16, 6, 6] -> y0 [8, 6, 6]
    "
    );
}

#[test]
fn nested_concatenations_are_written_in_place() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            let a = x -> a: Conv2d(4, 1);
            let ab = (a, a -> b: Conv2d(4, 1)) -> Concat;
            (ab, ab -> c: Conv2d(4, 1)) -> Concat -> d: Conv2d(2, 1)
        }",
        ),
        @r"
    a: conv 1x1 x0 [8, 6, 6] -> t2/12 [4, 6, 6]
    b: conv 1x1 t2/12 [4, 6, 6] -> t2+4/12 [4, 6, 6]
    c: conv 1x1 t2/12 [8, 6, 6] -> t2+8/12 [4, 6, 6]
    d: conv 1x1 t2 [12, 6, 6] -> y0 [2, 6, 6]
    "
    );
}

#[test]
fn the_same_tensor_twice_is_copied_once() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            let a = x -> a: Conv2d(4, 1);
            (a, a) -> Concat
        }",
        ),
        @r"
    a: conv 1x1 x0 [8, 6, 6] -> y0/8 [4, 6, 6]
    -: copy y0/8 [4, 6, 6] -> y0+4/8 [4, 6, 6]
    "
    );
}

#[test]
fn slices_and_parts_are_views() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [12, 6, 6]) {
            let (a, b) = x -> Chunk(2);
            (a -> a: Conv2d(4, 1)) + (b[2..] -> b: Conv2d(4, 3, padding = 1, groups = 4))
        }",
        ),
        @r"
    a: conv 1x1 x0/12 [6, 6, 6] -> t2 [4, 6, 6]
    b: depthwise 3x3 pad 1 x0+8/12 [4, 6, 6] -> y0 [4, 6, 6], plus t2 [4, 6, 6]
    "
    );
}

#[test]
fn rows_are_views_and_columns_are_copied() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [4, 6, 6]) -> ([4, 3, 6], [4, 6, 3]) {
            let (_t, b) = x -> Chunk(2, axis = height);
            let (_l, r) = x -> Chunk(2, axis = width);
            (b -> ReLU, r -> ReLU)
        }",
        ),
        @r"
    -: copy x0+12/24 [12, 6, 1] -> t4 [12, 6, 1]
    -: unary x0+72 [4, 3, 6] -> y0 [4, 3, 6], relu(x)
    -: unary t4 [4, 6, 3] -> y1 [4, 6, 3], relu(x)
    "
    );
}

/// 198,432 floats lie between: they are made and used row by row.
#[test]
fn an_inverted_residual_is_joined() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [12, 52, 53]) { x -> InvertedResidual(12, 1, 6) }",
        ),
        @"conv.0 .. conv.6: joined (expand, (x * sigmoid(x + 3)) / 6; depthwise 3x3 pad 1 to [72, 52, 53], (x * sigmoid(x + 3)) / 6; project) x0 [12, 52, 53] -> y0 [12, 52, 53], plus x0 [12, 52, 53]"
    );
}

#[test]
fn a_small_inverted_residual_is_not_joined() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [12, 16, 16]) { x -> InvertedResidual(12, 1, 6) }",
        ),
        @r"
    conv.0: conv 1x1 x0 [12, 16, 16] -> t3 [72, 16, 16], (x * sigmoid(x + 3)) / 6
    conv.3: depthwise 3x3 pad 1 t3 [72, 16, 16] -> t2 [72, 16, 16], (x * sigmoid(x + 3)) / 6
    conv.6: conv 1x1 t2 [72, 16, 16] -> y0 [12, 16, 16], plus x0 [12, 16, 16]
    "
    );
}

/// The gate is known only when the depthwise convolution is done.
#[test]
fn squeeze_and_excitation_keeps_the_projection_apart() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [12, 62, 63]) { x -> InvertedResidual(12, 1, 6, use_se = true) }",
        ),
        @r"
    conv.0 .. conv.3: joined (expand, (x * sigmoid(x + 3)) / 6; depthwise 3x3 pad 1 to [72, 62, 63], (x * sigmoid(x + 3)) / 6) x0 [12, 62, 63] -> t5 [72, 62, 63] with the means of its rows t7 [72, 62, 1]
    conv.6.avg_pool: adaptive avg pool t7 [72, 62, 1] -> t4 [72, 1, 1]
    conv.6.fc.0: conv 1x1 t4 [72, 1, 1] -> t3 [18, 1, 1], relu(x)
    conv.6.fc.2: conv 1x1 t3 [18, 1, 1] -> t2 [72, 1, 1], sigmoid(x)
    conv.7: weights times t2 [72, 1, 1] -> t8 [1168, 1, 1]
    conv.7: conv gated 1x1 t5 [72, 62, 63] -> y0 [12, 62, 63], weights t8 [1168, 1, 1], plus x0 [12, 62, 63]
    "
    );
}

#[test]
fn a_depthwise_separable_convolution_is_joined() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [72, 184, 180]) { x -> DepthwiseSeparableConv(16, 3, 2, 1) }",
        ),
        @"depthwise .. pointwise: joined (depthwise 3x3 stride 2 pad 1 to [72, 92, 90]; project) x0 [72, 184, 180] -> y0 [16, 92, 90]"
    );
}

#[test]
fn pools_and_batch_norm_take_activations() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            x -> norm: BatchNorm2d -> ReLU -> AvgPool2d(3, 2, padding = same, count_include_pad = false) -> Tanh -> MaxPool2d(3) -> Flatten -> fc: Linear(10) -> Softmax
        }",
        ),
        @r"
    norm: affine x0 [8, 6, 6] -> t5 [8, 6, 6], relu(x)
    -: avg pool 3x3 stride 2 pad 0 to 1 without padding t5 [8, 6, 6] -> t4 [8, 3, 3], tanh(x)
    -: max pool 3x3 stride 3 t4 [8, 3, 3] -> t3 [8, 1, 1]
    fc: conv 1x1 t3 [8, 1, 1] -> t2 [10, 1, 1]
    -: softmax of channels t2 [10, 1, 1] -> y0 [10, 1, 1]
    "
    );
}

#[test]
fn identities_and_flattened_pixels_are_no_steps() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            x -> Identity -> Dropout -> AdaptiveAvgPool2d(1) -> Flatten -> Flatten -> fc: Linear(10)
        }",
        ),
        @r"
    -: adaptive avg pool x0 [8, 6, 6] -> t2 [8, 1, 1]
    fc: conv 1x1 t2 [8, 1, 1] -> y0 [10, 1, 1]
    "
    );
}

#[test]
fn what_nobody_wants_is_no_step() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            let y = x -> conv: Conv2d(8, 1);
            let _z = y -> other: Conv2d(8, 1);
            y
        }",
        ),
        @"conv: conv 1x1 x0 [8, 6, 6] -> y0 [8, 6, 6]"
    );
}

#[test]
fn inputs_and_tensors_given_twice_are_copied_to_the_outputs() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) -> ([8, 6, 6], [4, 6, 6], [4, 6, 6]) {
            let y = x -> conv: Conv2d(4, 1);
            (x, y, y)
        }",
        ),
        @r"
    conv: conv 1x1 x0 [8, 6, 6] -> y1 [4, 6, 6]
    output: copy x0 [8, 6, 6] -> y0 [8, 6, 6]
    output: copy y1 [4, 6, 6] -> y2 [4, 6, 6]
    "
    );
}

#[test]
fn a_param_is_read_among_the_weights() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [8, 6, 6]) {
            param token: [8];
            x + token -> fc: Conv2d(4, 1)
        }",
        ),
        @r"
    -: + x0 [8, 6, 6], w0 [8, 1, 1] -> t2 [8, 6, 6]
    fc: conv 1x1 t2 [8, 6, 6] -> y0 [4, 6, 6]
    "
    );
}

/// What the fused plan is held against: each operator is a step of its own.
#[test]
fn unfused_every_operator_is_a_step() {
    let graph = program::graph(
        "net Test(x: [8, 6, 6]) { x + (x -> conv: [Conv2d(8, 1, bias = false), BatchNorm2d, HSwish]) -> ReLU }",
    );
    insta::assert_snapshot!(unfused(&graph).to_string(), @r"
    conv.0: conv 1x1 x0 [8, 6, 6] -> t8 [8, 6, 6]
    conv.1: affine t8 [8, 6, 6] -> t7 [8, 6, 6]
    conv.2: unary t7 [8, 6, 6] -> t6 [8, 6, 6], x + 3
    conv.2: unary t6 [8, 6, 6] -> t5 [8, 6, 6], sigmoid(x)
    conv.2: * t7 [8, 6, 6], t5 [8, 6, 6] -> t4 [8, 6, 6]
    conv.2: unary t4 [8, 6, 6] -> t3 [8, 6, 6], x / 6
    -: + x0 [8, 6, 6], t3 [8, 6, 6] -> t2 [8, 6, 6]
    -: unary t2 [8, 6, 6] -> y0 [8, 6, 6], relu(x)
    ");
}

/// Worth it where there are channels and pixels enough, whatever the dilation; not with a stride or groups.
#[test]
fn dense_3x3_goes_by_winograd() {
    insta::assert_snapshot!(
        plan(
            "net Test(x: [32, 28, 28]) {
            let y = x -> a: Conv2d(32, 3, padding = 1) -> ReLU
                      -> b: Conv2d(32, 3, padding = 2, dilation = 2) -> SiLU;
            x + y -> c: Conv2d(64, 3, stride = 2, padding = 1) -> d: Conv2d(64, 3, padding = 1, groups = 2)
                  -> e: Conv2d(3, 3, padding = 1) -> f: Conv2d(64, 3, padding = 1)
        }",
        ),
        @r"
    a: winograd 3x3 pad 1 x0 [32, 28, 28] -> t6 [32, 28, 28], relu(x)
    b: winograd 3x3 pad 2 dilation 2 t6 [32, 28, 28] -> t5 [32, 28, 28], silu(x), plus x0 [32, 28, 28]
    c: conv 3x3 stride 2 pad 1 t5 [32, 28, 28] -> t4 [64, 14, 14]
    d: conv 3x3 pad 1 of 2 groups t4 [64, 14, 14] -> t3 [64, 14, 14]
    e: conv 3x3 pad 1 t3 [64, 14, 14] -> t2 [3, 14, 14]
    f: conv 3x3 pad 1 t2 [3, 14, 14] -> y0 [64, 14, 14]
    "
    );
}

/// What a plan says of its steps beside what they compute.
fn why(text: &str) -> String {
    let plan = fuse(&program::graph(text));
    let lines = plan.steps.iter().flat_map(|s| {
        let path = if s.path.is_empty() { "-" } else { &s.path };
        s.why.iter().map(move |why| format!("{path}: {why}\n"))
    });
    lines.collect()
}

#[test]
fn a_step_says_what_it_took_in() {
    insta::assert_snapshot!(
        why(
            "net Test(x: [24, 24, 24]) {
            let gated = x * (x -> GlobalAvgPool -> fc: Linear(24) -> Sigmoid);
            let y = gated -> project: [Conv2d(24, 1, bias = false), BatchNorm2d];
            x + y -> act: ReLU
        }",
        ),
        @r"
    fc: fused: Sigmoid
    project.0: folded into the weights: mul, BatchNorm2d project.1
    project.0: fused: add, ReLU act
    "
    );
}

#[test]
fn a_step_says_where_it_ends_and_why() {
    insta::assert_snapshot!(
        why(
            "net Test(x: [24, 3, 3]) {
            let y = x * (x -> GlobalAvgPool -> fc: Linear(24) -> Sigmoid) -> project: Conv2d(64, 1);
            (y -> ReLU) + (y -> Sigmoid -> twice: Conv2d(64, 1))
        }",
        ),
        @r"
    fc: fused: Sigmoid
    -: not in the weights of Conv2d project: they are 64 a channel, its pixels 9
    project: ends here: 2 layers read it
    twice: fused: add
    "
    );
}

#[test]
fn a_depthwise_convolution_says_whether_it_was_joined() {
    let block = |side: usize, expand: &str| {
        format!(
            "net Test(x: [16, {side}, {side}]) {{
            x -> [{expand}, dw: Conv2d(16, 3, padding = 1, groups = 16), ReLU, project: Conv2d(8, 1)]
        }}"
        )
    };
    insta::assert_snapshot!(
        [
            why(&block(16, "expand: Conv2d(16, 1)")),
            why(&block(128, "expand: Conv2d(16, 1)")),
            why("net Test(x: [16, 8, 8]) { x -> dw: Conv2d(16, 3, groups = 16) }"),
        ]
        .join("\n"),
        @r"
    dw: fused: ReLU 2
    dw: not joined: 16 KiB before it and 16 KiB after it stay in the cache

    expand .. project: joined: 1024 KiB before it and 1024 KiB after it would not stay in the cache
    expand .. project: fused: ReLU 2

    dw: not joined: no pointwise convolution or first layer beside it that only it reads or feeds
    "
    );
}

/// What a first layer gives is never there as a whole, whether the depthwise convolution after it is projected, averaged or kept.
#[test]
fn a_large_first_layer_is_joined() {
    let net = |rest: &str| {
        let first = "x -> stem: Conv2d(16, 3, stride = 2, padding = 1) -> dw: Conv2d(16, 3, padding = 1, groups = 16)";
        format!("net Test(x: [3, 224, 224]) {{ {first} {rest} }}")
    };
    insta::assert_snapshot!(
        [why(&net("-> project: Conv2d(8, 1)")), why(&net("-> SEBlock(4)")), why(&net("-> ReLU"))].join("\n"),
        @r"
    stem .. project: joined: 784 KiB before it and 784 KiB after it would not stay in the cache

    stem .. dw: joined: 784 KiB before it would not stay in the cache
    stem .. dw: ends here: 2 layers read it
    avg_pool: read: the means of the rows, made where these were
    fc.0: fused: ReLU fc.1
    fc.2: fused: Sigmoid fc.3

    stem .. dw: joined: 784 KiB before it would not stay in the cache
    stem .. dw: fused: ReLU
    "
    );
}

/// The formula of a function that uses its values again and again would have no end.
#[test]
fn a_function_too_long_to_be_read_is_counted() {
    let doubled = "let x = x + x; ".repeat(40);
    insta::assert_snapshot!(plan(&format!("net Test(x: [4, 6, 6]) {{ {doubled} x }}")), @"-: + x0 [4, 6, 6], x0 [4, 6, 6] -> y0 [4, 6, 6], 39 operations on x");
}

#[test]
fn a_dense_convolution_says_whether_it_goes_by_winograd() {
    insta::assert_snapshot!(
        why(
            "net Test(x: [32, 28, 28]) {
            x -> a: Conv2d(32, 3, padding = 1) -> b: Conv2d(3, 3, padding = 1) -> c: Conv2d(32, 3, padding = 90, dilation = 90)
              -> d: Conv2d(32, 3, padding = 1, dilation = 2)
        }",
        ),
        @r"
    a: by Winograd's algorithm, tiles of 4x4: about 60 % of the time of plain convolution
    b: not by Winograd's algorithm: about 147 % of the time of plain convolution
    c: not by Winograd's algorithm: a dilation of more than 64
    d: by Winograd's algorithm, tiles of 5x5: about 81 % of the time of plain convolution
    "
    );
}

/// Weights of a single pixel, and those that a gate multiplies, are fetched by the convolution before; small ones are not.
#[test]
fn a_convolution_says_whose_weights_it_fetches() {
    insta::assert_snapshot!(why(
        "net Test(x: [32, 24, 24]) -> [100] {
            let y = x -> expand: Conv2d(256, 1) -> dw: Conv2d(256, 3, padding = 1, groups = 256);
            let gate = y -> GlobalAvgPool -> [fc1: Linear(64), ReLU, fc2: Linear(256), Sigmoid];
            y * gate -> project: Conv2d(40, 1) -> [GlobalAvgPool, small: Linear(32), head: Linear(512), classifier: Linear(100)]
        }",
    ), @r"
    expand: fetches meanwhile: 64 KiB of weights for fc1
    expand: fetches meanwhile: 65 KiB of weights for fc2
    expand: fetches meanwhile: 40 KiB of weights for project
    dw: not joined: 576 KiB before it stay in the cache
    dw: ends here: 2 layers read it
    -: read: the means of the rows, made where these were
    fc1: fused: ReLU 1
    fc2: fused: Sigmoid 3
    project: folded into the weights: mul
    project: fetches meanwhile: 66 KiB of weights for head
    project: fetches meanwhile: 208 KiB of weights for classifier
    ");
}
