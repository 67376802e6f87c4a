//! The blocks shipped: each a file of text in the language itself, to be read as an example too.
//!
//! To add one, write its file and name it in [`TEXTS`]. Their labels are the attribute names of the PyTorch originals, so
//! that a `state_dict` loads unchanged; within them, names mean shipped blocks and layers built in, never the user's.

/// Name and definition (a `pub block`) of every shipped block.
pub const TEXTS: &[(&str, &str)] = &[
    ("HSwish", include_str!("h_swish.lightnet")),
    ("SEBlock", include_str!("se_block.lightnet")),
    ("InvertedResidual", include_str!("inverted_residual.lightnet")),
    ("DepthwiseSeparableConv", include_str!("depthwise_separable_conv.lightnet")),
    ("Conv", include_str!("conv.lightnet")),
    ("DWConv", include_str!("dw_conv.lightnet")),
];
