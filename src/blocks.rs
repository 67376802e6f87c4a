//! The blocks shipped, for [`lightnet!`](crate::lightnet): a page for each, with its parameters as fields.
//!
//! Nothing here is to be used in Rust; see [`layers`](crate::layers). They are written in the language itself, with the names of
//! their PyTorch originals, so that a `state_dict` loads. A named `inp`, `c1` or `in_channels` is taken, and checked.

use crate::layers::{Boolean, Integer, Number, Padding, Pair};

/// `HSwish`: `x * sigmoid(x + 3) / 6`. It is not `Hardswish`, `x * relu6(x + 3) / 6`, which is what most repositories
/// call `h_swish`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> HSwish }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct HSwish;

/// `SEBlock(reduction = 4)`: squeeze and excitation (Hu et al., 2018): each channel of `[C, H, W]` is scaled by a gate
/// that sees the means of all. `avg_pool`, then `fc` = `[Linear(C / reduction, bias = false), ReLU, Linear(C, bias =
/// false), Sigmoid]`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> SEBlock(reduction = 4) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SEBlock {
    /// What the channels are divided by in the hidden layer; 4 by default.
    pub reduction: Integer,
}

/// `InvertedResidual(oup, stride, expand_ratio, use_se = false)`: the inverted residual of MobileNetV2 (Sandler et al.,
/// 2018) with `HSwish` and, on demand, `SEBlock`: expands the channels, filters them with a depthwise 3 x 3, projects
/// them to `oup`; adds `x` where stride is 1 and the channels agree. All of it is in `conv`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [32, 16, 16]) -> [16, 8, 8] {
///         x -> InvertedResidual(16, stride = 2, expand_ratio = 6, use_se = true)
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct InvertedResidual {
    /// Output channels.
    pub oup: Integer,
    /// 1 or 2.
    pub stride: Integer,
    /// How many times the channels are expanded; 1 leaves that step out.
    pub expand_ratio: Number,
    /// Whether squeeze and excitation stands before the projection; `false` by default.
    pub use_se: Boolean,
}

/// `DepthwiseSeparableConv(out_channels, kernel_size, stride = 1, padding = 0, dilation = 1, bias = false)`: a
/// depthwise separable convolution (Howard et al., 2017): `depthwise`, then `pointwise`, nothing between.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [3, 32, 32]) -> [16, 32, 32] { x -> DepthwiseSeparableConv(16, 3, padding = 1) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DepthwiseSeparableConv {
    /// Output channels.
    pub out_channels: Integer,
    /// Of the depthwise convolution.
    pub kernel_size: Pair,
    /// Of the depthwise convolution; 1 by default.
    pub stride: Pair,
    /// Of the depthwise convolution; 0 by default.
    pub padding: Padding,
    /// Of the depthwise convolution; 1 by default.
    pub dilation: Pair,
    /// Whether both have a bias; `false` by default.
    pub bias: Boolean,
}

/// `Conv(c2, k, s = 1, p = none, g = 1, act = true, dilation = 1)`: the convolution of the YOLO family: `conv`, `bn`,
/// then `Hardswish`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [64, 32, 32]) -> [128, 30, 30] { x -> Conv(128, k = 3, dilation = 2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Conv {
    /// Output channels.
    pub c2: Integer,
    /// Kernel size.
    pub k: Integer,
    /// Stride; 1 by default.
    pub s: Integer,
    /// Padding; `none`, by default, is `k / 2` whatever the dilation.
    pub p: Padding,
    /// Groups; 1 by default.
    pub g: Integer,
    /// Whether `Hardswish` follows; `true` by default.
    pub act: Boolean,
    /// Pixels from one tap to the next; 1 by default.
    pub dilation: Integer,
}

/// `DWConv(c2, k = 1, s = 1, act = true, dilation = 1)`: the depthwise separable twin of `Conv`: `depthwise` without an
/// activation, `pointwise` with its own, and `Hardswish` once more.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [64, 32, 32]) -> [128, 30, 30] { x -> DWConv(128, k = 3, dilation = 2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DWConv {
    /// Output channels.
    pub c2: Integer,
    /// Kernel size of the depthwise convolution; 1 by default.
    pub k: Integer,
    /// Its stride; 1 by default.
    pub s: Integer,
    /// Whether `Hardswish` follows; `true` by default.
    pub act: Boolean,
    /// Pixels from one tap to the next; 1 by default.
    pub dilation: Integer,
}
