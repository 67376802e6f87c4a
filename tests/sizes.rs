//! What the compiler reserves is what the runtime's kernels want: no float less, for that would be a panic, and none more.

use lightconv::__private as rt;
use lightconv_compiler::ops;
use lightconv_compiler::shape::Shape;
use lightconv_compiler::sizes;

/// A map without gaps.
fn map([channels, height, width]: [usize; 3]) -> (rt::Map, Shape) {
    (rt::Map { height, width, channels, stride: channels }, Shape::map(channels, height, width))
}

/// A window, as both have it.
fn window(
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> (rt::Window, ops::Window) {
    let ours = rt::Window { kernel, stride, padding, dilation };
    (ours, ops::Window { kernel, stride, before: padding, after: padding, dilation })
}

/// Windows of many kinds, with inputs and the height and width of outputs that fit them.
fn windows(mut check: impl FnMut((rt::Window, ops::Window), [usize; 3], [usize; 2])) {
    let kernels = [[1, 1], [3, 3], [2, 5], [7, 1]];
    let strides = [[1, 1], [2, 2], [1, 3]];
    let paddings = [[0, 0], [1, 1], [3, 0]];
    let dilations = [[1, 1], [2, 3]];
    let inputs: [[usize; 3]; 7] =
        [[1, 1, 3], [24, 1, 2], [1, 8, 10], [24, 37, 38], [130, 37, 39], [1, 120, 120], [130, 120, 122]];
    let mut number = 0;
    for case in 0..kernels.len() * strides.len() * paddings.len() * dilations.len() * inputs.len() {
        let mut left = case;
        let mut pick = |of: usize| {
            let i = left % of;
            left /= of;
            i
        };
        let (kernel, stride) = (kernels[pick(kernels.len())], strides[pick(strides.len())]);
        let (padding, dilation) = (paddings[pick(paddings.len())], dilations[pick(dilations.len())]);
        let input = inputs[pick(inputs.len())];
        let outputs = |axis: usize| {
            let reach = (kernel[axis] - 1) * dilation[axis] + 1;
            (input[axis + 1] + 2 * padding[axis]).checked_sub(reach).map(|room| room / stride[axis] + 1)
        };
        if let (Some(height), Some(width)) = (outputs(0), outputs(1)) {
            check(window(kernel, stride, padding, dilation), input, [height, width]);
            number += 1;
        }
    }
    assert!(number > 300, "the sweep has {number} windows");
}

#[test]
fn padded_rows() {
    let mut some = 0;
    windows(|(ours, window), input, size| {
        let (input, shape) = map(input);
        let (output, _) = map([8, size[0], size[1]]);
        let conv = rt::Conv { input, output, window: ours, groups: 1, block: 1 };
        let all = sizes::padded(&window, shape, size, size[0]).unwrap_or(0);
        let row = sizes::padded(&window, shape, size, 1).unwrap_or(0);
        assert_eq!([all, row], [conv.pad_len(), conv.row_pad_len()], "{conv:?}");
        some += usize::from(all > row);
    });
    assert!(some > 100, "{some} have more than a row");
}

#[test]
fn rings_of_rows() {
    windows(|(ours, window), input, [height, width]| {
        let ((input, entered), (middle, shape)) = (map(input), map([input[0], height, width]));
        let fused = rt::Fused { input, middle, window: ours, band: 1 };
        assert_eq!(sizes::ring(&window, entered, shape), fused.ring_len(), "{fused:?}");
    });
}

#[test]
fn weights_in_panels_and_in_pairs() {
    for outputs in (1..70).chain([127, 128, 129, 1000]) {
        for inputs in [1, 2, 3, 16, 61] {
            for (kernel, groups) in [([1, 1], 1), ([3, 3], 1), ([5, 2], 3)] {
                let taps = kernel[0] * kernel[1];
                let ((input, _), (output, _)) = (map([inputs * groups, 9, 9]), map([outputs * groups, 9, 9]));
                let (window, _) = window(kernel, [1, 1], [0, 0], [1, 1]);
                let conv = rt::Conv { input, output, window, groups, block: 1 };
                assert_eq!(groups * sizes::pairs(taps, inputs, outputs), conv.pairs_len(), "{conv:?}");
                assert_eq!(sizes::panels(outputs, taps * inputs), rt::packed_len(outputs, taps * inputs));
            }
        }
    }
}

#[test]
fn winograds_components() {
    for (inputs, outputs) in [(1, 1), (3, 16), (16, 17), (64, 128), (200, 33)] {
        for side in [4, 5] {
            assert_eq!(sizes::winograd_panels(outputs, inputs, side), rt::winograd_len(outputs, inputs, side));
            for (size, dilation) in [([4, 4], [1, 1]), ([56, 57], [1, 1]), ([32, 40], [2, 3])] {
                let ((input, _), (output, _)) = (map([inputs, size[0], size[1]]), map([outputs, size[0], size[1]]));
                let of = |blocks| rt::Winograd { input, output, padding: dilation, dilation, side, blocks };
                let tiles = of(1).tiles();
                for blocks in [1, 2, 3, tiles].into_iter().filter(|&blocks| blocks <= tiles) {
                    let len = sizes::winograd_scratch(side, tiles, blocks, inputs);
                    assert_eq!(len, of(blocks).scratch_len(), "{:?}", of(blocks));
                }
            }
        }
    }
    assert_eq!(sizes::WINOGRAD_CHANNELS, rt::WINOGRAD_CHANNELS);
}

#[test]
fn sums_and_scores() {
    for heads in [1, 3, 8] {
        for [height, width] in [[1, 1], [7, 9]] {
            let ((query, asked), (key, given)) = (map([heads * 5, 4, 4]), map([heads * 5, height, width]));
            let attention =
                rt::Attention { query, key, value: key, output: query, heads, key_heads: heads, value_heads: heads };
            assert_eq!(sizes::attention(heads, asked, given), attention.scratch_len(), "{attention:?}");
        }
        assert_eq!(sizes::group_stats(heads), rt::stats_len(heads));
    }
    assert_eq!(sizes::PANEL, rt::PANEL);
}
