//! Tensors with their shape in the type, channels-last in memory.

use crate::error::{Error, Length, Shape};
#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec, vec::Vec};
use core::fmt;
#[cfg(feature = "alloc")]
use core::ops::{Deref, DerefMut};

/// The numbers of a tensor of `C` channels, `H` rows and `W` columns; it may lie anywhere, in a `static` too.
///
/// It is to [`Tensor`] what `str` is to `String`: nets take either. In memory the channels of a pixel stand together:
/// element `(c, y, x)` is `data[y][x][c]`.
#[repr(C, align(64))]
pub struct TensorData<const C: usize, const H: usize = 1, const W: usize = 1> {
    /// By row, column and channel.
    pub data: [[[f32; C]; W]; H],
}

impl<const C: usize, const H: usize, const W: usize> TensorData<C, H, W> {
    /// Channels, height, width.
    pub const SHAPE: [usize; 3] = [C, H, W];

    /// All zeros. Meant for a `static`; a large one on the stack may overflow it, where [`Tensor::zeros`] does not.
    #[must_use]
    pub const fn zeros() -> Self {
        TensorData { data: [[[0.0; C]; W]; H] }
    }

    /// All elements, channels-last: by row, column and channel.
    #[must_use]
    pub const fn as_slice(&self) -> &[f32] {
        self.data.as_flattened().as_flattened()
    }

    /// All elements, channels-last, to write.
    #[must_use]
    pub const fn as_mut_slice(&mut self) -> &mut [f32] {
        self.data.as_flattened_mut().as_flattened_mut()
    }

    /// Copies elements that stand in PyTorch's order: by channel, row and column.
    ///
    /// # Errors
    /// When they are not `C * H * W`.
    pub fn copy_from_chw(&mut self, chw: &[f32]) -> Result<(), Error> {
        Self::check_len(chw.len(), "channels-first tensor")?;
        for (y, row) in self.data.iter_mut().enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                for (c, to) in pixel.iter_mut().enumerate() {
                    *to = chw[(c * H + y) * W + x];
                }
            }
        }
        Ok(())
    }

    /// Copies elements that stand channels-last: by row, column and channel.
    ///
    /// # Errors
    /// When they are not `C * H * W`.
    pub fn copy_from_hwc(&mut self, hwc: &[f32]) -> Result<(), Error> {
        Self::check_len(hwc.len(), "channels-last tensor")?;
        self.as_mut_slice().copy_from_slice(hwc);
        Ok(())
    }

    /// Fills it from RGB bytes, as [`Tensor::from_rgb8`].
    ///
    /// # Errors
    /// As there.
    pub fn copy_from_rgb8(&mut self, rgb: &[u8], mean: [f32; 3], std: [f32; 3]) -> Result<(), Error> {
        if C != 3 {
            return Err(Error::channels(3, C));
        }
        Self::check_len(rgb.len(), "RGB pixels")?;
        let mut table = [[0.0; 256]; 3];
        for (c, row) in table.iter_mut().enumerate() {
            if !mean[c].is_finite() {
                return Err(Error::value("`mean` must be finite", c, mean[c]));
            }
            if !(std[c].is_finite() && std[c] > 0.0) {
                return Err(Error::value("`std` must be positive and finite", c, std[c]));
            }
            for (byte, to) in row.iter_mut().enumerate() {
                *to = (byte as f32 / 255.0 - mean[c]) / std[c];
            }
        }
        let [red, green, blue] = &table;
        for (to, from) in self.as_mut_slice().chunks_exact_mut(3).zip(rgb.chunks_exact(3)) {
            to.copy_from_slice(&[red[from[0] as usize], green[from[1] as usize], blue[from[2] as usize]]);
        }
        Ok(())
    }

    /// Copies the elements out in PyTorch's order: by channel, row and column.
    ///
    /// # Errors
    /// When `chw` has not `C * H * W` elements.
    pub fn copy_to_chw(&self, chw: &mut [f32]) -> Result<(), Error> {
        Self::check_len(chw.len(), "channels-first tensor")?;
        for (y, row) in self.data.iter().enumerate() {
            for (x, pixel) in row.iter().enumerate() {
                for (c, from) in pixel.iter().enumerate() {
                    chw[(c * H + y) * W + x] = *from;
                }
            }
        }
        Ok(())
    }

    fn check_len(found: usize, what: &'static str) -> Result<(), Error> {
        let expected = C * H * W;
        if found == expected {
            return Ok(());
        }
        Err(Error::length(Length { net: None, what, index: None, shape: Shape::Tensor(Self::SHAPE), expected, found }))
    }
}

