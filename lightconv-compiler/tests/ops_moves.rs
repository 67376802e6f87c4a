//! `ChannelShuffle` and `Mean`: PyTorch's numbers, their counts, what they say of bad arguments, and how a shuffle is planned.

#[path = "support/program.rs"]
mod program;
mod support;

use lightconv_compiler::fuse::{fuse, unfused};
use lightconv_compiler::ops::{Array, OpCost};
use lightconv_compiler::shape::Shape;
use support::layer;

/// `torch.nn.ChannelShuffle(groups)(torch.arange(12.).reshape(1, 12, 1, 1))` of torch 2.15.0.
#[test]
fn channels_are_shuffled_as_pytorch_does() {
    let cases: [(usize, [u8; 12]); 6] = [
        (1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (2, [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]),
        (3, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]),
        (4, [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]),
        (6, [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]),
        (12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ];
    // two pixels, the second ones 100 larger
    let plane = |c: u8| [f64::from(c), f64::from(c) + 100.0];
    let x = array(&[12, 1, 2], (0..12).flat_map(plane).collect());
    for (groups, wanted) in cases {
        let op = layer(&format!("ChannelShuffle({groups})"), &[Shape::map(12, 1, 2)]).unwrap();
        let wanted = array(&[12, 1, 2], wanted.into_iter().flat_map(plane).collect());
        assert_eq!(op.evaluate(&[&x], &[]), [wanted], "{groups} groups");
        assert_eq!(op.cost(), OpCost::default());
    }
}

/// `x.mean(axes, keepdim=True)` of torch 2.15.0.
#[test]
fn means_are_pytorch_s() {
    let shape = Shape::map(2, 2, 3);
    let x = [1, 2, 4, 8, 16, 32, -1, 0, 3, 5, 7, 11];
    let x = array(&[2, 2, 3], x.into_iter().map(f64::from).collect());
    for (text, dims, wanted) in [
        ("Mean(height)", [2, 1, 3], vec![4.5, 9.0, 18.0, 2.0, 3.5, 7.0]),
        ("Mean(width)", [2, 2, 1], vec![7.0 / 3.0, 56.0 / 3.0, 2.0 / 3.0, 23.0 / 3.0]),
        ("Mean([height, width])", [2, 1, 1], vec![10.5, 25.0 / 6.0]),
        ("Mean([width, height])", [2, 1, 1], vec![10.5, 25.0 / 6.0]),
    ] {
        let op = layer(text, &[shape]).unwrap();
        assert_eq!(op.evaluate(&[&x], &[]), [array(&dims, wanted)], "{text}");
        assert_eq!((op.cost().ptflops, op.cost().fvcore), (0, 0), "{text}");
        assert_eq!(op.describe(), text);
    }
}

#[test]
fn errors_say_what_and_how_to_mend_it() {
    for (text, argument, message, help) in [
        (
            "ChannelShuffle(5)",
            "groups",
            "`ChannelShuffle(5)` does not divide the channels of [24, 5, 7], 24, into groups",
            Some("4 or 6 groups would do"),
        ),
        ("ChannelShuffle(0)", "groups", "`groups` must be a positive integer, found 0", Some("the least is 1")),
        ("Max([height, true])", "axis", "`axis` must be `channels`, `height` or `width`, found true", None),
        (
            "Transpose(axis = height)",
            "axis",
            "`Transpose` exchanges two axes, found 1",
            Some("`Transpose(axis = height, axis = width)`"),
        ),
        ("Transpose(axis = height, axis = height)", "axis", "`axis` names `height` twice", None),
        ("PixelShuffle(3)", "upscale_factor", "`PixelShuffle(3)` needs channels in multiples of 3 x 3, found 24", None),
        (
            "PixelUnshuffle(5)",
            "downscale_factor",
            "`PixelUnshuffle(5)` does not divide the width, 7, into whole blocks",
            Some("1 or 7 pixels would"),
        ),
        (
            "SpaceToDepth(2)",
            "block",
            "`SpaceToDepth(2)` does not divide the height, 5, into whole blocks",
            Some("1 or 5 pixels would"),
        ),
        ("SpaceToDepth(1, order = 3)", "order", "`order` must be `focus` or `contract` or `onnx`, found 3", None),
        (
            "ZeroPad2d([1, 2])",
            "padding",
            "`padding` must be [left, right, top, bottom] or one integer, found [1, 2]",
            None,
        ),
        ("ZeroPad2d(-1)", "padding", "`padding` must be an integer from 0, found -1", Some("the least is 0")),
        ("ZeroPadChannels(-2)", "before", "`before` must be an integer from 0, found -2", Some("the least is 0")),
        ("Split([20, 5])", "size", "the parts are 25 together, but the channels of [24, 5, 7] are 24", None),
        ("Split(0)", "size", "`size` must be a positive integer, found 0", Some("the least is 1")),
        (
            "Upsample(size = 4, align_corners = true)",
            "align_corners",
            "`align_corners` is for `mode = bilinear` only",
            None,
        ),
        (
            "Upsample(scale_factor = 0)",
            "scale_factor",
            "`scale_factor` must be a positive number or a pair, found 0",
            None,
        ),
        (
            "ConvTranspose2d(8, 3, output_padding = 1)",
            "output_padding",
            "`output_padding` must be less than the stride or the dilation, 1, found 1",
            None,
        ),
        ("ConvTranspose2d(8, 3, padding = 4)", "padding", "`padding` takes 8 pixels off a height of 7", None),
        ("ConvTranspose2d(8, 3, padding = same)", "padding", "`padding` of `ConvTranspose2d` must be a number", None),
        ("Mean([height, height])", "axis", "`axis` names `height` twice", None),
        ("Mean([])", "axis", "`axis` must be an axis or a list of some, found []", None),
    ] {
        let error = layer(text, &[Shape::map(24, 5, 7)]).unwrap_err();
        let found = (error.argument, &*error.message, error.help.as_deref());
        assert_eq!(found, (Some(argument), message, help), "{text}");
    }
}

#[test]
fn an_upsampling_has_one_size() {
    for (text, message) in [
        ("Upsample", "`Upsample` takes `size` or `scale_factor`, found neither"),
        ("Upsample(size = 4, scale_factor = 2)", "`Upsample` takes `size` or `scale_factor`, found both"),
        ("Upsample(scale_factor = 0.1)", "`Upsample` would give [24, 0, 0], which has no elements"),
        (
            "Upsample(scale_factor = 1e300)",
            "`Upsample` would give [24, 18446744073709551615, 18446744073709551615], which has more than 2^31 elements",
        ),
    ] {
        assert_eq!(layer(text, &[Shape::map(24, 5, 7)]).unwrap_err().message, message, "{text}");
    }
}

const UNIT: &str = "net Test(x: [8, 4, 4]) {
    let (a, b) = x -> Chunk(2);
    (a, b -> b: Conv2d(4, 1)) -> Concat -> ChannelShuffle(2)
}";

