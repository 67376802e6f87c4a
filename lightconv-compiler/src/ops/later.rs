//! Layers that the language promises and that are not there yet: known by name, so that the error says so.

use super::LayerSpec;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    later("ConvTranspose2d", "ConvTranspose2d: a transposed convolution (torch.nn.ConvTranspose2d)"),
    later("ChannelConv1d", "ChannelConv1d(kernel_size): a convolution across the channels of a vector (ECA)"),
    later("LayerNorm2d", "LayerNorm2d(eps = 1e-6): over the channels of each pixel"),
    later("GroupNorm", "GroupNorm(num_groups, eps = 1e-5) (torch.nn.GroupNorm)"),
    later("ZeroPad2d", "ZeroPad2d([left, right, top, bottom]) (torch.nn.ZeroPad2d)"),
    later("ZeroPadChannels", "ZeroPadChannels(before, after): channels of zeros"),
    later("AdaptiveMaxPool2d", "AdaptiveMaxPool2d(output_size) (torch.nn.AdaptiveMaxPool2d)"),
    later("GlobalMaxPool", "GlobalMaxPool: [C, H, W] to [C]"),
    later("Max", "Max(axis): the maximum along axes, kept as 1"),
    later("Split", "Split(size or [sizes], axis = channels) (torch.split)"),
    later("Transpose", "Transpose(axis = height, axis = width)"),
    later("PixelShuffle", "PixelShuffle(upscale_factor) (torch.nn.PixelShuffle)"),
    later("PixelUnshuffle", "PixelUnshuffle(downscale_factor) (torch.nn.PixelUnshuffle)"),
    later("SpaceToDepth", "SpaceToDepth(block, order = focus | contract | onnx)"),
    later("Upsample", "Upsample(scale_factor or size, mode = nearest | bilinear) (torch.nn.Upsample)"),
    later("MatMul", "MatMul: the matrix product of two maps, channel by channel"),
    later("Attention", "Attention(num_heads): (q, k, v) to attention over pixels"),
];

const fn later(name: &'static str, doc: &'static str) -> LayerSpec {
    LayerSpec { name, args: &[], build: None, doc }
}
