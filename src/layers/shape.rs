//! The same numbers in other shapes and places.

use super::{Axis, Boolean, Ignored, Integer, Number, Pair, Word};

/// `Flatten`: `[C, H, W]` to `[C * H * W]`, in PyTorch's order: channel, height, width.
///
/// PyTorch: `torch.flatten(x, 1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 2, 2]) -> [64] { x -> Flatten }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Flatten {
    /// Only 1, as by default: the batch is never named.
    pub start_dim: Integer,
    /// Only -1, as by default.
    pub end_dim: Integer,
}

/// `Chunk(n, axis = channels)`: a tuple of `n` equal parts.
///
/// PyTorch: `torch.chunk(x, 2, 1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [8, 8, 8] { let (a, b) = x -> Chunk(2); a * b }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Chunk {
    /// How many; it divides the axis.
    pub n: Integer,
    /// Along which; `channels` by default.
    pub axis: Axis,
}

/// `Split(size or [sizes], axis = channels)`: a tuple of parts of a size, the last one smaller where it does not
/// divide, or of the sizes listed.
///
/// PyTorch: `torch.split(x, [4, 12], 1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> ([4, 8, 8], [12, 8, 8]) { x -> Split([4, 12]) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Split {
    /// One size for all, or a list of them.
    pub size: Integer,
    /// Along which; `channels` by default.
    pub axis: Axis,
}

/// `ChannelShuffle(groups)`: the channels of `[C, H, W]`, seen as `[groups, C / groups]`, transposed.
///
/// PyTorch: `nn.ChannelShuffle(2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 8, 8] { x -> ChannelShuffle(2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ChannelShuffle {
    /// How many; they divide the channels.
    pub groups: Integer,
}

/// `Transpose(axis = height, axis = width)`: two axes of `[C, H, W]` exchanged.
///
/// PyTorch: `x.transpose(2, 3)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 4, 8]) -> [16, 8, 4] { x -> Transpose(height, width) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Transpose {
    /// Each of the two: `channels`, `height` or `width`; the last two where none is named.
    pub axis: Axis,
}

/// `PixelShuffle(upscale_factor)`: `[C * r * r, H, W]` to `[C, H * r, W * r]`.
///
/// PyTorch: `nn.PixelShuffle(2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 4, 4]) -> [4, 8, 8] { x -> PixelShuffle(2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PixelShuffle {
    /// `r`.
    pub upscale_factor: Integer,
}

/// `PixelUnshuffle(downscale_factor)`: `[C, H * r, W * r]` to `[C * r * r, H, W]`.
///
/// PyTorch: `nn.PixelUnshuffle(2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [16, 4, 4] { x -> PixelUnshuffle(2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PixelUnshuffle {
    /// `r`.
    pub downscale_factor: Integer,
}

/// `SpaceToDepth(block, order = focus)`: `[C, H * b, W * b]` to `[b * b * C, H, W]`.
///
/// PyTorch: `YOLOv5's Focus before its convolution`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [3, 8, 8]) -> [12, 4, 4] { x -> SpaceToDepth(2) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SpaceToDepth {
    /// `b`.
    pub block: Integer,
    /// Of the pixels of a block among the channels: `focus` as YOLOv5's `Focus`, rows fastest, by default; `contract`
    /// as its `Contract`, or `onnx` as ONNX's `SpaceToDepth`, columns fastest.
    pub order: Word,
}

/// `Upsample(size or scale_factor = …, mode = nearest, align_corners = false)`: `[C, H, W]` at another size: each pixel
/// the nearest one, or between the four nearest.
///
/// PyTorch: `nn.Upsample(scale_factor=2, mode='bilinear')`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 4, 4]) -> [16, 8, 8] { x -> Upsample(scale_factor = 2, mode = bilinear) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Upsample {
    /// Height and width of the output; or `scale_factor`.
    pub size: Pair,
    /// Of the height and width, or a pair; it need not be whole.
    pub scale_factor: Number,
    /// `nearest`, by default, or `bilinear`.
    pub mode: Word,
    /// Whether the outermost pixels keep their places, for `bilinear`; `false` by default.
    pub align_corners: Boolean,
}

/// `ZeroPad2d([left, right, top, bottom])`: a border of zeros around `[C, H, W]`.
///
/// PyTorch: `nn.ZeroPad2d((1, 2, 0, 1))`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [16, 9, 11] { x -> ZeroPad2d([1, 2, 0, 1]) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ZeroPad2d {
    /// Columns and rows of zeros at each side, or one number for all four.
    pub padding: Integer,
}

/// `ZeroPadChannels(before, after = 0)`: channels of zeros before and after those of `[C, H, W]`.
///
/// PyTorch: `F.pad(x, (0, 0, 0, 0, 4, 4))`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16, 8, 8]) -> [24, 8, 8] { x -> ZeroPadChannels(4, 4) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ZeroPadChannels {
    /// How many before.
    pub before: Integer,
    /// How many after; 0 by default.
    pub after: Integer,
}

/// `Dropout(p = 0.5)`: the identity, as in evaluation.
///
/// PyTorch: `nn.Dropout(0.2)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [16]) -> [10] { x -> Dropout(0.2) -> Linear(10) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Dropout {
    /// Taken, as PyTorch takes it, and ignored.
    pub p: Ignored,
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}