/// A shuffle takes the parts of a concatenation from where they are.
#[test]
fn a_shuffled_concatenation_is_not_made() {
    let plan = fuse(&program::graph(UNIT)).to_string();
    let wanted = "b: conv 1x1 x0+4/8 [4, 4, 4] -> t2 [4, 4, 4]\n-: channel shuffle x0/8 [4, 4, 4], t2 [4, 4, 4] -> y0 [8, 4, 4]\n";
    assert_eq!(plan, wanted);
}

/// It is made where somebody else reads it, where its parts are not the groups, and where every operator is on its own.
#[test]
fn another_concatenation_is_made() {
    let shuffle = |plan: String| plan.lines().find(|line| line.contains("shuffle")).map(str::to_owned).unwrap();
    let wanted = "t2/8 [4, 4, 4], t2+4/8 [4, 4, 4]";
    assert!(shuffle(unfused(&program::graph(UNIT)).to_string()).contains(wanted));
    let read_twice = "net Test(x: [4, 4, 4]) {
        let y = (x -> ReLU, x -> b: Conv2d(4, 1)) -> Concat;
        (y -> ChannelShuffle(2)) + (y -> c: Conv2d(8, 1))
    }";
    let other_groups = "net Test(x: [4, 4, 4]) {
        (x -> ReLU, x -> b: Conv2d(4, 1)) -> Concat -> ChannelShuffle(4)
    }";
    for (program, parts) in [(read_twice, 2), (other_groups, 4)] {
        let plan = fuse(&program::graph(program)).to_string();
        assert_eq!(shuffle(plan).matches("/8 [").count(), parts, "{program}");
    }
}

fn array(dims: &[usize], data: Vec<f64>) -> Array {
    Array { dims: dims.to_vec(), data }
}
