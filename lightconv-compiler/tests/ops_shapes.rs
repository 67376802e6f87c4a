//! Shape rules held against naive twins, and identities between operators.

mod support;

use lightconv_compiler::ops::{self, Array, Binary, Primitive};
use lightconv_compiler::shape::Shape;
use proptest::prelude::*;
use support::{draw, layer};

proptest! {
    #[test]
    fn windows_slide_as_counted(
        size in 1usize..40, kernel in 1usize..8, stride in 1usize..6, padding in 0usize..5, dilation in 1usize..4, ceil in any::<bool>(),
    ) {
        let reach = (kernel - 1) * dilation + 1;
        let pool = format!("MaxPool2d([{kernel}, 1], [{stride}, 1], [{padding}, 0], [{dilation}, 1], ceil_mode = {ceil})");
        let found = layer(&pool, &[Shape::map(2, size, 3)]).ok().map(|op| op.outputs()[0]);
        let fits = reach <= size + 2 * padding && padding <= kernel / 2;
        let wanted = fits.then(|| Shape::map(2, count_windows(size, reach, stride, padding, ceil), 3));
        prop_assert_eq!(found, wanted);

        let conv = format!("Conv2d(5, [1, {kernel}], [1, {stride}], [0, {padding}], [1, {dilation}])");
        let found = layer(&conv, &[Shape::map(2, 3, size)]).ok().map(|op| op.outputs()[0]);
        let fits = reach <= size + 2 * padding;
        prop_assert_eq!(found, fits.then(|| Shape::map(5, 3, count_windows(size, reach, stride, padding, false))));
    }

    #[test]
    fn same_padding_is_tensorflow_s(size in 1usize..40, kernel in 1usize..8, stride in 1usize..6, dilation in 1usize..4) {
        let op = layer(&format!("Conv2d(1, {kernel}, {stride}, same, {dilation})"), &[Shape::map(1, size, size)]).unwrap();
        prop_assert_eq!(op.outputs()[0], Shape::map(1, size.div_ceil(stride), size.div_ceil(stride)));
        let Primitive::Conv { window, .. } = op.lower() else { panic!("a convolution lowers to one") };
        let (before, after) = (window.before[0], window.after[0]);
        // No more than needed, and the odd one after.
        prop_assert!(after == before || after == before + 1);
        let reach = (kernel - 1) * dilation + 1;
        prop_assert_eq!(count_windows_between(size, reach, stride, before, after), size.div_ceil(stride));
        if before + after > 0 {
            prop_assert!(count_windows_between(size, reach, stride, 0, before + after - 1) < size.div_ceil(stride));
        }
    }

    #[test]
    fn groups_divide_both_and_what_the_help_names_does(channels in 1usize..60, out in 1usize..60, groups in 1usize..70) {
        let input = [Shape::map(channels, 4, 4)];
        let conv = |groups: usize| layer(&format!("Conv2d({out}, 1, groups = {groups})"), &input);
        match conv(groups) {
            Ok(_) => prop_assert!(channels % groups == 0 && out % groups == 0),
            Err(error) => {
                prop_assert!(channels % groups != 0 || out % groups != 0);
                let help = error.help.unwrap();
                let near = help.rsplit("divide both: ").next().unwrap();
                let near: Vec<usize> = near.split_whitespace().filter_map(|word| word.parse().ok()).collect();
                prop_assert!(!near.is_empty());
                for groups in near {
                    prop_assert!(conv(groups).is_ok(), "{} channels to {}, {}", channels, out, help);
                }
            }
        }
    }

    #[test]
    fn broadcasting_is_numpy_s(a in prop::array::uniform3(1usize..4), b in prop::array::uniform3(1usize..4)) {
        let wanted: Option<Vec<usize>> = a
            .iter()
            .zip(&b)
            .map(|(&a, &b)| if a == b || b == 1 { Some(a) } else if a == 1 { Some(b) } else { None })
            .collect();
        let shape = |d: [usize; 3]| Shape::map(d[0], d[1], d[2]);
        let found = ops::binary(Binary::Mul, shape(a), shape(b)).ok().map(|op| op.outputs()[0].dims());
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn chunks_and_slices_join_to_the_whole(parts in 1usize..4, dims in prop::array::uniform3(1usize..4), axis in 0usize..3, at in 0usize..12) {
        let mut dims = dims;
        dims[axis] *= parts;
        let x = draw(7, &dims, 1.0);
        let whole = Shape::map(dims[0], dims[1], dims[2]);
        let axis = ["channels", "height", "width"][axis];
        let chunk = layer(&format!("Chunk({parts}, axis = {axis})"), &[whole]).unwrap();
        let concat = layer(&format!("Concat(axis = {axis})"), &chunk.outputs()).unwrap();
        prop_assert_eq!(join(&concat, chunk.evaluate(&[&x], &[])), x.clone());

        let cut = at % dims[0];
        if cut > 0 {
            let halves = [ops::slice(0, cut, whole).unwrap(), ops::slice(cut, dims[0] - cut, whole).unwrap()];
            let shapes: Vec<Shape> = halves.iter().map(|op| op.outputs()[0]).collect();
            let concat = layer("Concat", &shapes).unwrap();
            let halves = halves.iter().map(|op| op.evaluate(&[&x], &[]).remove(0)).collect();
            prop_assert_eq!(join(&concat, halves), x);
        }
    }

    #[test]
    fn no_number_panics(numbers in prop::array::uniform6(any_number()), size in 1usize..5) {
        let [out, kernel, stride, padding, dilation, groups] = numbers;
        let input = [Shape::map(size, size, 1)];
        for text in [
            format!("Conv2d({out}, {kernel}, {stride}, {padding}, {dilation}, {groups})"),
            format!("Conv2d({out}, kernel_size = {kernel}, stride = {stride}, padding = same, dilation = {dilation})"),
            format!("MaxPool2d({kernel}, {stride}, {padding}, {dilation}, ceil_mode = true)"),
            format!("AvgPool2d([{kernel}, {stride}], padding = same)"),
            format!("AdaptiveAvgPool2d([{out}, {kernel}])"),
            format!("Linear({out}, axis = channels)"),
            format!("Chunk({groups})"),
        ] {
            if let Ok(op) = layer(&text, &input) {
                prop_assert!(op.outputs().iter().all(|shape| shape.is_addressable()), "{}", text);
                let _ = (op.cost(), op.describe(), op.weights(), op.lower());
            }
        }
    }
}

/// A layer as `describe` writes it is that layer again.
#[test]
fn descriptions_can_be_written() {
    let map = Shape::map(12, 9, 9);
    for text in [
        "Conv2d(16, 3)",
        "Conv2d(16, [1, 3], stride = 2, padding = [0, 1], dilation = 2, groups = 4, bias = false)",
        "Conv2d(16, 3, padding = same)",
        "Linear(4, bias = false, axis = channels)",
        "BatchNorm2d",
        "BatchNorm2d(eps = 0.001)",
        "MaxPool2d(3, stride = 2, padding = 1, dilation = 2, ceil_mode = true)",
        "AvgPool2d(2)",
        "AvgPool2d(3, stride = [1, 2], padding = same, count_include_pad = false)",
        "AdaptiveAvgPool2d([2, 3])",
        "AdaptiveAvgPool2d(1, functional = true)",
        "GlobalAvgPool",
        "Flatten",
        "Concat(axis = width)",
        "Sum",
        "Softmax",
        "Softmax(axis = height)",
        "LeakyReLU",
        "LeakyReLU(0.2)",
        "ELU(0.5)",
        "PReLU(12)",
        "Dropout",
        "Chunk(3)",
        "Chunk(3, axis = height)",
        "Scale",
        "Hardswish",
    ] {
        assert_eq!(layer(text, &[map]).unwrap().describe(), text);
    }
    assert_eq!(ops::scalar(Binary::Sub, 1.0, true, map).describe(), "1 - x");
    assert_eq!(ops::scalar(Binary::Max, 0.5, false, map).describe(), "max(x, 0.5)");
    assert_eq!(ops::slice(2, 3, map).unwrap().describe(), "x[2..5]");
    assert_eq!(ops::param(&[1, 12, 1, 1]).unwrap().describe(), "param [1, 12, 1, 1]");
}

fn any_number() -> impl Strategy<Value = i64> {
    prop_oneof![0i64..9, Just(-1), Just(i64::MAX), Just(i64::MIN), Just(1 << 31), Just((1 << 31) - 1), Just(1 << 32)]
}

fn join(concat: &std::rc::Rc<dyn ops::Operator>, parts: Vec<Array>) -> Array {
    concat.evaluate(&parts.iter().collect::<Vec<_>>(), &[]).remove(0)
}

/// Windows that lie in the padded input; in ceil mode one more where pixels are left, if it begins in the input or before.
fn count_windows(size: usize, reach: usize, stride: usize, padding: usize, ceil: bool) -> usize {
    let mut count = count_windows_between(size, reach, stride, padding, padding);
    let uncovered = (count - 1) * stride + reach < size + 2 * padding;
    if ceil && uncovered && count * stride < size + padding {
        count += 1;
    }
    count
}

fn count_windows_between(size: usize, reach: usize, stride: usize, before: usize, after: usize) -> usize {
    (0..).take_while(|i| i * stride + reach <= before + size + after).count()
}
