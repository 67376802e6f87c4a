//! This project's side of a comparison with other inference engines: a program that is told on stdin which model to set up and
//! when to run it, and answers on stdout, a line each.
//!
//! - `setup NAME THREADS` loads `weights/NAME.safetensors` and the case `data/NAME.safetensors` (tensors `input` [1, C, H, W] and
//!   `output`) of the working directory and runs the case once: `ok MAX_ABS_ERR` or `err WHY`. A `_cal` at the end of NAME is
//!   the same model with other weights.
//! - `burst WARM SECS MAXN` runs WARM forwards untimed, then forwards until SECS are over or there are MAXN:
//!   `ok NS NS …`, the nanoseconds of each.

#[path = "nets/mod.rs"]
mod nets;

use anyhow::{Context, Result, bail, ensure};
use lightconv::{Net, Weights};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

/// Makes a net of weights, for so many threads.
type Loader = fn(&Weights, usize) -> Result<Box<dyn Net>, lightconv::Error>;

/// The loader of a net type.
macro_rules! loader {
    ($net:ty) => {
        |weights, threads| Ok(Box::new(<$net>::from_weights(weights)?.with_threads(threads)?))
    };
}

const MODELS: &[(&str, Loader)] = &[
    ("mobilenet_v2", loader!(nets::MobileNetV2)),
    ("mobilenet_v3_small", loader!(nets::MobileNetV3Small)),
    ("mobilenet_v3_large", loader!(nets::MobileNetV3Large)),
    ("efficientnet_b0", loader!(nets::EfficientNetB0)),
    ("shufflenet_v2_x1_0", loader!(nets::ShuffleNetV2)),
    ("mnasnet1_0", loader!(nets::MNASNet)),
    ("mobilenetv1_100", loader!(nets::MobileNetV1)),
    ("efficientnet_lite0", loader!(nets::EfficientNetLite0)),
    ("ghostnet_100", loader!(nets::GhostNet)),
    ("mobileone_s0", loader!(nets::MobileOneS0)),
    ("mobilenetv4_conv_small", loader!(nets::MobileNetV4ConvSmall)),
    ("ir_32_16_s2_e6_se", loader!(nets::InvertedResidual224)),
    ("ir_24_24_s1_e4_se", loader!(nets::InvertedResidual56)),
    ("ir_96_96_s1_e6", loader!(nets::InvertedResidual14)),
    ("dsc_3_16_k3", loader!(nets::DepthwiseSeparable32)),
    ("conv_64_128_k3_d2_32", loader!(nets::Conv32)),
    ("dwconv_64_128_k3_d2_32", loader!(nets::DWConv32)),
    ("conv_64_128_k3_d2_256", loader!(nets::Conv256)),
    ("dwconv_64_128_k3_d2_256", loader!(nets::DWConv256)),
];

fn main() -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut model = None;
    for line in std::io::stdin().lock().lines() {
        match answer(&line?, &mut model) {
            Ok(text) => writeln!(out, "ok {text}")?,
            // an answer is one line, an error may be several
            Err(error) => {
                let words = format!("{error:#}");
                let words: Vec<_> = words.split_whitespace().collect();
                writeln!(out, "err {}", words.join(" "))?;
            }
        }
        out.flush()?;
    }
    Ok(())
}

fn answer(line: &str, model: &mut Option<Model>) -> Result<String> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["setup", name, threads] => {
            *model = None;
            let (ready, error) = Model::set_up(name, threads.parse()?)?;
            *model = Some(ready);
            Ok(format!("{error:e}"))
        }
        ["burst", warm, secs, maxn] => {
            let model = model.as_mut().context("no model is set up")?;
            let secs = Duration::try_from_secs_f64(secs.parse()?)?;
            let times = model.burst(warm.parse()?, secs, maxn.parse()?)?;
            let texts: Vec<_> = times.iter().map(|t| t.as_nanos().to_string()).collect();
            Ok(texts.join(" "))
        }
        _ => bail!("neither `setup NAME THREADS` nor `burst WARM SECS MAXN`: {line:?}"),
    }
}

