//! Pooling.

use super::{Axis, Boolean, Pair};

/// `MaxPool2d(kernel_size, stride = kernel_size, padding = 0, dilation = 1, ceil_mode = false)`: the largest number in
/// a window of each channel of `[C, H, W]`; padding never wins.
///
/// PyTorch: `nn.MaxPool2d(3, 2, 1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 9, 9]) -> [16, 5, 5] { x -> MaxPool2d(3, stride = 2, padding = 1) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct MaxPool2d {
    /// Rows and columns of the window.
    pub kernel_size: Pair,
    /// Pixels from one place of the window to the next; `kernel_size` by default.
    pub stride: Pair,
    /// Pixels around the map, at most half of the window; 0 by default.
    pub padding: Pair,
    /// Pixels from one tap to the next; 1 by default.
    pub dilation: Pair,
    /// Only `false`, as by default.
    pub return_indices: Boolean,
    /// Whether a window that reaches over the edge counts; `false` by default.
    pub ceil_mode: Boolean,
}

/// `AvgPool2d(kernel_size, stride = kernel_size, padding = 0, ceil_mode = false, count_include_pad = true)`: the mean
/// of a window of each channel of `[C, H, W]`.
///
/// PyTorch: `nn.AvgPool2d(2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 4, 4] { x -> AvgPool2d(2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct AvgPool2d {
    /// Rows and columns of the window.
    pub kernel_size: Pair,
    /// Pixels from one place of the window to the next; `kernel_size` by default.
    pub stride: Pair,
    /// Zeros around the map, at most half of the window; 0 by default.
    pub padding: Pair,
    /// Whether a window that reaches over the edge counts; `false` by default.
    pub ceil_mode: Boolean,
    /// Whether the zeros around the map count; `true` by default.
    pub count_include_pad: Boolean,
}

/// `AdaptiveAvgPool2d(output_size)`: `[C, H, W]` to `[C, h, w]`: the means of as many bins as the output has pixels.
///
/// PyTorch: `nn.AdaptiveAvgPool2d(1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 1, 1] { x -> AdaptiveAvgPool2d(1) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct AdaptiveAvgPool2d {
    /// Height and width of the output; `none` keeps those of the input.
    pub output_size: Pair,
    /// Whether it is counted as `F.adaptive_avg_pool2d`; `false` by default.
    pub functional: Boolean,
}

/// `AdaptiveMaxPool2d(output_size)`: `[C, H, W]` to `[C, h, w]`: the largest of as many bins as the output has pixels.
///
/// PyTorch: `nn.AdaptiveMaxPool2d((2, 4))`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 2, 4] { x -> AdaptiveMaxPool2d((2, 4)) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct AdaptiveMaxPool2d {
    /// Height and width of the output; `none` keeps those of the input.
    pub output_size: Pair,
}

/// `GlobalAvgPool`: `[C, H, W]` to `[C]`, the mean of each channel.
///
/// PyTorch: `x.mean((2, 3))`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [10] { x -> GlobalAvgPool -> Linear(10) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct GlobalAvgPool;

/// `GlobalMaxPool`: `[C, H, W]` to `[C]`, the largest of each channel.
///
/// PyTorch: `x.amax((2, 3))`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16] { x -> GlobalMaxPool }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct GlobalMaxPool;

/// `Mean(axis)`: the mean along one axis or several of `[C, H, W]`, which are kept as 1.
///
/// PyTorch: `x.mean((2, 3), keepdim=True)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 1, 1] { x -> Mean([height, width]) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Mean {
    /// `channels`, `height`, `width` or a list of them.
    pub axis: Axis,
}

/// `Max(axis)`: the largest along one axis or several of `[C, H, W]`, which are kept as 1.
///
/// PyTorch: `x.amax(1, keepdim=True)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [1, 8, 8] { x -> Max(channels) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Max {
    /// `channels`, `height`, `width` or a list of them.
    pub axis: Axis,
}
