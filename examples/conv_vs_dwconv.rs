//! A dilated convolution against its depthwise separable twin, 64 to 128 channels: layers, counts as ptflops and fvcore
//! give them, measured time, and a bar chart of the three. `cargo run --release --example conv_vs_dwconv [-- CHART.svg]`

use anyhow::{Context, Result};
use lightconv::{Tensor, lightnet};
use plotters::prelude::*;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

lightnet! {
    /// A 3 x 3 convolution of dilation 2, batch norm, Hardswish.
    pub net Conv640(x: [64, 640, 640]) { x -> Conv(128, k = 3, dilation = 2) }
    /// One 3 x 3 filter a channel, then a 1 x 1 convolution.
    pub net DWConv640(x: [64, 640, 640]) { x -> DWConv(128, k = 3, dilation = 2) }
    /// [`Conv640`] of a smaller picture.
    pub net Conv256(x: [64, 256, 256]) -> [128, 254, 254] { x -> Conv(128, k = 3, dilation = 2) }
    /// [`DWConv640`] of a smaller picture.
    pub net DWConv256(x: [64, 256, 256]) -> [128, 254, 254] { x -> DWConv(128, k = 3, dilation = 2) }
}

// what the two tools report for the PyTorch modules (ptflops 0.7.5, fvcore 0.1.5.post20221221)
const _: () = assert!(Conv640::COST.ptflops == 30_114_743_296);
const _: () = assert!(DWConv640::COST.ptflops == 3_725_266_688);
const _: () = assert!(Conv256::COST.fvcore == 4_773_151_744);
const _: () = assert!(DWConv256::COST.fvcore == 590_450_432);

fn main() -> Result<()> {
    println!("{}\n{}", Conv640::summary(), DWConv640::summary());

    let x = Tensor::<64, 256, 256>::from_chw(&ramp(64 * 256 * 256))?;
    let mut y = Tensor::<128, 254, 254>::zeros();
    let (conv, dwconv) = (Conv256::random(1), DWConv256::random(1));
    let (mut wide, mut narrow) = (Conv256::workspace(), DWConv256::workspace());
    let conv_time = least(|| conv.forward(black_box(&x), &mut wide, &mut y));
    let dwconv_time = least(|| dwconv.forward(black_box(&x), &mut narrow, &mut y));

    let giga = |count: u64| count as f64 / 1e9;
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let rows = [
        Row {
            title: "ptflops, 640 x 640",
            unit: "GMac",
            conv: giga(Conv640::COST.ptflops),
            dwconv: giga(DWConv640::COST.ptflops),
        },
        Row {
            title: "fvcore, 256 x 256",
            unit: "GMac",
            conv: giga(Conv256::COST.fvcore),
            dwconv: giga(DWConv256::COST.fvcore),
        },
        Row { title: "time, 256 x 256", unit: "ms", conv: milliseconds(conv_time), dwconv: milliseconds(dwconv_time) },
    ];
    println!("{:20} {:>12} {:>12} {:>8}", "", "Conv", "DWConv", "ratio");
    for row in &rows {
        let Row { title, unit, conv, dwconv } = row;
        println!("{title:20} {conv:>7.3} {unit:4} {dwconv:>7.3} {unit:4} {:>8.2}", row.ratio());
    }

    let path = std::env::args_os().nth(1).map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/conv_vs_dwconv.svg")),
        PathBuf::from,
    );
    draw(&path, &rows, conv.backend().name()).with_context(|| format!("cannot draw {}", path.display()))?;
    println!("\nchart: {}", path.display());
    Ok(())
}

/// What is compared, in its unit.
struct Row {
    title: &'static str,
    unit: &'static str,
    conv: f64,
    dwconv: f64,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.conv / self.dwconv
    }
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
    (0..10).map(time).min().unwrap_or_default()
}

/// Two bars for each row, each row to a scale of its own.
fn draw(path: &Path, rows: &[Row; 3], backend: &str) -> Result<()> {
    const INK: RGBColor = RGBColor(40, 44, 52);
    const BARS: [(&str, RGBColor); 2] = [("Conv", RGBColor(31, 119, 180)), ("DWConv", RGBColor(255, 127, 14))];
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let root = SVGBackend::new(path, (840, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    let root = root.titled("Conv and DWConv: 64 to 128 channels, 3 x 3, dilation 2", text(20))?;
    let (root, foot) = root.split_vertically(345);
    for (panel, row) in root.split_evenly((1, rows.len())).iter().zip(rows) {
        let top = row.conv.max(row.dwconv) * 1.15;
        let mut chart = ChartBuilder::on(panel)
            .margin(12)
            .caption(format!("{} ({})", row.title, row.unit), text(16))
            .x_label_area_size(24)
            .build_cartesian_2d(0.0..2.0, 0.0..top)?;
        for (i, ((name, colour), value)) in BARS.iter().zip([row.conv, row.dwconv]).enumerate() {
            let (left, middle) = (i as f64 + 0.2, i as f64 + 0.5);
            let centred = |size| text(size).pos(pos(false));
            chart.draw_series([Rectangle::new([(left, 0.0), (left + 0.6, value)], colour.filled())])?;
            chart.draw_series([Text::new(format!("{value:.2}"), (middle, value + top * 0.02), centred(16))])?;
            chart.draw_series([Text::new(*name, (middle, -top * 0.02), text(16).pos(pos(true)))])?;
        }
    }
    let note = format!(
        "DWConv: {:.1} times fewer counts, {:.1} times less time (one thread, {backend})",
        rows[0].ratio(),
        rows[2].ratio()
    );
    foot.draw(&Text::new(note, (24, 8), text(16)))?;
    root.present()?;
    Ok(())
}

/// Centred above a point, or below it.
fn pos(below: bool) -> plotters::style::text_anchor::Pos {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    Pos::new(HPos::Center, if below { VPos::Top } else { VPos::Bottom })
}