/// A net with all the memory that a forward needs.
struct Model {
    net: Box<dyn Net>,
    input: Aligned,
    output: Aligned,
    arena: Aligned,
}

impl Model {
    /// Loads the model `name` for so many threads, and its case, runs it once, and tells the largest error.
    fn set_up(name: &str, threads: usize) -> Result<(Model, f64)> {
        let base = name.strip_suffix("_cal").unwrap_or(name);
        let known = MODELS.iter().find(|(known, _)| *known == base);
        let (_, load) = known.with_context(|| format!("no model `{base}` here"))?;
        let net = load(&Weights::load(format!("weights/{name}.safetensors"))?, threads)?;
        let case = Weights::load(format!("data/{name}.safetensors"))?;
        let (&[inputs], &[outputs]) = (net.inputs(), net.outputs()) else {
            bail!("{name} has not one input and one output");
        };
        let given = values(&case, "input", inputs)?;
        let wanted = values(&case, "output", outputs)?;
        let mut model = Model {
            input: Aligned::zeros(given.len()),
            output: Aligned::zeros(wanted.len()),
            arena: Aligned::zeros(net.arena_bytes().div_ceil(size_of::<f32>())),
            net,
        };
        model.input.as_mut().copy_from_slice(&transpose(&given, inputs));
        model.forward()?;
        let wanted = transpose(&wanted, outputs);
        let errors = model.output.as_mut().iter().zip(&wanted);
        // unlike `f64::max`, this keeps a NaN
        let largest = errors
            .map(|(&got, &want)| (f64::from(got) - f64::from(want)).abs())
            .fold(0.0, |largest, e| if e > largest || e.is_nan() { e } else { largest });
        Ok((model, largest))
    }

    fn forward(&mut self) -> Result<(), lightconv::Error> {
        let Model { net, input, output, arena } = self;
        net.forward_slices(&[input.as_mut()], arena.as_mut(), &mut [output.as_mut()])
    }

    /// The time of each forward.
    fn burst(&mut self, warm: usize, time: Duration, most: usize) -> Result<Vec<Duration>> {
        for _ in 0..warm {
            self.forward()?;
        }
        let begin = Instant::now();
        let mut times = Vec::new();
        loop {
            let start = Instant::now();
            self.forward()?;
            times.push(start.elapsed());
            if begin.elapsed() >= time || times.len() >= most {
                return Ok(times);
            }
        }
    }
}

/// The elements of a tensor [1, C, H, W] or [1, C] of a file, checked against `shape`.
fn values(case: &Weights, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let tensor = case.get(name).with_context(|| format!("the case has no tensor `{name}`"))?;
    let found = tensor.shape();
    ensure!(
        found.first() == Some(&1) && &found[1..] == shape,
        "`{name}` of the case is {found:?}, of the net {shape:?}"
    );
    tensor.to_vec().with_context(|| format!("`{name}` holds no floats"))
}

/// Channels-last from channels-first.
fn transpose(chw: &[f32], shape: &[usize]) -> Vec<f32> {
    let channels = shape.first().copied().unwrap_or(1);
    let pixels = chw.len() / channels;
    (0..chw.len()).map(|i| chw[i % channels * pixels + i / channels]).collect()
}

/// Floats whose address is a multiple of 64, as in a `Workspace`: the nets here have no type in common that would give one.
struct Aligned {
    floats: Vec<f32>,
    first: usize,
    len: usize,
}

impl Aligned {
    fn zeros(len: usize) -> Aligned {
        const LINE: usize = 64;
        let floats = vec![0.0; len + LINE / size_of::<f32>()];
        let first = floats.as_ptr().align_offset(LINE);
        Aligned { floats, first, len }
    }

    fn as_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.first..][..self.len]
    }
}
