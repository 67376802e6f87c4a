//! What operators say of bad arguments and shapes: never a panic, always what was expected, what was found and how to mend it.

mod support;

use lightconv_compiler::ops::{self, Binary};
use lightconv_compiler::shape::Shape;
use support::layer;

const MAP: Shape = Shape::Map { channels: 24, height: 5, width: 7 };
const VECTOR: Shape = Shape::Vector(10);

/// Layer, inputs, argument at fault, message, help.
type Row = (&'static str, &'static [Shape], &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        "Conv2d(24, 32, 3)",
        &[MAP],
        "kernel_size",
        "`Conv2d` takes out_channels, then kernel_size, and this would be a kernel size of 32: input channels are inferred",
        "leave the input channels out: `Conv2d(32, …)`; if such a kernel is meant, name it: `kernel_size = 32`",
    ),
    (
        "Conv2d(16, 3, in_channels = 16)",
        &[MAP],
        "in_channels",
        "`in_channels` says 16, but the input has 24 channels",
        "leave `in_channels` out, it is inferred, or change what comes before",
    ),
    (
        "Conv2d(16, 7)",
        &[MAP],
        "kernel_size",
        "`Conv2d`: a 7 x 7 kernel is larger than the input of 5 x 7 (height)",
        "a padding of at least 1 makes it fit; or use a smaller kernel or stride less before it",
    ),
    (
        "Conv2d(16, 3, dilation = 4, padding = 1)",
        &[MAP],
        "kernel_size",
        "`Conv2d`: a 3 x 3 kernel with dilation 4 reaches over 9 x 9 pixels and is larger than the padded input of 7 x 9 (height)",
        "a padding of at least 2 makes it fit; or use a smaller kernel or dilation or stride less before it",
    ),
    (
        "Conv2d(16, 3, groups = 5)",
        &[MAP],
        "groups",
        "`groups = 5` does not divide the 24 input channels and the 16 output channels",
        "groups must divide both: 4 or 8 would",
    ),
    (
        "Conv2d(36, 3, groups = 24)",
        &[MAP],
        "groups",
        "`groups = 24` does not divide the 36 output channels",
        "a depthwise convolution gives a multiple of its input channels: 24 or 48 output channels; or groups must divide both: 12 would",
    ),
    (
        "Conv2d(16, 3, groups = 24)",
        &[MAP],
        "groups",
        "`groups = 24` does not divide the 16 output channels",
        "a depthwise convolution gives a multiple of its input channels: 24 output channels; or groups must divide both: 8 would",
    ),
    (
        "Conv2d(16, 3, groups = 3)",
        &[MAP],
        "groups",
        "`groups = 3` does not divide the 16 output channels",
        "groups must divide both: 2 or 4 would",
    ),
    ("Conv2d(16, 3, groups = 0)", &[MAP], "groups", "`groups` must be a positive integer, found 0", "the least is 1"),
    (
        "Conv2d(16, 3, stride = 0)",
        &[MAP],
        "stride",
        "`stride` must be a positive integer or a pair, found 0",
        "the least is 1",
    ),
    (
        "Conv2d(16, 3, stride = [1, 2, 3])",
        &[MAP],
        "stride",
        "`stride` must be a positive integer or a pair, found [1, 2, 3]",
        "",
    ),
    (
        "Conv2d(16, 3, padding = -1)",
        &[MAP],
        "padding",
        "`padding` must be an integer from 0, a pair or `same`, found -1",
        "the least is 0",
    ),
    (
        "Conv2d(16, 3, padding = none)",
        &[MAP],
        "padding",
        "`padding` must be an integer from 0, a pair or `same`, found none",
        "",
    ),
    ("Conv2d(16, 3, bias = 1)", &[MAP], "bias", "`bias` must be `true` or `false`, found 1", ""),
    ("Conv2d(0, 3)", &[MAP], "out_channels", "`out_channels` must be a positive integer, found 0", "the least is 1"),
    (
        "Conv2d(1.5, 3)",
        &[MAP],
        "out_channels",
        "`out_channels` must be a positive integer, found 1.5",
        "`int`, `round`, `floor` and `ceil` make an integer of a float",
    ),
    (
        "BatchNorm2d(1e-3)",
        &[MAP],
        "num_features",
        "`num_features` must be a positive integer, found 0.001",
        "if the epsilon is meant, name it: `eps = 0.001`",
    ),
    ("Conv2d(16)", &[MAP], "", "`kernel_size` is missing: it must be a positive integer or a pair", ""),
    (
        "Conv2d(16, 3)",
        &[VECTOR],
        "",
        "`Conv2d` takes a map [channels, height, width], found [10]",
        "a tensor loses its height and width in `GlobalAvgPool`, `Flatten` and `Linear`: use the layer before them",
    ),
    (
        "Conv2d(16, 3)",
        &[MAP, MAP],
        "",
        "`Conv2d` takes one tensor, found 2",
        "apply it to each of them, or join them first with `Concat` or `Sum`",
    ),
    ("Conv2d(16, 3)", &[], "", "`Conv2d` takes a tensor, found none", ""),
    (
        "Conv2d(2147483648, 1)",
        &[MAP],
        "",
        "`Conv2d` would give [2147483648, 5, 7], which has more than 2^31 elements",
        "",
    ),
    (
        "Conv2d(4294967296, 1)",
        &[MAP],
        "out_channels",
        "`out_channels` must be a positive integer, found 4294967296",
        "the most is 2^31, the elements that a tensor may have",
    ),
    (
        "Conv2d(16, 1, padding = 2147483648)",
        &[MAP],
        "",
        "`Conv2d` would give [16, 4294967301, 4294967303], which has more than 2^31 elements",
        "",
    ),
    (
        "Conv2d(16, kernel_size = 2147483648, padding = 2147483648)",
        &[MAP],
        "",
        "`Conv2d` would give [16, 2147483654, 2147483656], which has more than 2^31 elements",
        "",
    ),
    (
        "Linear(10)",
        &[MAP],
        "",
        "`Linear` takes a vector [C], found the map [24, 5, 7]",
        "put `Flatten` or `GlobalAvgPool` before it; for a `Linear` at every pixel, write `axis = channels`",
    ),
    (
        "Linear(128, 10)",
        &[VECTOR],
        "bias",
        "`Linear` takes out_features, then bias, found 10: input features are inferred",
        "leave the input features out: `Linear(10)`",
    ),
    ("Linear(10, axis = height)", &[MAP], "axis", "`Linear` works along channels only", "`axis = channels`"),
    ("Linear(10, axis = height)", &[VECTOR], "axis", "`axis = height`: a vector [10] has channels only", ""),
    (
        "Linear(2147483648)",
        &[VECTOR],
        "",
        "the weight [2147483648, 10] of this `Linear` has more than 2^31 elements",
        "pool or reduce channels before it",
    ),
    (
        "Linear(10, in_features = 12)",
        &[VECTOR],
        "in_features",
        "`in_features` says 12, but the input has 10 features",
        "leave `in_features` out, it is inferred, or change what comes before",
    ),
    (
        "BatchNorm2d(64)",
        &[MAP],
        "num_features",
        "`num_features` says 64, but the input has 24 channels",
        "leave `num_features` out, it is inferred, or change what comes before",
    ),
    (
        "BatchNorm2d(affine = false)",
        &[MAP],
        "affine",
        "a normalisation without `weight` and `bias` is not supported",
        "leave the argument out, and give it a `weight` of ones and a `bias` of zeros",
    ),
    (
        "GroupNorm(4, affine = false)",
        &[MAP],
        "affine",
        "a normalisation without `weight` and `bias` is not supported",
        "leave the argument out, and give it a `weight` of ones and a `bias` of zeros",
    ),
    (
        "BatchNorm2d(track_running_stats = false)",
        &[MAP],
        "track_running_stats",
        "a batch norm without running statistics has those of the batch, and a net here has no batch",
        "leave the argument out",
    ),
    ("BatchNorm2d(eps = -1.0)", &[MAP], "eps", "`eps` must be a number from 0, found -1.0", ""),
    (
        "BatchNorm2d",
        &[VECTOR],
        "",
        "`BatchNorm2d` takes a map [channels, height, width], found [10]",
        "a tensor loses its height and width in `GlobalAvgPool`, `Flatten` and `Linear`: use the layer before them",
    ),
    (
        "MaxPool2d(3, padding = 2)",
        &[MAP],
        "padding",
        "`padding` of `MaxPool2d` must be at most half the kernel, 1, found 2",
        "a window beyond that could lie in the padding alone",
    ),
    (
        "MaxPool2d(3, return_indices = true)",
        &[MAP],
        "return_indices",
        "`return_indices = true` is not supported: the indices would be integers",
        "",
    ),
    (
        "MaxPool2d(9)",
        &[MAP],
        "kernel_size",
        "`MaxPool2d`: a 9 x 9 kernel is larger than the input of 5 x 7 (height)",
        "a padding of at least 2 makes it fit; or use a smaller kernel or stride less before it",
    ),
    (
        "AvgPool2d(0)",
        &[MAP],
        "kernel_size",
        "`kernel_size` must be a positive integer or a pair, found 0",
        "the least is 1",
    ),
    (
        "AdaptiveAvgPool2d(0)",
        &[MAP],
        "output_size",
        "`output_size` must be a positive integer or a pair (`none` keeps the input's), found 0",
        "the least is 1",
    ),
    (
        "AdaptiveAvgPool2d([1, 2, 3])",
        &[MAP],
        "output_size",
        "`output_size` must be a positive integer or a pair (`none` keeps the input's), found [1, 2, 3]",
        "",
    ),
    (
        "GlobalAvgPool",
        &[VECTOR],
        "",
        "`GlobalAvgPool` takes a map [channels, height, width], found [10]",
        "a tensor loses its height and width in `GlobalAvgPool`, `Flatten` and `Linear`: use the layer before them",
    ),
    ("Flatten(1, 2)", &[MAP], "end_dim", "`Flatten` gives a vector: `end_dim` must be -1, found 2", ""),
    ("Flatten(0)", &[MAP], "start_dim", "`Flatten` gives a vector: `start_dim` must be 1, found 0", ""),
    (
        "Chunk(5)",
        &[MAP],
        "n",
        "`Chunk(5)` does not divide the channels of [24, 5, 7], 24, into equal parts",
        "4 or 6 parts would be equal",
    ),
    ("Chunk(2, axis = width)", &[VECTOR], "axis", "`axis = width`: a vector [10] has channels only", ""),
    (
        "Concat",
        &[MAP, Shape::Map { channels: 24, height: 6, width: 8 }],
        "",
        "cannot concatenate [24, 5, 7] and [24, 6, 8] along channels: their heights differ",
        "all sizes but that of the axis must agree: look at strides and paddings on the way to each",
    ),
    (
        "Concat(axis = width)",
        &[MAP, Shape::Map { channels: 12, height: 5, width: 7 }],
        "",
        "cannot concatenate [24, 5, 7] and [12, 5, 7] along width: their channels differ",
        "all sizes but that of the axis must agree: look at strides and paddings on the way to each",
    ),
    (
        "Concat",
        &[MAP, VECTOR],
        "",
        "cannot concatenate [24, 5, 7] and [10] along channels: one is a vector, the other a map",
        "`GlobalAvgPool` or `Flatten` makes a vector of a map",
    ),
    ("Concat", &[], "", "`Concat` takes a tuple of tensors, found none", ""),
    (
        "Sum",
        &[MAP, VECTOR],
        "",
        "cannot add [24, 5, 7] and [10]: channels differ",
        "`Linear(24)` gives the right-hand side the channels of the left",
    ),
    (
        "Sum",
        &[MAP, MAP, VECTOR],
        "",
        "cannot add [24, 5, 7] and [10]: channels differ",
        "`Linear(24)` gives the right-hand side the channels of the left",
    ),
    (
        "Softmax(axis = 1)",
        &[MAP],
        "axis",
        "`axis` must be `channels`, `height` or `width`, found 1",
        "PyTorch's `dim` 1, 2 and 3 are `channels`, `height` and `width`: the batch is never named",
    ),
    (
        "GELU(approximate = true)",
        &[MAP],
        "approximate",
        "`approximate` must be `none` or `tanh`, found true",
        "words stand without quotes: `approximate = tanh`",
    ),
    ("LeakyReLU(true)", &[MAP], "negative_slope", "`negative_slope` must be a finite number, found true", ""),
    (
        "PReLU(3)",
        &[MAP],
        "num_parameters",
        "`num_parameters` must be 1 or the 24 channels, found 3",
        "`PReLU(24)`: a slope for each channel; `PReLU`: one for all",
    ),
];

