//! Layers of several inputs.

use super::{Axis, Integer};

/// `Concat(axis = channels)`: a tuple's tensors one after the other along an axis. Along the channels nothing is
/// copied, as a rule.
///
/// PyTorch: `torch.cat([x, y], 1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [12, 8, 8] { let y = x -> Conv2d(8, 1); (x, y) -> Concat }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Concat {
    /// Along which; `channels` by default.
    pub axis: Axis,
}

/// `Sum`: a tuple's tensors added; an axis of 1 is taken for any.
///
/// PyTorch: `a + b + c`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { (for i in 0..3 { x -> "conv{i}": Conv2d(4, 1) }) -> Sum }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Sum;

/// `MatMul`: `[C, H, K]` and `[C, K, W]` to `[C, H, W]`: the matrix product of each channel.
///
/// PyTorch: `a @ b`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(a: [2, 3, 4], b: [2, 4, 5]) -> [2, 3, 5] { (a, b) -> MatMul }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct MatMul;

/// `Attention(num_heads)`: of a tuple `(q, k, v)` of maps: each pixel of `q` attends to the pixels of `k` and `v`. In
/// each head, a run of `d` channels, it is `softmax(q k / sqrt(d)) v`. `k` and `v` may each have one head that serves
/// all. Counted as `torch.matmul`, `F.softmax`, `torch.matmul`.
///
/// PyTorch: `F.scaled_dot_product_attention(q, k, v)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [32, 7, 7]) -> [32, 7, 7] {
///         let (q, k, v) = x -> qkv: Conv2d(96, 1) -> Chunk(3); (q, k, v) -> Attention(4)
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Attention {
    /// Heads of `q`; they divide its channels.
    pub num_heads: Integer,
}
