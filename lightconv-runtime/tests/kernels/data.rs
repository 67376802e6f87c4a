//! Numbers to compute with, maps with gaps between their pixels, and the comparison.

use lightconv_runtime::crew::Part;
use lightconv_runtime::kernels::Map;
use lightconv_runtime::memory::Dst;

/// What stands where a kernel must not write.
pub const UNTOUCHED: f32 = 12345.0;

/// Deterministic numbers, uniform between -1 and 1 (xorshift of Marsaglia, 2003).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn fill(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

pub fn map(height: usize, width: usize, channels: usize, gap: usize) -> Map {
    Map { height, width, channels, stride: channels + gap }
}

/// Where channel `c` of pixel `(y, x)` stands.
pub fn at(map: Map, y: usize, x: usize, c: usize) -> usize {
    (y * map.width + x) * map.stride + c
}

/// Memory for a map, exactly as long as it is.
pub fn untouched(map: Map) -> Vec<f32> {
    vec![UNTOUCHED; map.extent()]
}

/// What a kernel writes to a map. It is run whole, and again in two and in three parts, each with memory of its own: whatever the
/// whole writes is written by one of the parts, with the same bits.
#[track_caller]
pub fn in_parts(map: Map, run: impl Fn(Part, Dst)) -> Vec<f32> {
    let mut whole = untouched(map);
    run(Part::ALL, (&mut whole[..]).into());
    for count in [2, 3] {
        let mut merged = untouched(map);
        for index in 0..count {
            let mut own = untouched(map);
            run(Part::new(index, count), (&mut own[..]).into());
            for (at, (to, x)) in merged.iter_mut().zip(own).enumerate().filter(|(_, (_, x))| *x != UNTOUCHED) {
                assert!(
                    *to == UNTOUCHED,
                    "float {at} of {map:?} is written by part {index} of {count}, and by one before"
                );
                *to = x;
            }
        }
        let bits = |floats: &[f32]| floats.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits(&merged) == bits(&whole), "{count} parts of {map:?} are not the whole");
    }
    whole
}

/// A result in f64 and the size of what was summed up to it, to which errors are relative.
#[derive(Clone, Copy)]
pub struct Exact {
    pub value: f64,
    pub size: f64,
}

impl Exact {
    /// The mean of some.
    pub fn mean(of: impl ExactSizeIterator<Item = Exact>) -> Exact {
        let count = of.len() as f64;
        let [value, size] = of.fold([0.0; 2], |[value, size], one| [value + one.value, size + one.size]);
        Exact { value: value / count, size: size / count }
    }

    pub fn of(value: f64) -> Self {
        Exact { value, size: value.abs() }
    }

    /// After a function whose slope is at most about 1.
    pub fn then(self, f: impl Fn(f64) -> f64) -> Self {
        Exact { value: f(self.value), size: self.size.max(f(self.value).abs()) }
    }

    pub fn plus(self, x: f32) -> Self {
        Exact { value: self.value + f64::from(x), size: self.size + f64::from(x).abs() }
    }
}

/// Holds a whole map against what is expected of each number, within `bound` relative to its size (NaN matches NaN), and
/// sees that the gaps are untouched.
pub fn check(what: &str, map: Map, got: &[f32], bound: f64, expected: impl Fn(usize, usize, usize) -> Exact) {
    assert_eq!(got.len(), map.extent());
    for y in 0..map.height {
        for x in 0..map.width {
            for c in 0..map.channels {
                let (got, want) = (f64::from(got[at(map, y, x, c)]), expected(y, x, c));
                let same = got == want.value || got.is_nan() && want.value.is_nan();
                assert!(
                    same || (got - want.value).abs() <= bound * want.size,
                    "{what}: channel {c} of pixel ({y}, {x}) is {got}, should be {} within {:e}",
                    want.value,
                    bound * want.size
                );
            }
        }
    }
    for (i, x) in got.iter().enumerate() {
        assert!(i % map.stride < map.channels || *x == UNTOUCHED, "{what}: wrote {x} into a gap, at {i}");
    }
}
