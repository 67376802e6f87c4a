//! Choices: random numbers that are written down, so that they can be made again, and made smaller.

/// A source of choices, which it keeps.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Made before, to be made again; behind their end there is `state`.
    given: Vec<u64>,
    made: Vec<u64>,
    /// Of the generator; without one all further choices are 0.
    state: Option<u64>,
}

impl Choices {
    /// Random ones.
    #[must_use]
    pub fn random(seed: u64) -> Choices {
        // equal bits of neighbouring seeds are spread over the word
        let state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut choices = Choices { given: Vec::new(), made: Vec::new(), state: Some(state) };
        for _ in 0..4 {
            choices.draw();
        }
        choices
    }

    /// These, then the simplest.
    #[must_use]
    pub fn again(given: &[u64]) -> Choices {
        Choices { given: given.to_vec(), made: Vec::new(), state: None }
    }

    /// Those made so far.
    #[must_use]
    pub fn made(self) -> Vec<u64> {
        self.made
    }

    /// One of `0..n`; 0 is the simplest.
    ///
    /// # Panics
    /// When there is nothing to choose from.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "a choice among nothing");
        let choice = match self.given.get(self.made.len()) {
            Some(&given) => given.min(n as u64 - 1),
            None => self.draw() % n as u64,
        };
        self.made.push(choice);
        choice as usize
    }

    /// One of a range's numbers; its first is the simplest.
    pub fn within(&mut self, range: std::ops::RangeInclusive<usize>) -> usize {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// One of a list; its first is the simplest.
    pub fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    fn draw(&mut self) -> u64 {
        let Some(state) = &mut self.state else { return 0 };
        // G. Marsaglia, Xorshift RNGs, 2003; the multiplication is S. Vigna's
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
}

/// Simpler choices than these, the boldest first: parts left out, parts made 0, single ones made smaller.
pub fn simpler(choices: &[u64]) -> impl Iterator<Item = Vec<u64>> + '_ {
    let n = choices.len();
    let sizes = || std::iter::successors(Some(n / 2), |size| Some(size / 2)).take_while(|size| *size > 0);
    let parts = move |size: usize| (0..n.div_ceil(size)).map(move |i| i * size..((i + 1) * size).min(n));
    let without = sizes().flat_map(parts).map(|part| [&choices[..part.start], &choices[part.end..]].concat());
    let zeroed = sizes().flat_map(parts).filter(|part| choices[part.clone()].iter().any(|c| *c > 0)).map(|part| {
        let mut simpler = choices.to_vec();
        simpler[part].fill(0);
        simpler
    });
    let smaller = (0..n).flat_map(move |i| {
        [choices[i] / 2, choices[i].saturating_sub(1)].into_iter().filter(move |c| *c > 0 && *c < choices[i]).map(
            move |c| {
                let mut simpler = choices.to_vec();
                simpler[i] = c;
                simpler
            },
        )
    });
    without.chain(zeroed).chain(smaller)
}

/// The simplest choices found for which `fails` still holds.
pub fn shrink(choices: &[u64], mut fails: impl FnMut(&[u64]) -> bool) -> Vec<u64> {
    let mut best = choices.to_vec();
    loop {
        let next = simpler(&best).find(|simpler| fails(simpler));
        let Some(next) = next else { return best };
        best = next;
    }
}