#[test]
fn errors_say_what_and_how_to_mend_it() {
    for &(text, inputs, argument, message, help) in ROWS {
        let error = layer(text, inputs).err().unwrap_or_else(|| panic!("{text} is taken"));
        let found = (error.argument.unwrap_or(""), error.message.as_str(), error.help.as_deref().unwrap_or(""));
        assert_eq!(found, (argument, message, help), "{text}");
    }
}

#[test]
fn arithmetic_names_the_axis() {
    let a = Shape::map(24, 56, 56);
    let small = Shape::map(24, 28, 28);
    let residual = "`stride = 2` halves the height; use a stride of 1 or drop the residual";
    let stride = "`stride = 2` halves the height; use a stride of 1";
    for (op, a, b, message, help) in [
        (Binary::Add, a, small, "cannot add [24, 56, 56] and [24, 28, 28]: heights differ", residual),
        (Binary::Sub, a, small, "cannot subtract [24, 28, 28] from [24, 56, 56]: heights differ", stride),
        (Binary::Mul, a, small, "cannot multiply [24, 56, 56] by [24, 28, 28]: heights differ", stride),
        (Binary::Div, a, small, "cannot divide [24, 56, 56] by [24, 28, 28]: heights differ", stride),
        (Binary::Max, a, small, "cannot take the maximum of [24, 56, 56] and [24, 28, 28]: heights differ", stride),
        (Binary::Min, a, small, "cannot take the minimum of [24, 56, 56] and [24, 28, 28]: heights differ", stride),
        (
            Binary::Add,
            a,
            Shape::map(16, 56, 56),
            "cannot add [24, 56, 56] and [16, 56, 56]: channels differ",
            "`Conv2d(24, 1)` gives the right-hand side the channels of the left; or drop the residual",
        ),
        (
            Binary::Mul,
            a,
            Shape::map(16, 1, 1),
            "cannot multiply [24, 56, 56] by [16, 1, 1]: channels differ",
            "`Conv2d(24, 1)` gives the right-hand side the channels of the left; channels of 1 are taken for any",
        ),
        (
            Binary::Mul,
            a,
            VECTOR,
            "cannot multiply [24, 56, 56] by [10]: channels differ",
            "`Linear(24)` gives the right-hand side the channels of the left",
        ),
        (
            Binary::Add,
            a,
            Shape::map(24, 56, 50),
            "cannot add [24, 56, 56] and [24, 56, 50]: widths differ",
            "a padding of half the kernel and a stride of 1 keep the width; an axis of 1 is taken for any",
        ),
        (
            Binary::Add,
            VECTOR,
            Shape::Vector(9),
            "cannot add [10] and [9]: lengths differ",
            "`Linear(10)` gives the right-hand side the length of the left",
        ),
    ] {
        let error = ops::binary(op, a, b).unwrap_err();
        assert_eq!((error.message.as_str(), error.help.as_deref()), (message, Some(help)));
    }
    let error = ops::binary(Binary::Add, Shape::map(1, 1 << 20, 1), Shape::map(1 << 20, 1, 1)).unwrap_err();
    assert_eq!(error.message, "`add` would give [1048576, 1048576, 1], which has more than 2^31 elements");
}

