//! A forward takes as many instructions as `tests/data/instructions.txt` says, on any machine: this binary runs itself under
//! callgrind, which has no AVX-512, so the other backends are counted.

use super::{nets, on_zeros};
use lightconv::{Backend, Net};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::process::Command;
use std::{env, fs, thread};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/instructions.txt");

/// How far a count may be from the one kept, in percent. Two runs of one binary give the same count to a millionth; what is left
/// is for registers given out otherwise by a patch release of rustc. A lost fusion or a spill in an inner loop is more.
const TOLERANCE: f64 = 2.0;

/// Set in a child process: the net and the backend whose forward it runs.
const ROLE: &str = "LIGHTCONV_TEST_ROLE";

/// Set by whoever accepts the counts found.
const BLESS: &str = "LIGHTCONV_BLESS";

const HEAD: &str = "\
# Instructions of one forward, by callgrind: tests/zoo/instructions.rs holds them within 2 %, CONTRIBUTING.md says how to accept others.
# Counted with ";

type Make = fn(Backend) -> Box<dyn Net>;

macro_rules! net {
    ($net:ident) => {
        (stringify!($net), |backend| Box::new(nets::$net::random(1).with_backend(backend).unwrap()))
    };
}

/// Four nets and a block: joined inverted residuals; squeeze-and-excitation and 5x5 filters; concatenations; channel shuffles; Winograd.
const NETS: [(&str, Make); 5] =
    [net!(MobileNetV2), net!(MobileNetV3Large), net!(GhostNet), net!(ShuffleNetV2), net!(Conv32)];

/// By net and backend.
type Counts = BTreeMap<(String, String), u64>;

#[test]
fn a_forward_takes_as_many_instructions_as_before() {
    if let Ok(role) = env::var(ROLE) {
        return child(&role);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        // past the capture of the test's output, for a test that passes shows none
        let mut console = std::io::stderr();
        writeln!(console, "SKIPPED: valgrind is not installed, so the instructions of the nets are not counted")
            .unwrap();
        return;
    }
    let found = counts();
    if env::var_os(BLESS).is_some() {
        fs::write(FILE, text(&found)).unwrap();
        return;
    }
    let file = fs::read_to_string(FILE).unwrap();
    let kept = parse(&file);
    let changes: Vec<_> = found.iter().filter_map(|(key, &count)| change(key, kept.get(key).copied(), count)).collect();
    assert!(
        changes.is_empty(),
        "instructions of a forward, more than {TOLERANCE} % from what tests/data/instructions.txt keeps:\n{}\n\
         The file: {}; now: {}.\nIf that is as it should be, `{BLESS}=1 cargo test --release --test zoo instructions` \
         writes the file anew; say in the commit why.",
        changes.join("\n"),
        file.lines().nth(1).unwrap_or_default().trim_start_matches("# "),
        rustc(),
    );
}

/// A line about a count that is too far from the one kept.
fn change((net, backend): &(String, String), kept: Option<u64>, found: u64) -> Option<String> {
    let Some(kept) = kept else {
        return Some(format!("  {net} on {backend}: {found}, not in the file"));
    };
    let percent = (found as f64 / kept as f64 - 1.0) * 100.0;
    (percent.abs() > TOLERANCE).then(|| format!("  {net} on {backend}: {kept} before, {found} now, {percent:+.1} %"))
}

/// Counts every net on every backend that callgrind can run.
fn counts() -> Counts {
    let backends: Vec<_> = Backend::available().filter(|&b| b != Backend::Avx512).collect();
    thread::scope(|scope| {
        let nets: Vec<_> = NETS
            .iter()
            .map(|(net, _)| {
                let of = |backend: &Backend| ((net.to_string(), backend.to_string()), count(net, *backend));
                let backends = &backends;
                scope.spawn(move || backends.iter().map(of).collect::<Vec<_>>())
            })
            .collect();
        nets.into_iter().flat_map(|net| net.join().unwrap()).collect()
    })
}

/// Runs a forward in a child process under callgrind.
fn count(net: &str, backend: Backend) -> u64 {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted*"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "instructions::a_forward_takes_as_many_instructions_as_before", "--test-threads=1"])
        .env(ROLE, format!("{net} {backend}"));
    let output = command.output().unwrap();
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{report}", String::from_utf8_lossy(&output.stdout));
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    count.filter(|&count| count > 0).unwrap_or_else(|| panic!("no count of {net} on {backend}: {report}"))
}

/// What runs under callgrind.
fn child(role: &str) {
    let (net, backend) = role.split_once(' ').unwrap();
    let (_, make) = NETS.iter().find(|(name, _)| *name == net).unwrap();
    let net = make(backend.parse().unwrap());
    on_zeros(&*net, |forward| counted(forward));
}

/// Callgrind counts from the entry into this function, which it finds by its name, to its return.
#[inline(never)]
fn counted(forward: &mut dyn FnMut()) {
    forward();
    // the call above would else be a jump, and this function left before it
    black_box(());
}

/// A line a count: net, backend, instructions.
fn parse(text: &str) -> Counts {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
            [net, backend, count] => ((net.to_owned(), backend.to_owned()), count.parse().expect(line)),
            _ => panic!("{FILE}: {line}"),
        })
        .collect()
}

fn text(counts: &Counts) -> String {
    let mut text = format!("{HEAD}{}\n", rustc());
    for ((net, backend), count) in counts {
        writeln!(text, "{net} {backend} {count}").unwrap();
    }
    text
}

/// The compiler that cargo builds with, and what it calls itself.
fn rustc() -> String {
    let output = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into())).arg("--version").output();
    output.map_or("an unknown rustc".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}
