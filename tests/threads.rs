//! Several threads for a forward: the same bits, whatever happens around it.

use lightconv::{ErrorKind, Net, Tensor, lightnet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

lightnet! {
    /// A step of each kind that threads share, and some that they do not.
    net Shared(image: [3, 64, 64]) -> [10] {
        image -> stem: [Conv2d(16, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, Hardswish]
              -> block: InvertedResidual(24, 2, 4)
              -> dense: [Conv2d(32, 3, padding = 1), SiLU]
              -> MaxPool2d(2)
              -> ChannelShuffle(4)
              -> down: [Conv2d(64, 1), ReLU]
              -> GlobalAvgPool -> fc: Linear(10) -> Softmax
    }
}

/// An image with some content.
fn image(seed: usize) -> Tensor<3, 64, 64> {
    let mut image = Tensor::<3, 64, 64>::zeros();
    for (i, x) in image.as_mut_slice().iter_mut().enumerate() {
        *x = ((i + seed) * 7919 % 1009) as f32 / 1009.0 - 0.5;
    }
    image
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let alone = Shared::random(3);
    assert_eq!(alone.threads(), 1);
    let expected = alone.run(&image(0));
    for count in [1, 2, 3, 4, 7] {
        let net = Shared::random(3).with_threads(count).unwrap();
        assert_eq!(net.threads(), count);
        for _ in 0..20 {
            assert_eq!(net.run(&image(0)).as_slice(), expected.as_slice(), "{count} threads");
        }
    }
}

/// The second of two forwards at a time does without the workers.
#[test]
fn forwards_at_the_same_time() {
    let net = Shared::random(3).with_threads(2).unwrap();
    let expected: Vec<_> = (0..4).map(|seed| Shared::random(3).run(&image(seed))).collect();
    thread::scope(|scope| {
        for (seed, expected) in expected.iter().enumerate() {
            let net = &net;
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(net.run(&image(seed)).as_slice(), expected.as_slice());
                }
            });
        }
    });
}

#[test]
fn workers_sleep_and_wake() {
    let net = Shared::random(3).with_threads(2).unwrap();
    let expected = net.run(&image(1));
    for _ in 0..5 {
        thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!(net.run(&image(1)).as_slice(), expected.as_slice());
    }
}

/// An observer is the user's: it may panic, and the other threads must neither wait for ever nor be lost.
#[test]
fn a_panic_of_the_observer_comes_out_and_leaves_the_net_whole() {
    let net = Shared::random(3).with_threads(3).unwrap();
    let expected = net.run(&image(2));
    let (mut workspace, mut output) = (Shared::workspace(), Tensor::<10>::zeros());
    for at in [0, 2, 5] {
        let mut steps = 0;
        let result = catch_unwind(AssertUnwindSafe(|| {
            net.forward_with(&image(2), &mut workspace, &mut output, &mut |_: &'static str, _| {
                assert!(steps < at, "seen enough");
                steps += 1;
            });
        }));
        let message = result.unwrap_err();
        assert_eq!(message.downcast_ref::<&str>(), Some(&"seen enough"));
        net.forward(&image(2), &mut workspace, &mut output);
        assert_eq!(output.as_slice(), expected.as_slice());
    }
}

#[test]
fn impossible_numbers_are_errors() {
    for count in [0, 257, usize::MAX] {
        let error = Shared::random(3).with_threads(count).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Threads);
        assert_eq!(
            error.to_string(),
            format!("a net runs on 1 to 256 threads, found {count}: 1 is the calling thread alone")
        );
    }
}

#[test]
fn a_boxed_net_keeps_its_threads() {
    let net: Box<dyn Net> = Box::new(Shared::random(3).with_threads(2).unwrap());
    let found = net.run_slices(&[image(0).as_slice()]).unwrap();
    assert_eq!(found[0], Shared::random(3).run(&image(0)).as_slice());
}
