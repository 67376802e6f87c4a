//! Packing against a naive twin that computes each float from its place.

use lightconv_runtime::__private::{Norm, Pack, pack, packed_len};
use lightconv_runtime::{WeightInfo, WeightKind, Weights};

/// Numbers that differ, of both signs and never alike in two tensors.
fn number(tensor: usize, i: usize) -> f32 {
    ((i * 37 + tensor * 101) % 211) as f32 / 64.0 - 1.6
}

/// Tensors of any shapes; those that `positive` says are variances.
struct Table {
    wanted: Vec<WeightInfo>,
    weights: Weights,
    elements: Vec<Vec<f32>>,
}

impl Table {
    fn new(shapes: &[Vec<usize>], variance: Option<usize>) -> Table {
        let mut table = Table { wanted: Vec::new(), weights: Weights::new(), elements: Vec::new() };
        for (t, shape) in shapes.iter().enumerate() {
            let name: &'static str = format!("t{t}").leak();
            let sign = |x: f32| if Some(t) == variance { x.abs() } else { x };
            let elements: Vec<f32> = (0..shape.iter().product()).map(|i| sign(number(t, i))).collect();
            table.weights.insert(name, shape, elements.clone()).unwrap();
            table.elements.push(elements);
            table.wanted.push(WeightInfo { name, shape: shape.clone().leak(), kind: WeightKind::Free });
        }
        table
    }

    fn pack(&self, packs: &[Pack], len: usize) -> Vec<f32> {
        let packed = pack("Net", &self.weights, &self.wanted, packs, len).unwrap();
        assert_eq!(packed.as_slice().as_ptr().addr() % 64, 0);
        assert_eq!(packed.as_slice().len(), len);
        packed.as_slice().to_vec()
    }
}

/// Factor and bias of channel `c`, by the definition of batch norm; tensors 1 to 5 are bias, gamma, beta, mean, variance.
fn folded(table: &Table, bias: bool, norm: Option<f64>, c: usize) -> (f64, f64) {
    let at = |t: usize| f64::from(table.elements[t][c]);
    let bias = if bias { at(1) } else { 0.0 };
    match norm {
        None => (1.0, bias),
        Some(eps) => {
            let factor = at(2) / (at(5) + eps).sqrt();
            (factor, (bias - at(4)) * factor + at(3))
        }
    }
}

/// The float at a place of a packed group, by the definition of panels (`kernels`): `None` where it is padding.
fn place(at: usize, outputs: usize, k: usize) -> Option<(usize, Option<usize>)> {
    let (mut begin, mut rest) = (0, at);
    loop {
        let left = outputs - begin;
        let width = if left <= 8 { 8 } else { 16 };
        if rest < width * (k + 1) {
            let (row, lane) = (rest / width, rest % width);
            return (lane < left).then_some((begin + lane, row.checked_sub(1)));
        }
        rest -= width * (k + 1);
        begin += width;
    }
}

fn near(found: f32, expected: f64) -> bool {
    // the fold is in f64, so the result is that of one rounding; a fold on the edge of two floats may take either
    (f64::from(found) - expected).abs() <= expected.abs() * 6.1e-8 + 1e-45
}

#[test]
fn convolutions_are_in_panels_with_the_norm_folded() {
    for outputs in 1..=33 {
        for (inputs, taps, groups) in [(1, 1, 1), (5, 1, 2), (3, 9, 1), (2, 6, 3)] {
            for (bias, norm) in [(false, None), (true, None), (false, Some(1e-3)), (true, Some(1e-5))] {
                for transposed in [false, true] {
                    check_conv(outputs, inputs, taps, groups, bias, norm, transposed);
                }
            }
        }
    }
}

fn check_conv(
    outputs: usize,
    inputs: usize,
    taps: usize,
    groups: usize,
    bias: bool,
    norm: Option<f64>,
    transposed: bool,
) {
    let k = inputs * taps;
    let channels = vec![outputs * groups];
    let shapes = [
        if transposed { vec![inputs * groups, outputs, taps, 1] } else { vec![outputs * groups, inputs, taps, 1] },
        channels.clone(),
        channels.clone(),
        channels.clone(),
        channels.clone(),
        channels,
    ];
    let table = Table::new(&shapes, Some(5));
    let conv = Pack::Conv {
        at: 3,
        weight: 0,
        bias: bias.then_some(1),
        norm: norm.map(|eps| Norm { gamma: 2, beta: 3, mean: 4, variance: 5, eps }),
        outputs: outputs * groups,
        inputs,
        taps,
        groups,
        transposed,
    };
    let each = packed_len(outputs, k);
    let packed = table.pack(&[conv], 3 + groups * each + 2);
    assert_eq!(packed[..3], [0.0; 3]);
    assert_eq!(packed[3 + groups * each..], [0.0; 2]);
    for (i, found) in packed[3..3 + groups * each].iter().enumerate() {
        let expected = match place(i % each, outputs, k) {
            None => 0.0,
            Some((channel, row)) => {
                let channel = i / each * outputs + channel;
                let (factor, bias) = folded(&table, bias, norm, channel);
                match row {
                    None => bias,
                    Some(row) => {
                        let (tap, input) = (row / inputs, row % inputs);
                        let at = if transposed {
                            let (group, output) = (channel / outputs, channel % outputs);
                            ((group * inputs + input) * outputs + output) * taps + (taps - 1 - tap)
                        } else {
                            (channel * inputs + input) * taps + tap
                        };
                        f64::from(table.elements[0][at]) * factor
                    }
                }
            }
        };
        assert!(near(*found, expected), "{outputs} {inputs} {taps} {groups} {i}: {found} {expected}");
    }
}

