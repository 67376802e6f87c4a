//! Runs a net in memory between guards. It knows the runtime alone, for the programs that `tests/random` makes use it as well.

use lightconv::Net;

/// Runs a net on channels-last numbers; workspace and outputs hold `before` first.
///
/// # Panics
/// When the net refuses, or writes outside the memory it was given.
pub fn run(net: &dyn Net, inputs: &[Vec<f32>], before: f32) -> Vec<Vec<f32>> {
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let mut arena = Guarded::new(net.arena_bytes() / size_of::<f32>(), before);
    let lengths = net.outputs().iter().map(|dims| dims.iter().product());
    let mut outputs: Vec<Guarded> = lengths.map(|len| Guarded::new(len, before)).collect();
    let mut slices: Vec<&mut [f32]> = outputs.iter_mut().map(Guarded::inner).collect();
    if let Err(e) = net.forward_slices(&inputs, arena.inner(), &mut slices) {
        panic!("{e}");
    }
    arena.check("arena");
    for output in &outputs {
        output.check("output");
    }
    outputs.iter_mut().map(|output| output.inner().to_vec()).collect()
}

/// Memory between two stretches that nobody may write.
struct Guarded {
    floats: Vec<f32>,
}

impl Guarded {
    const WIDTH: usize = 64;
    const MARK: f32 = 12345.678;

    fn new(len: usize, fill: f32) -> Guarded {
        let mut floats = vec![Self::MARK; len + 2 * Self::WIDTH];
        floats[Self::WIDTH..][..len].fill(fill);
        Guarded { floats }
    }

    fn inner(&mut self) -> &mut [f32] {
        let len = self.floats.len() - 2 * Self::WIDTH;
        &mut self.floats[Self::WIDTH..][..len]
    }

    fn check(&self, what: &str) {
        let (_, after) = self.floats.split_at(self.floats.len() - Self::WIDTH);
        let guards = self.floats[..Self::WIDTH].iter().chain(after);
        let written = guards.filter(|&&x| x.to_bits() != Self::MARK.to_bits());
        assert_eq!(written.count(), 0, "floats written beside the {what}");
    }
}
