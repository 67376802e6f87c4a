//! Coordinate attention as a block for [lightconv](https://crates.io/crates/lightconv).

#![no_std]
#![forbid(unsafe_code)]

lightconv::lightnet! {
    /// Coordinate attention: Hou, Zhou and Feng, *Coordinate Attention for Efficient Mobile Network Design*, 2021.
    ///
    /// Takes `[C, H, W]` and gives it back with a factor for each row and one for each column of every channel; `oup` must be
    /// `C`. The attention has `max(8, C / reduction)` channels within. The weights have the names of the authors' PyTorch module
    /// (<https://github.com/houqb/CoordAttention>), whose `state_dict` therefore loads.
    ///
    /// ```
    /// lightconv::lightnet! {
    ///     use lightconv_coordatt::CoordAtt;
    ///     net Stage(x: [3, 32, 32]) -> [16, 16, 16] {
    ///         x -> stem: Conv2d(16, 3, stride = 2, padding = 1) -> att: CoordAtt(16, reduction = 4)
    ///     }
    /// }
    /// assert!(Stage::WEIGHTS.iter().any(|weight| weight.name == "att.conv_h.weight"));
    /// ```
    pub block CoordAtt(x; oup, reduction = 32) {
        require(oup == x.channels, "oup ({oup}) must be the number of input channels, {x.channels}");
        let hidden = max(8, x.channels / reduction);
        let rows = x -> Mean(width);
        let columns = x -> Mean(height) -> Transpose(height, width);
        let both = (rows, columns) -> Concat(axis = height) -> conv1: Conv2d(hidden, 1) -> bn1: BatchNorm2d -> Hardswish;
        let (rows, columns) = both -> Split([x.height, x.width], axis = height);
        let by_row = rows -> conv_h: Conv2d(oup, 1) -> Sigmoid;
        let by_column = columns -> Transpose(height, width) -> conv_w: Conv2d(oup, 1) -> Sigmoid;
        x * by_column * by_row
    }
}

/// The README's example is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
