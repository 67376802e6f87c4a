//! Convolutions and linear layers.

use super::{Axis, Boolean, Integer, Padding, Pair};

/// `Conv2d(out_channels, kernel_size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true)`: a convolution
/// of `[C, H, W]`. Weights: `weight` `[out_channels, C / groups, kh, kw]` and `bias` `[out_channels]`.
///
/// PyTorch: `nn.Conv2d(3, 16, 3, stride=2, padding=1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [3, 8, 8]) -> [16, 4, 4] { x -> Conv2d(16, 3, stride = 2, padding = 1) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Conv2d {
    /// Output channels.
    pub out_channels: Integer,
    /// Rows and columns of the kernel. By position at most 15, so that input channels pasted from PyTorch are no
    /// kernel.
    pub kernel_size: Pair,
    /// Pixels from one place of the window to the next; 1 by default.
    pub stride: Pair,
    /// Zeros around the map; 0 by default. `same` is TensorFlow's SAME, which may have one more after than before.
    pub padding: Padding,
    /// Pixels from one tap to the next; 1 by default.
    pub dilation: Pair,
    /// Groups of channels that do not see one another; 1 by default, `x.channels` for a depthwise convolution.
    pub groups: Integer,
    /// Whether a bias is added; `true` by default.
    pub bias: Boolean,
    /// Input channels are inferred; given by name, they are checked.
    pub in_channels: Integer,
}

/// `ConvTranspose2d(out_channels, kernel_size, stride = 1, padding = 0, output_padding = 0, groups = 1, bias = true,
/// dilation = 1)`: a transposed convolution of `[C, H, W]`: a side of n pixels becomes
/// `(n - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1`. Weights: `weight`
/// `[C, out_channels / groups, kh, kw]` and `bias`.
///
/// PyTorch: `nn.ConvTranspose2d(8, 4, 2, stride=2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [8, 4, 4]) -> [4, 8, 8] { x -> ConvTranspose2d(4, 2, stride = 2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ConvTranspose2d {
    /// Output channels.
    pub out_channels: Integer,
    /// Rows and columns of the kernel. By position at most 15, so that input channels pasted from PyTorch are no
    /// kernel.
    pub kernel_size: Pair,
    /// Pixels of the output from one pixel of the input to the next; 1 by default.
    pub stride: Pair,
    /// Pixels taken off each side of the output; 0 by default.
    pub padding: Pair,
    /// Pixels added at the end of each side; 0 by default, less than the stride or the dilation.
    pub output_padding: Pair,
    /// Groups of channels that do not see one another; 1 by default, `x.channels` for a depthwise convolution.
    pub groups: Integer,
    /// Whether a bias is added; `true` by default.
    pub bias: Boolean,
    /// Pixels from one tap to the next; 1 by default.
    pub dilation: Pair,
    /// Input channels are inferred; given by name, they are checked.
    pub in_channels: Integer,
}

/// `Linear(out_features, bias = true)`: `[C]` to `[out_features]`, or with `axis = channels` each pixel of `[C, H, W]`.
/// Weights: `weight` `[out_features, C]` and `bias`.
///
/// PyTorch: `nn.Linear(16, 10)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [8, 4, 4]) -> [10] { x -> [Linear(16, axis = channels), GlobalAvgPool, Linear(10)] }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Linear {
    /// Output features.
    pub out_features: Integer,
    /// Whether a bias is added; `true` by default.
    pub bias: Boolean,
    /// `axis = channels`, by name, applies it at every pixel of a map.
    pub axis: Axis,
    /// Input features are inferred; given by name, they are checked.
    pub in_features: Integer,
}

/// `ChannelConv1d(kernel_size)`: a convolution across the channels of `[C]` or `[C, 1, 1]`, padded to the same size,
/// without bias. Weight: `weight` `[1, 1, kernel_size]`.
///
/// PyTorch: `nn.Conv1d(1, 1, 3, padding=1, bias=False), in ECA-Net`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 6, 6]) -> [16, 6, 6] { x * (x -> GlobalAvgPool -> ChannelConv1d(3) -> Sigmoid) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ChannelConv1d {
    /// Channels that it sees, an odd number.
    pub kernel_size: Integer,
}
