//! Tensors: orders of elements, lengths, size.

use lightconv_runtime::{ErrorKind, Tensor, TensorData};

/// Element (c, y, x) of the tests: all different.
fn element(c: usize, y: usize, x: usize) -> f32 {
    (100 * c + 10 * y + x) as f32
}

fn chw<const C: usize, const H: usize, const W: usize>() -> Vec<f32> {
    let mut all = Vec::new();
    for c in 0..C {
        for y in 0..H {
            for x in 0..W {
                all.push(element(c, y, x));
            }
        }
    }
    all
}

#[test]
fn pytorchs_order_goes_in_and_out() {
    let tensor = Tensor::<3, 4, 5>::from_chw(&chw::<3, 4, 5>()).unwrap();
    for y in 0..4 {
        for x in 0..5 {
            for c in 0..3 {
                assert_eq!(tensor.data[y][x][c], element(c, y, x));
                assert_eq!(tensor.as_slice()[(y * 5 + x) * 3 + c], element(c, y, x));
            }
        }
    }
    assert_eq!(tensor.to_chw(), chw::<3, 4, 5>());
    let mut out = [0.0; 60];
    tensor.copy_to_chw(&mut out).unwrap();
    assert_eq!(out[..], chw::<3, 4, 5>());
}

#[test]
fn channels_last_is_the_order_of_memory() {
    let tensor = Tensor::<3, 4, 5>::from_chw(&chw::<3, 4, 5>()).unwrap();
    assert_eq!(Tensor::<3, 4, 5>::from_hwc(tensor.as_slice()).unwrap(), tensor);
    assert_eq!(Tensor::<3, 4, 5>::from_slice(tensor.as_slice()).unwrap(), tensor);
    assert_ne!(Tensor::<3, 4, 5>::zeros(), tensor);
    assert_eq!(Tensor::<3, 4, 5>::default(), Tensor::zeros());
}

#[test]
fn a_vector_needs_no_height_and_width() {
    let tensor = Tensor::<4>::from_chw(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!(Tensor::<4>::SHAPE, [4, 1, 1]);
    assert_eq!(tensor.as_slice(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn wrong_lengths_are_errors_that_say_both() {
    for error in [
        Tensor::<3, 2, 2>::from_chw(&[0.0; 11]).unwrap_err(),
        Tensor::<3, 2, 2>::from_hwc(&[0.0; 11]).unwrap_err(),
        Tensor::<3, 2, 2>::from_slice(&[0.0; 11]).unwrap_err(),
        Tensor::<3, 2, 2>::from_rgb8(&[0; 11], [0.0; 3], [1.0; 3]).unwrap_err(),
        Tensor::<3, 2, 2>::zeros().copy_to_chw(&mut [0.0; 11]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Length);
        let text = error.to_string();
        assert!(text.contains("expected 12 elements for [3, 2, 2], found 11"), "{text}");
    }
}

#[test]
fn rgb_is_normalised_as_torchvision_does() {
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let rgb: Vec<u8> = (0..=255).flat_map(|b| [b, 255 - b, b / 2]).collect();
    let tensor = Tensor::<3, 16, 16>::from_rgb8(&rgb, mean, std).unwrap();
    for (i, byte) in rgb.iter().enumerate() {
        // ToTensor divides by 255 in f32; Normalize subtracts, then divides, in f32
        let expected = (f32::from(*byte) / 255.0 - mean[i % 3]) / std[i % 3];
        assert_eq!(tensor.as_slice()[i], expected);
    }
    // printed by torchvision 0.29.2: normalize(to_tensor(image), mean, std) of a pixel (0, 255, 127)
    let pixel = Tensor::<3>::from_rgb8(&[0, 255, 127], mean, std).unwrap();
    assert_eq!(pixel.as_slice(), [-2.117904, 2.4285715, 0.40906325]);
}

#[test]
fn rgb_wants_three_channels_and_a_sensible_normalisation() {
    let error = Tensor::<4, 1, 1>::from_rgb8(&[0; 4], [0.0; 3], [1.0; 3]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    assert_eq!(error.to_string(), "RGB pixels have 3 channels, the tensor has 4: use a `Tensor<3, H, W>`");
    for bad in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = Tensor::<3>::from_rgb8(&[0; 3], [0.0; 3], [1.0, bad, 1.0]).unwrap_err();
        let expected = format!("`std` must be positive and finite, found {bad} for channel 1");
        assert_eq!(error.to_string(), expected);
    }
    let error = Tensor::<3>::from_rgb8(&[0; 3], [0.0, 0.0, f32::NAN], [1.0; 3]).unwrap_err();
    assert_eq!(error.to_string(), "`mean` must be finite, found NaN for channel 2");
}

#[test]
fn a_static_is_aligned_and_writable_through_the_box() {
    static TABLE: TensorData<5, 3, 2> = TensorData::zeros();
    assert_eq!(TABLE.as_slice(), [0.0; 30]);
    assert_eq!((&raw const TABLE).addr() % 64, 0);
    let mut tensor = Tensor::<5, 3, 2>::zeros();
    assert_eq!(tensor.as_slice().as_ptr().addr() % 64, 0);
    tensor.as_mut_slice()[29] = 7.0;
    assert_eq!(tensor.data[2][1][4], 7.0);
    assert_eq!(TensorData::<5, 3, 2>::SHAPE, [5, 3, 2]);
}

/// 40 MB, on a thread whose stack holds a hundredth of it: made, copied, compared and filled without passing over it.
#[test]
fn large_tensors_never_touch_the_stack() {
    type Large = Tensor<10, 1000, 1000>;
    std::thread::Builder::new()
        .stack_size(400 << 10)
        .spawn(|| {
            let mut large = Large::zeros();
            large.as_mut_slice()[9_999_999] = 1.0;
            let copy = large.clone();
            assert!(copy == large);
            assert!(copy != Large::default());
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn a_clone_is_apart() {
    let tensor = Tensor::<2>::from_chw(&[1.0, 2.0]).unwrap();
    let mut copy = tensor.clone();
    copy.as_mut_slice()[0] = 9.0;
    assert_eq!(tensor.as_slice(), [1.0, 2.0]);
}

#[test]
fn debug_is_short() {
    let text = format!("{:?}", Tensor::<3, 224, 224>::zeros());
    assert_eq!(text, "Tensor<3, 224, 224>[0, 0, 0, 0, 0, 0, 0, 0, …]");
    let text = format!("{:?}", Tensor::<2>::from_chw(&[1.5, -2.0]).unwrap());
    assert_eq!(text, "Tensor<2, 1, 1>[1.5, -2]");
}
