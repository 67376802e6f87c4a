//! Costs and the summary table.

use lightconv_runtime::{Cost, LayerInfo, Summary, WeightKind};

const COST: Cost = Cost { params: 1_234_567, macs: 1_000_000_000, flops: 2_000_000_999, ptflops: 0, fvcore: 999 };

const SUMMARY: Summary = Summary {
    name: "Tiny",
    inputs: &[&[3, 32, 32]],
    outputs: &[&[10], &[1, 2, 2]],
    layers: &[
        LayerInfo {
            path: "stem.0",
            operator: "Conv2d",
            input: &[3, 32, 32],
            output: &[16, 16, 16],
            params: 432,
            macs: 110_592,
        },
        LayerInfo {
            path: "stem.2",
            operator: "Hardswish",
            input: &[16, 16, 16],
            output: &[16, 16, 16],
            params: 0,
            macs: 0,
        },
        LayerInfo {
            path: "a.path.that.is.so.long.that.it.would.push.the.columns.away",
            operator: "Linear",
            input: &[16],
            output: &[10],
            params: 170,
            macs: 160,
        },
    ],
    cost: COST,
    arena_bytes: 65_536,
};

#[test]
fn the_summary_is_a_table_with_aligned_columns() {
    let expected = "\
Tiny: [3, 32, 32] -> ([10], [1, 2, 2])
================================================
layer   operator   output        params     macs
------------------------------------------------
stem.0  Conv2d     [16, 16, 16]     432  110,592
stem.2  Hardswish  [16, 16, 16]       -        -
a.path.that.is.so.long.that.it.would.push.the.columns.away
        Linear     [10]             170      160
================================================
params       1,234,567
macs     1,000,000,000
flops    2,000,000,999
ptflops              0 (as ptflops 0.7.5 counts)
fvcore             999 (as fvcore 0.1.5 counts)
arena           65,536 bytes
";
    assert_eq!(SUMMARY.to_string(), expected);
}

#[test]
fn odd_layers_do_not_break_the_table() {
    const ODD: Summary = Summary {
        layers: &[LayerInfo {
            path: "größe.0",
            operator: "Conv2d(1024, [3, 3], stride = [2, 2], padding = [1, 1])",
            input: &[],
            output: &[],
            params: u64::MAX,
            macs: 1,
        }],
        ..SUMMARY
    };
    let text = ODD.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let row = "größe.0  Conv2d(1024, [3, 3], stride = [2, 2], p…  []      18,446,744,073,709,551,615     1";
    assert_eq!(lines[4], row);
    let widths = [1, 2, 3, 4, 5].map(|i| lines[i].chars().count());
    assert_eq!(widths, [row.chars().count(); 5]);
    const NONE: Summary = Summary { layers: &[], ..SUMMARY };
    assert!(NONE.to_string().contains("layer  operator  output  params  macs\n"));
}

#[test]
fn costs_are_constants_and_print_readably() {
    const _: () = assert!(COST.params < 2_000_000);
    assert_eq!(COST.to_string(), "1,234,567 params, 1,000,000,000 macs, 2,000,000,999 flops (ptflops: 0, fvcore: 999)");
    let most = Cost { params: u64::MAX, ..COST }.to_string();
    assert!(most.starts_with("18,446,744,073,709,551,615 params"), "{most}");
}

#[test]
fn running_statistics_are_no_parameters() {
    use WeightKind::{Bias, Factor, Free, Kernel, Mean, Slope, Variance};
    let parameters = [Kernel { fan_in: 9 }, Bias, Factor, Slope, Free].map(WeightKind::is_parameter);
    assert_eq!(parameters, [true; 5]);
    assert_eq!([Mean, Variance].map(WeightKind::is_parameter), [false; 2]);
}
