//! One trait for all nets, so that one program can hold several.

use crate::backend::Backend;
use crate::error::{Error, Length, Shape};
use crate::info::{Cost, LayerInfo, WeightInfo};
#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};

/// A compiled net with its weights, whatever its shapes. Slices are channels-last, as [`TensorData::as_slice`](crate::TensorData::as_slice).
pub trait Net: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it costs.
    fn cost(&self) -> Cost;
    /// Its layers, in the order in which they run.
    fn layers(&self) -> &'static [LayerInfo];
    /// The tensors that it wants from a weights file.
    fn weights(&self) -> &'static [WeightInfo];
    /// Shapes of the inputs: channels, height, width.
    fn inputs(&self) -> &'static [&'static [usize]];
    /// Shapes of the outputs: channels, height, width.
    fn outputs(&self) -> &'static [&'static [usize]];
    /// Bytes of the arena that [`forward_slices`](Net::forward_slices) wants.
    fn arena_bytes(&self) -> usize;
    /// The instructions it runs on.
    fn backend(&self) -> Backend;

    /// Runs the net. Nothing is allocated.
    ///
    /// `arena` is scratch of at least [`arena_bytes`](Net::arena_bytes)` / 4` floats, rounded up; what is in it does not matter.
    ///
    /// # Errors
    /// When there are more or fewer slices than inputs or outputs, one has not the length of its shape, or the arena
    /// is too small.
    fn forward_slices(&self, inputs: &[&[f32]], arena: &mut [f32], outputs: &mut [&mut [f32]]) -> Result<(), Error>;

    /// Runs the net in memory that it allocates.
    ///
    /// # Errors
    /// When there are more or fewer slices than inputs, one has not the length of its shape, or there is no memory.
    #[cfg(feature = "alloc")]
    fn run_slices(&self, inputs: &[&[f32]]) -> Result<Vec<Vec<f32>>, Error> {
        let mut results: Vec<Vec<f32>> = self.outputs().iter().map(|shape| vec![0.0; elements(shape)]).collect();
        let mut outputs: Vec<&mut [f32]> = results.iter_mut().map(Vec::as_mut_slice).collect();
        let mut arena = crate::arena::AlignedBox::try_zeroed(arena_len(self.arena_bytes()))?;
        self.forward_slices(inputs, arena.as_mut_slice(), &mut outputs)?;
        Ok(results)
    }

    /// Checks the slices of [`forward_slices`](Net::forward_slices); generated code calls it first.
    ///
    /// # Errors
    /// As there.
    #[doc(hidden)]
    fn check_slices(&self, inputs: &[&[f32]], arena: &[f32], outputs: &[&mut [f32]]) -> Result<(), Error> {
        let net = self.name();
        check_all(net, "input", self.inputs(), inputs.iter().map(|s| s.len()))?;
        check_all(net, "output", self.outputs(), outputs.iter().map(|s| s.len()))?;
        let expected = arena_len(self.arena_bytes());
        if arena.len() < expected {
            let (what, shape) = ("arena", Shape::Scratch);
            let length = Length { net: Some(net), what, index: None, shape, expected, found: arena.len() };
            return Err(Error::length(length));
        }
        Ok(())
    }
}

fn check_all(
    net: &'static str,
    what: &'static str,
    shapes: &'static [&'static [usize]],
    lengths: impl ExactSizeIterator<Item = usize>,
) -> Result<(), Error> {
    if lengths.len() != shapes.len() {
        return Err(Error::count(net, what, shapes.len(), lengths.len()));
    }
    for (index, (shape, found)) in shapes.iter().zip(lengths).enumerate() {
        let expected = elements(shape);
        if found != expected {
            let index = (shapes.len() > 1).then_some(index);
            let length = Length { net: Some(net), what, index, shape: Shape::Net(shape), expected, found };
            return Err(Error::length(length));
        }
    }
    Ok(())
}

fn elements(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn arena_len(bytes: usize) -> usize {
    bytes.div_ceil(size_of::<f32>())
}