impl<const C: usize, const H: usize, const W: usize> AsRef<TensorData<C, H, W>> for TensorData<C, H, W> {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<const C: usize, const H: usize, const W: usize> AsMut<TensorData<C, H, W>> for TensorData<C, H, W> {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl<const C: usize, const H: usize, const W: usize> PartialEq for TensorData<C, H, W> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<const C: usize, const H: usize, const W: usize> fmt::Debug for TensorData<C, H, W> {
    /// Short: the shape and the first elements, channels-last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        write!(f, "Tensor<{C}, {H}, {W}>[")?;
        let all = self.as_slice();
        for (i, x) in all.iter().take(SHOWN).enumerate() {
            write!(f, "{}{x}", if i == 0 { "" } else { ", " })?;
        }
        write!(f, "{}]", if all.len() > SHOWN { ", …" } else { "" })
    }
}

/// A tensor of `C` channels, `H` rows and `W` columns on the heap, 64-byte aligned.
#[cfg(feature = "alloc")]
pub struct Tensor<const C: usize, const H: usize = 1, const W: usize = 1> {
    data: Box<TensorData<C, H, W>>,
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> Tensor<C, H, W> {
    /// Channels, height, width.
    pub const SHAPE: [usize; 3] = [C, H, W];

    /// All zeros. It is made on the heap, never on the stack, however large it is.
    #[must_use]
    pub fn zeros() -> Self {
        let zeroed = Box::<TensorData<C, H, W>>::new_zeroed();
        // SAFETY: the type holds floats only, for which all bits zero is a valid value
        let data = unsafe { zeroed.assume_init() };
        Tensor { data }
    }

    /// From elements in PyTorch's order: by channel, row and column.
    ///
    /// # Errors
    /// When they are not `C * H * W`.
    pub fn from_chw(chw: &[f32]) -> Result<Self, Error> {
        let mut tensor = Self::zeros();
        tensor.copy_from_chw(chw)?;
        Ok(tensor)
    }

    /// From elements that stand channels-last: by row, column and channel.
    ///
    /// # Errors
    /// When they are not `C * H * W`.
    pub fn from_hwc(hwc: &[f32]) -> Result<Self, Error> {
        let mut tensor = Self::zeros();
        tensor.copy_from_hwc(hwc)?;
        Ok(tensor)
    }

    /// The same as [`from_hwc`](Tensor::from_hwc): from the order of [`as_slice`](TensorData::as_slice).
    ///
    /// # Errors
    /// When they are not `C * H * W`.
    pub fn from_slice(hwc: &[f32]) -> Result<Self, Error> {
        Self::from_hwc(hwc)
    }

    /// From RGB pixels of 8 bits, row by row, as image decoders give them: `(byte / 255 - mean) / std` for each
    /// channel, which is what torchvision's `ToTensor` and `Normalize(mean, std)` make of an image, to the last bit.
    ///
    /// # Errors
    /// When the bytes are not `3 * H * W`, `C` is not 3, a mean is not finite or a standard deviation not positive.
    pub fn from_rgb8(rgb: &[u8], mean: [f32; 3], std: [f32; 3]) -> Result<Self, Error> {
        let mut tensor = Self::zeros();
        tensor.copy_from_rgb8(rgb, mean, std)?;
        Ok(tensor)
    }

    /// The elements in PyTorch's order: by channel, row and column.
    #[must_use]
    pub fn to_chw(&self) -> Vec<f32> {
        let mut chw = vec![0.0; C * H * W];
        for (y, row) in self.data.data.iter().enumerate() {
            for (x, pixel) in row.iter().enumerate() {
                for (c, from) in pixel.iter().enumerate() {
                    chw[(c * H + y) * W + x] = *from;
                }
            }
        }
        chw
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> Deref for Tensor<C, H, W> {
    type Target = TensorData<C, H, W>;

    fn deref(&self) -> &Self::Target {
        &self.data
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> DerefMut for Tensor<C, H, W> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.data
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> AsRef<TensorData<C, H, W>> for Tensor<C, H, W> {
    fn as_ref(&self) -> &TensorData<C, H, W> {
        self
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> AsMut<TensorData<C, H, W>> for Tensor<C, H, W> {
    fn as_mut(&mut self) -> &mut TensorData<C, H, W> {
        self
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> Clone for Tensor<C, H, W> {
    /// Copies on the heap; a derived one would go over the stack.
    fn clone(&self) -> Self {
        let mut copy = Self::zeros();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.as_mut_slice().copy_from_slice(source.as_slice());
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> Default for Tensor<C, H, W> {
    fn default() -> Self {
        Self::zeros()
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> PartialEq for Tensor<C, H, W> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(feature = "alloc")]
impl<const C: usize, const H: usize, const W: usize> fmt::Debug for Tensor<C, H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
