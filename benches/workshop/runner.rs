//! Runs nets in turn, and prints the least nanoseconds of each: of a forward, and of each of its steps. Before them, on a line of its
//! own, what the CPU can do in a nanosecond: multiply-accumulates, and bytes read from L2 and from L3.
#![allow(dead_code, missing_docs)]

use lightconv::memory::Src;
use lightconv::simd::Simd;
use lightconv::{Backend, Tensor, Workspace, simd};
use std::hint::black_box;
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

fn for_half_a_turn(mut f: impl FnMut()) {
    let begin = Instant::now();
    while {
        f();
        begin.elapsed() < TURN / 2
    } {}
}

macro_rules! turn {
    ($net:ty, $input:ty, $output:ty, $threads:expr) => {{
        let net = <$net>::random(1).with_threads($threads).expect("threads");
        let mut input = <$input>::zeros();
        input.as_mut_slice().fill(0.1);
        let mut workspace = Workspace::<$net>::new();
        let mut output = <$output>::zeros();
        let turn: Turn = Box::new(move |least| {
            for_half_a_turn(|| {
                let (begin, mut forwards) = (Instant::now(), 0_u32);
                while forwards == 0 || begin.elapsed() < LEAST {
                    net.forward(&input, &mut workspace, &mut output);
                    forwards += 1;
                }
                let whole = begin.elapsed().as_nanos() as f64 / f64::from(forwards);
                least.whole = if least.whole == 0.0 { whole } else { least.whole.min(whole) };
            });
            for_half_a_turn(|| {
                let mut step = 0;
                net.forward_with(&input, &mut workspace, &mut output, &mut |_: &'static str, time: Duration| {
                    let time = time.as_nanos();
                    match least.steps.get_mut(step) {
                        Some(least) => *least = (*least).min(time),
                        None => least.steps.push(time),
                    }
                    step += 1;
                });
            });
        });
        turn
    }};
}

/// Multiply-accumulates by which many independent sums are lengthened; gives how many there were.
#[inline(always)]
fn multiply<S: Simd>(s: S) -> usize {
    const SUMS: usize = 14;
    const STEPS: usize = 4096;
    let (a, b) = (s.splat(black_box(0.9999)), s.splat(black_box(1e-4)));
    let mut sums = [s.splat(black_box(0.1)); SUMS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = s.mul_add(*sum, a, b);
        }
    }
    black_box(sums.map(|sum| s.reduce_add(sum)));
    SUMS * STEPS * S::LANES
}

/// Numbers are added up; gives how many bytes they have.
#[inline(always)]
fn read<S: Simd>(s: S, numbers: &[f32]) -> usize {
    let mut sums = [s.splat(0.0); 8];
    for run in numbers.chunks_exact(8 * S::LANES) {
        let run = Src::from(run);
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: eight vectors are a run
            *sum = s.add(*sum, unsafe { run.load_unchecked(s, i * S::LANES) });
        }
    }
    black_box(sums.map(|sum| s.reduce_add(sum)));
    size_of_val(numbers)
}

/// Units of work a nanosecond.
fn most(mut work: impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    let mut most = 0.0_f64;
    while start.elapsed() < Duration::from_millis(300) {
        let begin = Instant::now();
        let done = work();
        most = most.max(done as f64 / begin.elapsed().as_nanos() as f64);
    }
    most
}

/// The two for a backend: its token, and the attributes of its functions.
macro_rules! limits {
    ($token:expr, $($attribute:meta)?) => {{
        $(#[$attribute])?
        fn multiplied() -> usize {
            multiply($token)
        }
        $(#[$attribute])?
        fn summed(numbers: &[f32]) -> usize {
            read($token, numbers)
        }
        #[allow(unused_unsafe)]
        // SAFETY: the backend is one that the CPU has
        let limits = unsafe {
            let [l2, l3] = [256 * 1024, 16 * 1024 * 1024].map(|bytes| {
                let numbers = vec![0.5_f32; bytes / size_of::<f32>()];
                most(|| (0..(1024 * 1024_usize).div_ceil(bytes)).map(|_| summed(&numbers)).sum())
            });
            [most(|| multiplied()), l2, l3]
        };
        limits
    }};
}

fn limits() -> [f64; 3] {
    match Backend::choose().expect("a backend that this CPU has") {
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512 => {
            limits!(simd::Avx512::new(), target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))
        }
        #[cfg(target_arch = "x86_64")]
        Backend::Avx2 => limits!(simd::Avx2::new(), target_feature(enable = "avx2,fma")),
        _ => limits!(simd::Portable::new(),),
    }
}

fn run(turns: &mut [Turn]) {
    let [macs, l2, l3] = limits();
    println!("{macs} {l2} {l3}");
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

