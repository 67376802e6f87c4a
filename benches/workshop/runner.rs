//! Runs nets in turn, and prints the least nanoseconds of each: of a forward, and of each of its steps.
#![allow(dead_code, missing_docs)]

use lightconv::{Tensor, Workspace};
use std::time::{Duration, Instant};

/// How long a net's turn is, and about how long all turns together.
const TURN: Duration = Duration::from_millis(20);
const ALL: Duration = Duration::from_secs(30);

/// Forwards that a clock's reading should not count in.
const LEAST: Duration = Duration::from_micros(20);

#[derive(Default)]
struct Least {
    whole: f64,
    steps: Vec<u128>,
}

type Turn = Box<dyn FnMut(&mut Least)>;

macro_rules! turn {
    ($net:ty, $input:ty, $output:ty) => {{
        let net = <$net>::random(1);
        let mut input = <$input>::zeros();
        input.as_mut_slice().fill(0.1);
        let mut workspace = Workspace::<$net>::new();
        let mut output = <$output>::zeros();
        let turn: Turn = Box::new(move |least| {
            let begin = Instant::now();
            while begin.elapsed() < TURN / 2 {
                let (begin, mut forwards) = (Instant::now(), 0_u32);
                while forwards == 0 || begin.elapsed() < LEAST {
                    net.forward(&input, &mut workspace, &mut output);
                    forwards += 1;
                }
                let whole = begin.elapsed().as_nanos() as f64 / f64::from(forwards);
                least.whole = if least.whole == 0.0 { whole } else { least.whole.min(whole) };
            }
            while begin.elapsed() < TURN {
                let mut step = 0;
                net.forward_with(&input, &mut workspace, &mut output, &mut |_: &'static str, time: Duration| {
                    let time = time.as_nanos();
                    match least.steps.get_mut(step) {
                        Some(least) => *least = (*least).min(time),
                        None => least.steps.push(time),
                    }
                    step += 1;
                });
            }
        });
        turn
    }};
}

fn run(turns: &mut [Turn]) {
    let mut all: Vec<Least> = turns.iter().map(|_| Least::default()).collect();
    let rounds = ALL.as_millis() / TURN.as_millis() / turns.len() as u128;
    for _ in 0..rounds.max(10) {
        for (turn, least) in turns.iter_mut().zip(&mut all) {
            turn(least);
        }
    }
    for Least { whole, steps } in all {
        let steps: String = steps.iter().map(|ns| format!(" {ns}")).collect();
        println!("{whole}{steps}");
    }
}

