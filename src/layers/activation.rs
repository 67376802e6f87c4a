//! Activations: fused into the layer before them wherever only they read its result.

use super::{Axis, Ignored, Number, Word};

/// `ReLU`: `max(x, 0)`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.ReLU()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> ReLU }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ReLU {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `ReLU6`: `min(max(x, 0), 6)`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.ReLU6()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> ReLU6 }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ReLU6 {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `Hardswish`: `x * relu6(x + 3) / 6`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Hardswish()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Hardswish }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Hardswish {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `Hardsigmoid`: `relu6(x + 3) / 6`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Hardsigmoid()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Hardsigmoid }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Hardsigmoid {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `Sigmoid`: `1 / (1 + exp(-x))`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Sigmoid()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Sigmoid }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Sigmoid;

/// `SiLU`: `x * sigmoid(x)`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.SiLU()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> SiLU }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SiLU {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `Tanh`: `tanh(x)`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Tanh()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Tanh }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Tanh;

/// `GELU(approximate = none)`: `x * Phi(x)`, where `Phi` is the distribution of the normal law, element by element, of a tensor of any
/// shape.
///
/// PyTorch: `nn.GELU()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> GELU -> GELU(approximate = tanh) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct GELU {
    /// `tanh` for `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`, which approximates it; `none`, the default, for the exact one.
    pub approximate: Word,
}

/// `Mish`: `x * tanh(log(1 + exp(x)))`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Mish()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Mish }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Mish {
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `LeakyReLU(negative_slope = 0.01)`: `x`, or `negative_slope * x` below zero, element by element, of a tensor of any
/// shape.
///
/// PyTorch: `nn.LeakyReLU(0.1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> LeakyReLU(0.1) }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct LeakyReLU {
    /// The slope below zero; 0.01 by default.
    pub negative_slope: Number,
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `ELU(alpha = 1.0)`: `x`, or `alpha * (exp(x) - 1)` below zero, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.ELU()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> ELU }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ELU {
    /// What it goes to, negated, far below zero; 1 by default.
    pub alpha: Number,
    /// Taken, as PyTorch takes it, and ignored.
    pub inplace: Ignored,
}

/// `Identity`: `x`, element by element, of a tensor of any shape.
///
/// PyTorch: `nn.Identity()`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [4, 8, 8]) -> [4, 8, 8] { x -> Identity }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Identity;

/// `Softmax(axis = channels)`: exponentials over their sum along an axis of `[C, H, W]` or `[C]`.
///
/// PyTorch: `nn.Softmax(1)`.
///
/// ```
/// lightconv::lightnet! {
///     net Example(x: [10]) -> [10] { x -> Softmax }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Softmax {
    /// Along which; `channels` by default.
    pub axis: Axis,
}
