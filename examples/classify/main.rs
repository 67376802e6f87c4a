//! Classifies photographs with a trained EfficientNet-Lite0: `cargo run --release --example classify [-- FILES…]`.

pub mod answer;
mod photo;
mod resize;

use anyhow::{Context, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use lightconv::{Backend, Tensor, Weights, lightnet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

lightnet! {
    /// EfficientNet-Lite0 as its trained weights name it (PyPI: `efficientnet-lite-pytorch` 0.1.0).
    #[ptflops(skip = [Conv2d])] // its convolution is a subclass, which ptflops passes over
    pub net EfficientNetLite0(x: [3, 224, 224]) -> [1000] {
        x -> _conv_stem: Conv2d(32, 3, stride = 2, padding = same, bias = false) -> _bn0: BatchNorm2d(eps = 1e-3) -> ReLU6
          -> _blocks: [
                for (expansion, kernel_size, stride, channels, repeats) in [
                    (1, 3, 1,  16, 1),
                    (6, 3, 2,  24, 2),
                    (6, 5, 2,  40, 2),
                    (6, 3, 2,  80, 3),
                    (6, 5, 1, 112, 3),
                    (6, 5, 2, 192, 4),
                    (6, 3, 1, 320, 1),
                ] {
                    for i in 0..repeats { MBConv(channels, kernel_size, if i == 0 { stride } else { 1 }, expansion) }
                },
             ]
          -> _conv_head: Conv2d(1280, 1, bias = false) -> _bn1: BatchNorm2d(eps = 1e-3) -> ReLU6
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> _fc: Linear(1000)
    }

    /// Expand the channels, filter each of them, project to few; add the input where the shapes allow it.
    block MBConv(x; channels, kernel_size, stride, expansion) {
        let wide = x.channels * expansion;
        let y = if expansion == 1 { x } else {
            x -> _expand_conv: Conv2d(wide, 1, bias = false) -> _bn0: BatchNorm2d(eps = 1e-3) -> ReLU6
        };
        let y = y
            -> _depthwise_conv: Conv2d(wide, kernel_size, stride = stride, padding = same, groups = wide, bias = false)
            -> _bn1: BatchNorm2d(eps = 1e-3) -> ReLU6
            -> _project_conv: Conv2d(channels, 1, bias = false)
            -> _bn2: BatchNorm2d(eps = 1e-3);
        if stride == 1 && channels == x.channels { x + y } else { y }
    }
}

/// What the net was trained on: `(value - 127) / 128`.
pub fn normalise(rgb: &[u8]) -> Result<Tensor<3, 224, 224>, lightconv::Error> {
    let values: Vec<f32> = rgb.iter().map(|&v| (f32::from(v) - 127.0) / 128.0).collect();
    Tensor::from_hwc(&values)
}

/// Names of the classes, a line each.
const CLASSES: &str = include_str!("../assets/imagenet_classes.txt");

/// Classifies photographs with an EfficientNet-Lite0 trained on ImageNet.
#[derive(Parser)]
pub struct Args {
    /// Weights to use instead of the trained ones.
    #[arg(long, value_name = "FILE", default_value_os_t = asset("efficientnet_lite0.safetensors"), hide_default_value = true)]
    pub weights: PathBuf,
    /// How many classes to name for each photograph.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub top: u16,
    /// Vector instructions: portable, avx2 or avx512; the best that the CPU has unless given.
    #[arg(long, value_name = "NAME")]
    pub backend: Option<Backend>,
    /// PNG and JPEG files; three photographs that come with the example unless given.
    pub files: Vec<PathBuf>,
}

/// Where the weights and the photographs lie.
fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assets").join(name)
}

fn main() -> ExitCode {
    match run(&Args::parse(), &mut io::stdout().lock()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Classifies all files, writes the answers to `out`, names on stderr those that cannot be read, and counts them.
///
/// # Errors
/// When the weights cannot be loaded, the backend is not to be had, or `out` takes no more.
pub fn run(args: &Args, out: &mut impl Write) -> Result<usize> {
    let weights = Weights::load(&args.weights)?;
    let mut net = EfficientNetLite0::from_weights(&weights)?;
    if let Some(backend) = args.backend {
        net = net.with_backend(backend)?;
    }
    let mut workspace = EfficientNetLite0::workspace();
    let mut logits = Tensor::<1000>::zeros();
    // once in vain: the first forward also brings the weights into the caches
    net.forward(&Tensor::zeros(), &mut workspace, &mut logits);

    let files = match args.files.is_empty() {
        true => ["chelsea.png", "coffee.png", "rocket.jpg"].map(asset).to_vec(),
        false => args.files.clone(),
    };
    let classes: Vec<&str> = CLASSES.lines().collect();
    let bar = progress(files.len());
    let mut failed = 0;
    for file in &files {
        match photo::load(file).and_then(|rgb| Ok(normalise(&rgb)?)) {
            Ok(input) => {
                let start = Instant::now();
                net.forward(&input, &mut workspace, &mut logits);
                let milliseconds = start.elapsed().as_secs_f64() * 1e3;
                let best = answer::best(logits.as_slice(), args.top.into());
                bar.suspend(|| -> io::Result<()> {
                    writeln!(out, "{} ({milliseconds:.2} ms)", file.display())?;
                    for (class, probability) in best {
                        let name = classes.get(class).unwrap_or(&"?");
                        writeln!(out, "  {:6.2} %  {name}", 100.0 * probability)?;
                    }
                    Ok(())
                })
                .context("cannot write the answer")?;
            }
            Err(error) => {
                failed += 1;
                bar.suspend(|| eprintln!("{}: {error:#}", file.display()));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(failed)
}

/// A bar on the terminal, if stderr is one and there is something to wait for.
fn progress(files: usize) -> ProgressBar {
    const WORTH_A_BAR: usize = 8;
    if files < WORTH_A_BAR {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} photographs, {eta} left");
    ProgressBar::new(files as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
