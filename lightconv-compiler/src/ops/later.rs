//! Layers that the language promises and that are not there yet: known by name, so that the error says so.

use super::LayerSpec;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    later("ChannelConv1d", "ChannelConv1d(kernel_size): a convolution across the channels of a vector (ECA)"),
    later("LayerNorm2d", "LayerNorm2d(eps = 1e-6): over the channels of each pixel"),
    later("GroupNorm", "GroupNorm(num_groups, eps = 1e-5) (torch.nn.GroupNorm)"),
    later("MatMul", "MatMul: the matrix product of two maps, channel by channel"),
    later("Attention", "Attention(num_heads): (q, k, v) to attention over pixels"),
];

const fn later(name: &'static str, doc: &'static str) -> LayerSpec {
    LayerSpec { name, args: &[], build: None, doc }
}
