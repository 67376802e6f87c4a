//! Observers of a forward's steps.

use lightconv_runtime::__private::{NoProbe, Probe};
use std::time::Duration;

/// Two steps, as generated code runs them.
fn forward(probe: &mut impl Probe) {
    for (path, time) in [("stem.0", 2), ("head", 1)] {
        probe.start();
        std::thread::sleep(Duration::from_millis(time));
        probe.done(path);
    }
}

#[test]
fn nobody_looking_is_nothing() {
    assert_eq!(size_of::<NoProbe>(), 0);
    forward(&mut NoProbe);
}

#[cfg(feature = "std")]
mod timed {
    use super::forward;
    use lightconv_runtime::__private::Timed;
    use lightconv_runtime::{Observer, Profile};
    use std::time::Duration;

    #[test]
    fn closures_see_each_step_and_its_time() {
        let mut seen = Vec::new();
        forward(&mut Timed::new(&mut |path, time| seen.push((path, time))));
        assert_eq!(seen.iter().map(|(path, _)| *path).collect::<Vec<_>>(), ["stem.0", "head"]);
        // a sleep is never shorter than asked for
        assert!(seen[0].1 >= Duration::from_millis(2) && seen[1].1 >= Duration::from_millis(1));
    }

    #[test]
    fn observers_are_objects_too() {
        let mut profile = Profile::new();
        let observer: &mut dyn Observer = &mut profile;
        forward(&mut Timed::new(observer));
        assert_eq!(
            profile.steps().map(|(path, _, calls)| (path, calls)).collect::<Vec<_>>(),
            [("stem.0", 1), ("head", 1)]
        );
    }

    #[test]
    fn a_profile_sums_by_path_and_prints_the_slowest_first() {
        let mut profile = Profile::new();
        for _ in 0..3 {
            profile.step("stem", Duration::from_micros(500));
            profile.step("blocks.0.conv", Duration::from_micros(2000));
            // a path may come twice in a forward
            profile.step("stem", Duration::from_micros(500));
        }
        assert_eq!(profile.total(), Duration::from_millis(9));
        let expected = "\
step                   ms     calls       %
blocks.0.conv       6.000         3    66.7
stem                3.000         6    33.3
total               9.000             100.0
";
        assert_eq!(profile.to_string(), expected);
    }

    #[test]
    fn an_empty_profile_prints_no_nan() {
        assert_eq!(
            Profile::new().to_string(),
            "step           ms     calls       %\ntotal       0.000               0.0\n"
        );
    }
}
