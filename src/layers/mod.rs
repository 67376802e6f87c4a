//! The layers of [`lightnet!`](crate::lightnet): a page for each, with its arguments as fields.
//!
//! Nothing here is to be used in Rust. An editor shows these pages for the layers and arguments of a net, and leads to them.
//! `x`, `a`, `q` are tensors, `[C, H, W]` a map, `[C]` a vector; the batch is never named. Arguments that have no default must be
//! given; they are given by position, in the order in which they stand, or by name.

mod activation;
mod conv;
mod join;
mod norm;
mod pool;
mod shape;

pub use activation::{
    ELU, GELU, Hardsigmoid, Hardswish, Identity, LeakyReLU, Mish, ReLU, ReLU6, SiLU, Sigmoid, Softmax, Tanh,
};
pub use conv::{ChannelConv1d, Conv2d, ConvTranspose2d, Linear};
pub use join::{Attention, Concat, MatMul, Sum};
pub use norm::{BatchNorm2d, GroupNorm, LayerNorm2d, PReLU, Scale};
pub use pool::{AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, GlobalAvgPool, GlobalMaxPool, Max, MaxPool2d, Mean};
pub use shape::{
    ChannelShuffle, Chunk, Dropout, Flatten, PixelShuffle, PixelUnshuffle, SpaceToDepth, Split, Transpose, Upsample,
    ZeroPad2d, ZeroPadChannels,
};

/// An integer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Integer;

/// An integer, or two for height and width: `3`, `[3, 5]`, `(3, 5)`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pair;

/// An integer, two for height and width, or `same`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Padding;

/// A float or an integer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Number;

/// `true` or `false`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Boolean;

/// `channels`, `height` or `width`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Axis;

/// One of a few words, written without quotes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Word;

/// What PyTorch takes and a net that is not trained has no use for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ignored;