#[test]
fn slices_and_params_stay_in_bounds() {
    for (start, len, message) in [
        (0, 25, "the slice 0..25 reaches beyond the 24 channels of [24, 5, 7]".to_owned()),
        (24, 1, "the slice 24..25 reaches beyond the 24 channels of [24, 5, 7]".to_owned()),
        (usize::MAX, 2, format!("the slice {0}..{0} reaches beyond the 24 channels of [24, 5, 7]", usize::MAX)),
        (3, 0, "the slice 3..3 of [24, 5, 7] is empty".to_owned()),
    ] {
        assert_eq!(ops::slice(start, len, MAP).unwrap_err().message, message);
    }
    for dims in [&[2, 3, 4, 5][..], &[2, 3], &[]] {
        let wanted =
            format!("a `param` has a shape of [C] or [C, H, W], perhaps behind a 1 for the batch, found {dims:?}");
        assert_eq!(ops::param(dims).unwrap_err().message, wanted);
    }
    assert_eq!(ops::param(&[0]).unwrap_err().message, "`param` would give [0], which has no elements");
}

#[test]
fn every_promised_layer_is_known() {
    let promised = "Conv2d Linear BatchNorm2d PReLU ChannelConv1d LayerNorm2d GroupNorm ConvTranspose2d ZeroPad2d ZeroPadChannels ReLU \
        ReLU6 Hardswish Hardsigmoid Sigmoid SiLU Tanh GELU Mish LeakyReLU ELU Softmax Identity MaxPool2d AvgPool2d AdaptiveAvgPool2d \
        AdaptiveMaxPool2d GlobalAvgPool GlobalMaxPool Mean Max Flatten Concat Chunk Split Transpose ChannelShuffle PixelShuffle \
        PixelUnshuffle SpaceToDepth Upsample Dropout Sum MatMul Attention Scale";
    let mut names: Vec<_> = promised.split_whitespace().collect();
    let mut known: Vec<_> = ops::layers().map(|layer| layer.name).collect();
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, names);
    assert!(ops::find("Conv3d").is_none());
}
