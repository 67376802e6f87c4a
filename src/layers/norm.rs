//! Norms, learnt factors and slopes.

use super::{Boolean, Ignored, Integer, Number};

/// `BatchNorm2d(eps = 1e-5)`: `(x - running_mean) / sqrt(running_var + eps) * weight + bias` in each channel of `[C, H,
/// W]`, as in evaluation; folded into the convolution before it. Weights: those four, `[C]` each.
///
/// PyTorch: `nn.BatchNorm2d(16, eps=1e-3)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [3, 8, 8]) -> [16, 8, 8] {
///         x -> [Conv2d(16, 1, bias = false), BatchNorm2d(eps = 1e-3), ReLU]
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchNorm2d {
    /// Channels are inferred; given, they are checked.
    pub num_features: Integer,
    /// Added to the variance, by name only; 1e-5 by default.
    pub eps: Number,
    /// Taken, as PyTorch takes it, and ignored.
    pub momentum: Ignored,
    /// `true`, as by default.
    pub affine: Boolean,
    /// `true`, as by default.
    pub track_running_stats: Boolean,
}

/// `LayerNorm2d(eps = 1e-6)`: `(x - mean) / sqrt(var + eps) * weight + bias` with the mean and variance of the channels
/// of each pixel of `[C, H, W]`. Weights: `weight` and `bias` `[C]`.
///
/// PyTorch: `timm's LayerNorm2d(16)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> LayerNorm2d }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct LayerNorm2d {
    /// Channels are inferred; given, they are checked.
    pub num_channels: Integer,
    /// Added to the variance, by name only; 1e-6 by default.
    pub eps: Number,
}

/// `GroupNorm(num_groups, eps = 1e-5)`: `(x - mean) / sqrt(var + eps) * weight + bias` with the mean and variance of
/// each of `num_groups` runs of channels, over all of `[C, H, W]` or `[C]`. Weights: `weight` and `bias` `[C]`.
///
/// PyTorch: `nn.GroupNorm(4, 16)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> GroupNorm(4) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct GroupNorm {
    /// Groups of channels; they divide the channels.
    pub num_groups: Integer,
    /// Channels are inferred; given, they are checked.
    pub num_channels: Integer,
    /// Added to the variance, by name only; 1e-5 by default.
    pub eps: Number,
    /// `true`, as by default.
    pub affine: Boolean,
}

/// `Scale`: multiplies each channel of `[C, H, W]` or `[C]` by a learnt factor. Weight: `gamma` `[C]`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x + (x -> Conv2d(16, 1) -> gamma: Scale) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Scale {
    /// Channels are inferred; given, they are checked.
    pub num_channels: Integer,
}

/// `PReLU(num_parameters = 1)`: `x`, or a learnt slope times `x` below zero. Weight: `weight`, `[1]` or `[C]`.
///
/// PyTorch: `nn.PReLU(16)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> PReLU(16) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PReLU {
    /// One slope for all, by default, or one for each channel.
    pub num_parameters: Integer,
    /// Taken, as PyTorch takes it, and ignored.
    pub init: Ignored,
}
