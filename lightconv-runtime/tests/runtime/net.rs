//! The object-safe trait, on a net written by hand.

use lightconv_runtime::{Backend, Cost, Error, ErrorKind, LayerInfo, Net, WeightInfo};

/// Adds its two inputs, of shapes [2, 1, 2] and [2].
struct Sum;

impl Net for Sum {
    fn name(&self) -> &'static str {
        "Sum"
    }
    fn cost(&self) -> Cost {
        Cost::default()
    }
    fn layers(&self) -> &'static [LayerInfo] {
        &[]
    }
    fn weights(&self) -> &'static [WeightInfo] {
        &[]
    }
    fn inputs(&self) -> &'static [&'static [usize]] {
        &[&[2, 1, 2], &[2]]
    }
    fn outputs(&self) -> &'static [&'static [usize]] {
        &[&[2, 1, 2]]
    }
    fn arena_bytes(&self) -> usize {
        18
    }
    fn backend(&self) -> Backend {
        Backend::Portable
    }
    fn forward_slices(&self, inputs: &[&[f32]], arena: &mut [f32], outputs: &mut [&mut [f32]]) -> Result<(), Error> {
        self.check_slices(inputs, arena, outputs)?;
        for (i, to) in outputs[0].iter_mut().enumerate() {
            arena[i] = inputs[0][i] + inputs[1][i % 2];
            *to = arena[i];
        }
        Ok(())
    }
}

#[test]
fn nets_run_as_objects() {
    let nets: Vec<Box<dyn Net>> = vec![Box::new(Sum)];
    let results = nets[0].run_slices(&[&[1.0, 2.0, 3.0, 4.0], &[10.0, 20.0]]).unwrap();
    assert_eq!(results, [[11.0, 22.0, 13.0, 24.0]]);
    let (mut arena, mut output) = ([0.0; 9], [0.0; 4]);
    nets[0].forward_slices(&[&[1.0; 4], &[1.0; 2]], &mut arena, &mut [&mut output]).unwrap();
    assert_eq!(output, [2.0; 4]);
}

#[test]
fn wrong_counts_and_lengths_are_errors_that_say_which() {
    let (two, four) = ([0.0; 2], [0.0; 4]);
    let refused = |inputs: &[&[f32]], arena: usize, outputs: &[usize]| {
        let mut outputs: Vec<Vec<f32>> = outputs.iter().map(|n| vec![0.0; *n]).collect();
        let mut outputs: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let error = Sum.forward_slices(inputs, &mut vec![0.0; arena], &mut outputs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Length);
        error.to_string()
    };
    assert_eq!(refused(&[&four], 5, &[4]), "net `Sum`: expected 2 input slices, found 1");
    assert_eq!(refused(&[&four, &two, &two], 5, &[4]), "net `Sum`: expected 2 input slices, found 3");
    assert_eq!(refused(&[&four, &two], 5, &[]), "net `Sum`: expected 1 output slice, found 0");
    assert_eq!(refused(&[&four, &four], 5, &[4]), "net `Sum`, input 1: expected 2 elements for [2], found 4");
    assert_eq!(refused(&[&two, &two], 5, &[4]), "net `Sum`, input 0: expected 4 elements for [2, 1, 2], found 2");
    assert_eq!(refused(&[&four, &two], 5, &[3]), "net `Sum`, output: expected 4 elements for [2, 1, 2], found 3");
    assert_eq!(refused(&[&four, &two], 4, &[4]), "net `Sum`, arena: expected at least 5 elements, found 4");
    assert!(Sum.run_slices(&[&four]).is_err());
}

#[test]
fn errors_cross_threads_and_fit_in_anyhow() {
    fn fits<E: std::error::Error + Send + Sync + 'static>() {}
    fits::<Error>();
}
