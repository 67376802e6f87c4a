//! Layers that the language promises and that are not there yet: known by name, so that the error says so.

use super::LayerSpec;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    later("ConvTranspose2d", "ConvTranspose2d: a transposed convolution (torch.nn.ConvTranspose2d)"),
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
];

const fn later(name: &'static str, doc: &'static str) -> LayerSpec {
    LayerSpec { name, args: &[], build: None, doc }
}