#[test]
fn depthwise_convolutions_are_in_panels() {
    for channels in 1..=33 {
        let shapes: Vec<Vec<usize>> =
            (0..6).map(|t| if t == 0 { vec![channels, 1, 3, 3] } else { vec![channels] }).collect();
        let table = Table::new(&shapes, Some(5));
        let norm = Some(Norm { gamma: 2, beta: 3, mean: 4, variance: 5, eps: 1e-3 });
        let transposed = channels % 2 == 0;
        let depthwise = Pack::Depthwise { at: 0, weight: 0, bias: Some(1), norm, channels, taps: 9, transposed };
        let packed = table.pack(&[depthwise], packed_len(channels, 9));
        for (i, found) in packed.iter().enumerate() {
            let expected = match place(i, channels, 9) {
                None => 0.0,
                Some((c, row)) => {
                    let (factor, bias) = folded(&table, true, Some(1e-3), c);
                    let at = |tap: usize| c * 9 + if transposed { 8 - tap } else { tap };
                    row.map_or(bias, |tap| f64::from(table.elements[0][at(tap)]) * factor)
                }
            };
            assert!(near(*found, expected), "{channels} {i}: {found} {expected}");
        }
    }
}

#[test]
fn norms_on_their_own_are_factors_then_summands() {
    for channels in 1..=17 {
        let table = Table::new(&vec![vec![channels]; 6], Some(5));
        let norm = Norm { gamma: 2, beta: 3, mean: 4, variance: 5, eps: 1e-5 };
        let half = channels.next_multiple_of(8);
        let packs = [Pack::Affine { at: 8, norm, channels }, Pack::Scale { at: 8 + 2 * half, gamma: 1, channels }];
        let packed = table.pack(&packs, 8 + 4 * half);
        for c in 0..half {
            let (factor, bias) = if c < channels { folded(&table, false, Some(1e-5), c) } else { (0.0, 0.0) };
            assert!(near(packed[8 + c], factor) && near(packed[8 + half + c], bias));
            assert_eq!(packed[8 + 2 * half + c], table.elements[1].get(c).copied().unwrap_or(0.0));
            assert_eq!(packed[8 + 3 * half + c], 0.0);
        }
    }
}

#[test]
fn raw_tensors_are_channels_last() {
    let table = Table::new(&[vec![1, 3, 4, 5], vec![7]], None);
    let packed = table
        .pack(&[Pack::Raw { at: 1, weight: 0, dims: [3, 4, 5] }, Pack::Raw { at: 61, weight: 1, dims: [7, 1, 1] }], 68);
    for c in 0..3 {
        for y in 0..4 {
            for x in 0..5 {
                assert_eq!(packed[1 + (y * 5 + x) * 3 + c], table.elements[0][(c * 4 + y) * 5 + x]);
            }
        }
    }
    assert_eq!(packed[61..], table.elements[1]);
}

#[test]
fn without_a_norm_every_bit_stays() {
    let odd = [-0.0, f32::MIN_POSITIVE / 2.0, f32::MAX, -1.1, 1e-45, 3.3, 0.1, 0.2];
    let mut weights = Weights::new();
    weights.insert("w", &[8, 1], odd.to_vec()).unwrap();
    const WANTED: &[WeightInfo] = &[WeightInfo { name: "w", shape: &[8, 1], kind: WeightKind::Free }];
    let linear = Pack::Conv {
        at: 0,
        weight: 0,
        bias: None,
        norm: None,
        outputs: 8,
        inputs: 1,
        taps: 1,
        groups: 1,
        transposed: false,
    };
    let packed = pack("Net", &weights, WANTED, &[linear], 16).unwrap();
    let bits = |floats: &[f32]| floats.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&packed.as_slice()[8..]), bits(&odd));
    assert_eq!(bits(&packed.as_slice()[..8]), [0; 8]);
}

#[test]
fn packed_weights_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<lightconv_runtime::__private::Packed>();
}
