//! A depthwise separable convolution: one filter a channel, then one mixture a pixel, set against the convolution that it stands
//! in for. `cargo run --release --example depthwise_separable`

use lightconv::{Cost, Tensor, lightnet};
use std::hint::black_box;
use std::time::{Duration, Instant};

lightnet! {
    /// 64 to 128 channels by a 3 x 3 filter a channel and a 1 x 1 convolution.
    pub net Separable(x: [64, 56, 56]) -> [128, 56, 56] {
        x -> DepthwiseSeparableConv(128, kernel_size = 3, padding = 1)
    }

    /// The same by one 3 x 3 convolution.
    pub net Full(x: [64, 56, 56]) -> [128, 56, 56] {
        x -> Conv2d(128, 3, padding = 1, bias = false)
    }
}

// the counts are constants, so a claim about them can be one too: 1 / 128 + 1 / 9 of the work
const _: () = assert!(Separable::COST.macs * 9 * 128 == Full::COST.macs * (9 + 128));

fn main() {
    println!("{}", Full::summary());
    println!("{}", Separable::summary());

    let x = Tensor::<64, 56, 56>::from_chw(&ramp(64 * 56 * 56)).expect("as many numbers as elements");
    let mut y = Tensor::<128, 56, 56>::zeros();
    let (full, separable) = (Full::random(1), Separable::random(1));
    let (mut wide, mut narrow) = (Full::workspace(), Separable::workspace());
    let times = [
        least(|| full.forward(black_box(&x), &mut wide, &mut y)),
        least(|| separable.forward(black_box(&x), &mut narrow, &mut y)),
    ];

    println!("{:12} {:>9} {:>12} {:>9} {:>14}", "", "params", "macs", "ms", "GMac a second");
    for (name, cost, time) in [("full", Full::COST, times[0]), ("separable", Separable::COST, times[1])] {
        let Cost { params, macs, .. } = cost;
        let rate = macs as f64 / time.as_secs_f64() / 1e9;
        println!("{name:12} {params:>9} {macs:>12} {:>9.4} {rate:>14.1}", time.as_secs_f64() * 1e3);
    }
    println!(
        "{:.1} times fewer multiply-accumulates, {:.1} times faster, on {}",
        Full::COST.macs as f64 / Separable::COST.macs as f64,
        times[0].as_secs_f64() / times[1].as_secs_f64(),
        separable.backend(),
    );
}

/// Numbers from -1 to 1.
fn ramp(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i % 201) as f32 / 100.0 - 1.0).collect()
}

/// The least time of some runs.
fn least(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..30).map(time).min().unwrap_or_default()
}
