//! Layers of PyTorch, and of those who write it otherwise, that have another spelling here.

/// What to write for a layer that is not known under the `name`, where that is known.
#[must_use]
pub fn spelling(name: &str) -> Option<&'static str> {
    Some(match name {
        "Sequential" => "layers in sequence are a list: `[A, B]`",
        "ModuleList" => "layers in sequence are a list, also in a loop: `blocks: [for i in 0..n { A }]`",
        "Parameter" => "a learnt tensor is a statement: `param name: [1, c, 1, 1];`",
        "Conv1d" => "a vector of pixels is a map of one row: `Conv2d(c, (1, k))`",
        "BatchNorm1d" => "fold it into the `Linear` before it, or write `x * gain + shift` with two `param`s",
        "Dropout1d" | "Dropout2d" | "AlphaDropout" => "`Dropout` does nothing at inference, and can be left out",
        "UpsamplingNearest2d" => "it is `Upsample(scale_factor = 2)`",
        "UpsamplingBilinear2d" => "it is `Upsample(scale_factor = 2, mode = bilinear, align_corners = true)`",
        "InstanceNorm2d" => "it is `GroupNorm(x.channels, x.channels)`",
        "Hardtanh" => "it is `min(max(x, -1), 1)`, or `ReLU6` from 0 to 6",
        "Swish" => "PyTorch's name is `SiLU`",
        "Add" => "tensors are added by `a + b` or `(a, b) -> Sum`",
        "cat" => "tensors are joined by `(a, b) -> Concat`",
        _ => return None,
    })
}
