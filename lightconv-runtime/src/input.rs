//! What a net takes as an input: the data of a tensor, or what derefs to them.

use crate::tensor::TensorData;
use core::ops::Deref;

/// A tensor of the shape that [`Data`](Input::Data) tells: a [`TensorData`], or a tensor, box or guard that derefs to one.
///
/// A parameter `&TensorData<3, 8, 8>` would be all of these by coercion, but for `&Tensor::from_chw(numbers)?`: an operand of `&` that
/// is a `match` must have the type that is asked for, without coercion.
#[diagnostic::on_unimplemented(message = "expected a tensor, found `{Self}`", label = "not a tensor")]
pub trait Input {
    /// The [`TensorData`] of its shape.
    type Data;

    /// The data.
    fn data(&self) -> &Self::Data;
}

impl<const C: usize, const H: usize, const W: usize> Input for TensorData<C, H, W> {
    type Data = Self;

    fn data(&self) -> &Self {
        self
    }
}

impl<P: Deref<Target: Input>> Input for P {
    type Data = <P::Target as Input>::Data;

    fn data(&self) -> &Self::Data {
        (**self).data()
    }
}
