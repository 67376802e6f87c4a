//! Views: several vectors at once.

use lightconv_runtime::memory::{Dst, Src};
use lightconv_runtime::simd::{Portable, Simd};
use std::panic::catch_unwind;

const LANES: usize = <Portable as Simd>::LANES;

#[test]
fn vectors_are_read_and_written_a_step_apart() {
    let s = Portable::new();
    let from: Vec<f32> = (0..64).map(|i| i as f32).collect();
    for n in 1..=LANES {
        for step in [n, LANES, LANES + 3, 17] {
            let mut to = vec![-1.0; 64];
            let read = Src::from(&from[..]).load_all::<_, 3>(s, 5, step, n);
            Dst::from(&mut to[..]).store_all(s, 2, step, n, read);
            let mut expected = vec![-1.0; 64];
            for i in 0..3 {
                expected[2 + i * step..2 + i * step + n].copy_from_slice(&from[5 + i * step..5 + i * step + n]);
            }
            assert_eq!(to, expected, "{n} lanes, {step} apart");
        }
    }
}

#[test]
fn what_does_not_fit_panics_before_anything_is_touched() {
    let s = Portable::new();
    let floats = [1.0; 32];
    for (at, step) in [
        (32 - 2 * LANES + 1, LANES),
        (0, 32 - LANES + 1),
        (33, 0),
        (0, usize::MAX),
        (8, usize::MAX - 7),
        (0, usize::MAX / 2 + 1),
    ] {
        let read = catch_unwind(|| Src::from(&floats[..]).load_all::<_, 2>(s, at, step, LANES));
        assert!(read.is_err(), "read at {at}, {step} apart");
        let mut to = [0.0; 32];
        let write = catch_unwind(std::panic::AssertUnwindSafe(|| {
            Dst::from(&mut to[..]).store_all(s, at, step, LANES, [s.splat(1.0); 2]);
        }));
        assert!(write.is_err(), "written at {at}, {step} apart");
        assert_eq!(to, [0.0; 32]);
    }
    let none: [<Portable as Simd>::V; 0] = Src::from(&floats[..]).load_all(s, 32, usize::MAX, LANES);
    Dst::from(&mut [0.0; 0][..]).store_all(s, 0, usize::MAX, LANES, none);
}
