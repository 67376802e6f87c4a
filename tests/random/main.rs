//! Random programs, compiled in batches and run on every backend against the f64 reference.
//!
//! `LIGHTCONV_SEED` says where to begin, `LIGHTCONV_RANDOM_PROGRAMS` how many there are, `LIGHTCONV_RANDOM_RELEASE` asks for optimised
//! code. What fails is made as small as it fails and kept in `tests/random/kept`, whose programs run each time.

#[path = "../support/mod.rs"]
mod support;

mod batch;

use lightconv_random_programs::{Choices, program, simpler};
use std::fs;
use std::path::PathBuf;

/// Programs built at once: what they write stays small.
const AT_ONCE: usize = 400;

/// Simpler programs tried at once, and how often: each time costs a build.
const TRIED: (usize, usize) = (40, 25);

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return default };
    text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}"))
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/random/kept")
}

/// One test, for all programs are built in one place.
#[test]
fn programs_give_the_numbers_of_the_reference() {
    let (first, count) = (number("LIGHTCONV_SEED", 0), number("LIGHTCONV_RANDOM_PROGRAMS", 240));
    println!("LIGHTCONV_SEED={first} LIGHTCONV_RANDOM_PROGRAMS={count}");
    let mut faults = kept();
    let seeds: Vec<u64> = (first..first + count).collect();
    for seeds in seeds.chunks(AT_ONCE) {
        let programs: Vec<String> = seeds.iter().map(|&seed| program(&mut Choices::random(seed))).collect();
        let failed: Vec<(u64, String)> = (seeds.iter().zip(batch::check(&programs)))
            .filter_map(|(&seed, result)| Some((seed, result.err()?)))
            .collect();
        for (i, (seed, fault)) in failed.into_iter().enumerate() {
            // one is made small: the next ones are often the same fault
            let text = if i == 0 { keep(seed) } else { String::new() };
            faults.push(format!("LIGHTCONV_SEED={seed}: {fault}\n{text}"));
        }
    }
    assert!(faults.is_empty(), "{} programs fail\n{}", faults.len(), faults.join("\n"));
}

/// What is wrong with the programs kept.
fn kept() -> Vec<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .expect("tests/random/kept")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|e| e == "lightnet"))
        .collect();
    paths.sort();
    let programs: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).expect("a program")).collect();
    let results = paths.iter().zip(batch::check(&programs));
    results.filter_map(|(path, result)| Some(format!("{}: {}", path.display(), result.err()?))).collect()
}

/// Makes the program of a seed as small as it fails and keeps it.
fn keep(seed: u64) -> String {
    let mut choices = Choices::random(seed);
    let mut text = program(&mut choices);
    let mut choices = choices.made();
    for _ in 0..TRIED.1 {
        let mut programs: Vec<(Vec<u64>, String)> = Vec::new();
        for simpler in simpler(&choices) {
            let simpler_text = program(&mut Choices::again(&simpler));
            let new = simpler_text != text && programs.iter().all(|(_, known)| *known != simpler_text);
            if new && programs.len() < TRIED.0 {
                programs.push((simpler, simpler_text));
            }
        }
        let texts: Vec<String> = programs.iter().map(|(_, text)| text.clone()).collect();
        let Some(at) = batch::check(&texts).iter().position(Result::is_err) else { break };
        (choices, text) = programs.swap_remove(at);
    }
    let path = folder().join(format!("seed_{seed}.lightnet"));
    fs::write(&path, &text).expect("a file for the program");
    format!("kept in {}:\n{text}", path.display())
}
