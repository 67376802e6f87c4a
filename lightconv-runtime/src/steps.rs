//! The steps of a net as data, and the memories that they work on.

use crate::cache::l2_floats;
use crate::crew::Member;
use crate::kernels::{Span, Upcoming};
use crate::memory::{Dst, Src};
use core::hint::assert_unchecked;

/// One kernel call of a net: which function of a backend it is, and where its operands lie.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The path of the layer that names it.
    pub path: &'static str,
    /// The number of its function.
    pub kind: usize,
    /// Whether the members of a crew meet after it.
    pub meets: bool,
    /// Of its operands, in the order in which the function takes them.
    pub places: &'static [Place],
    /// The weights of later steps that are fetched meanwhile.
    pub prefetch: Prefetch,
}

/// Weights that are fetched into L2 before the steps that read them.
#[derive(Clone, Copy, Debug)]
pub struct Prefetch {
    /// Of the packed weights.
    pub spans: &'static [Span],
    /// Floats that the steps until then read and write besides, which L2 has to hold too.
    pub beside: usize,
}

/// Where an operand begins: the number of its memory, and a float in it.
pub type Place = (usize, usize);

/// All memories of a forward by their numbers: those that can be written come first, and have the same numbers among those that
/// can be read.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    /// The arena and the outputs.
    pub written: &'a [Dst<'a>],
    /// They, the packed weights, the inputs.
    pub read: &'a [Src<'a>],
}

/// The operands of a step, by their numbers in the order in which its function takes them.
#[derive(Clone, Copy, Debug)]
pub struct Operands<'a> {
    /// All memories.
    pub memory: &'a Memory<'a>,
    /// Where the operands lie.
    pub places: &'a [Place],
    /// What is fetched meanwhile.
    pub prefetch: Prefetch,
}

impl<'a> Operands<'a> {
    /// What a member fetches meanwhile, from the packed weights, which are the memory of this number.
    #[inline(never)]
    #[must_use]
    pub fn upcoming(&self, member: &Member, weights: usize) -> Upcoming<'a> {
        let Prefetch { spans, beside } = self.prefetch;
        // a quarter is left for what goes through in between
        let most = (l2_floats() / 4 * 3).saturating_sub(beside);
        Upcoming::new(self.memory.read[weights], spans, member.part(), most)
    }

    /// `len` floats to read.
    ///
    /// # Panics
    /// When there is no such operand, or its memory has not so many.
    #[inline(always)]
    #[must_use]
    pub fn source(&self, operand: usize, len: usize) -> Src<'a> {
        let source = self.cut_source(operand, len);
        // SAFETY: a cut is as long as was asked for
        unsafe { assert_unchecked(source.len() == len) };
        source
    }

    /// `len` floats to write.
    ///
    /// # Panics
    /// When there is no such operand, or its memory cannot be written or has not so many.
    #[inline(always)]
    #[must_use]
    pub fn destination(&self, operand: usize, len: usize) -> Dst<'a> {
        let destination = self.cut_destination(operand, len);
        // SAFETY: a cut is as long as was asked for
        unsafe { assert_unchecked(destination.len() == len) };
        destination
    }

    // A function each, compiled once: written out for each operand of each step function, the checks were a tenth of a net's code and
    // took a fifth of the time to compile it.

    #[inline(never)]
    fn cut_source(&self, operand: usize, len: usize) -> Src<'a> {
        let (memory, at) = self.places[operand];
        self.memory.read[memory].cut(at, len)
    }

    #[inline(never)]
    fn cut_destination(&self, operand: usize, len: usize) -> Dst<'a> {
        let (memory, at) = self.places[operand];
        self.memory.written[memory].cut(at, len)
    }
}
