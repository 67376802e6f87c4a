//! Memory on the heap, 64-byte aligned and zeroed: the arena of a net's activations, and packed weights.

use crate::error::Error;
use alloc::alloc::{alloc_zeroed, handle_alloc_error};
use alloc::boxed::Box;
use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

/// A net whose scratch memory was planned when it was compiled.
pub trait Planned {
    /// Bytes of the arena in which it runs.
    const ARENA_BYTES: usize;
}

/// Scratch memory for one forward at a time of the net `N`: 64-byte aligned, allocated once.
///
/// Any number of nets of the type may use it in turn; threads that run at the same time need one each.
pub struct Workspace<N: Planned> {
    arena: AlignedBox,
    net: PhantomData<fn() -> N>,
}

impl<N: Planned> Workspace<N> {
    /// Allocates the [`ARENA_BYTES`](Planned::ARENA_BYTES), zeroed.
    ///
    /// # Panics
    /// When there is no memory, as a `Vec` (it calls [`handle_alloc_error`]).
    #[must_use]
    pub fn new() -> Self {
        Workspace { arena: AlignedBox::zeroed(N::ARENA_BYTES.div_ceil(size_of::<f32>())), net: PhantomData }
    }

    /// As [`new`](Workspace::new), with an error when there is no memory.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub fn try_new() -> Result<Self, Error> {
        let arena = AlignedBox::try_zeroed(N::ARENA_BYTES.div_ceil(size_of::<f32>()))?;
        Ok(Workspace { arena, net: PhantomData })
    }

    /// The arena as cells, so that steps may read and write interleaved parts of it.
    #[must_use]
    pub fn cells(&mut self) -> &[Cell<f32>] {
        Cell::from_mut(self.arena.as_mut_slice()).as_slice_of_cells()
    }

    /// The arena as floats, as [`Net::forward_slices`](crate::Net::forward_slices) takes it.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        self.arena.as_mut_slice()
    }
}

impl<N: Planned> Default for Workspace<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Planned> fmt::Debug for Workspace<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workspace({} bytes)", N::ARENA_BYTES)
    }
}

/// A cache line of floats.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A box of floats whose address is a multiple of 64.
#[derive(Clone)]
pub struct AlignedBox {
    lines: Box<[Line]>,
    len: usize,
}

impl AlignedBox {
    /// `len` zeros.
    ///
    /// # Panics
    /// When there is no memory for them, as a `Vec` (it calls [`handle_alloc_error`]).
    #[must_use]
    pub fn zeroed(len: usize) -> AlignedBox {
        let lines = len.div_ceil(16);
        match zeroed_lines(lines) {
            Some(lines) => AlignedBox { lines, len },
            // a layout beyond the address space has no `Layout` to report: the error names the element then
            None => handle_alloc_error(Layout::array::<Line>(lines).unwrap_or(Layout::new::<Line>())),
        }
    }

    /// `len` zeros, or an error when there is no memory for them.
    ///
    /// # Errors
    /// When the allocator refuses, or `len` floats exceed the address space.
    pub fn try_zeroed(len: usize) -> Result<AlignedBox, Error> {
        match zeroed_lines(len.div_ceil(16)) {
            Some(lines) => Ok(AlignedBox { lines, len }),
            None => Err(Error::memory(len)),
        }
    }

    /// The floats.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        // SAFETY: the lines are 16 floats each, without gaps, and there are at least len / 16 of them
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }

    /// The floats, to write.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as in `as_slice`; the borrow of self is exclusive
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl fmt::Debug for AlignedBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlignedBox({} floats)", self.len)
    }
}

/// `None` when there is no memory.
fn zeroed_lines(count: usize) -> Option<Box<[Line]>> {
    if count == 0 {
        return Some(Box::new([]));
    }
    let layout = Layout::array::<Line>(count).ok()?;
    // SAFETY: the layout is not of size zero
    let at = unsafe { alloc_zeroed(layout) };
    if at.is_null() {
        return None;
    }
    // SAFETY: allocated just now by the global allocator with the layout of `[Line; count]`, and zeros are valid floats
    Some(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(at.cast::<Line>(), count)) })
}
