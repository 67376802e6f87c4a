//! The photographs of `examples/classify` are prepared as Pillow prepares them; what Pillow made lies in `data/pillow`.

#[path = "../examples/classify/photo.rs"]
mod photo;
#[path = "../examples/classify/resize.rs"]
mod resize;

use image::RgbImage;
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assets")
}

/// The bytes of a safetensors file below the project's root, whole.
fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The tensor `name` [h, w, 3] as a picture.
fn picture(file: &SafeTensors, name: &str) -> RgbImage {
    let tensor = file.tensor(name).unwrap();
    let &[height, width, 3] = tensor.shape() else { panic!("{name}: {:?}", tensor.shape()) };
    RgbImage::from_raw(width as u32, height as u32, tensor.data().to_vec()).unwrap()
}

/// `(what stands between, tensor)` for every tensor whose name begins and ends so.
fn named<'f>(file: &'f SafeTensors, begin: &str, end: &str) -> Vec<(String, &'f [u8])> {
    let mut found: Vec<_> = file
        .iter()
        .filter_map(|(name, tensor)| {
            let middle = name.strip_prefix(begin)?.strip_suffix(end)?;
            Some((middle.to_string(), tensor.data()))
        })
        .collect();
    found.sort();
    found
}

/// The largest difference of two channels, and the share of channels that differ.
fn difference(got: &[u8], want: &[u8]) -> (u8, f64) {
    assert_eq!(got.len(), want.len());
    let pairs = || got.iter().zip(want);
    let largest = pairs().map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    let differing = pairs().filter(|(a, b)| a != b).count();
    (largest, differing as f64 / want.len() as f64)
}

#[test]
fn resizes_squares_bit_for_bit_as_pillow() {
    let data = bytes("tests/data/pillow/pillow.safetensors");
    let file = SafeTensors::deserialize(&data).unwrap();
    let cases = named(&file, "resize.", ".in");
    assert_eq!(cases.len(), 10);
    for (case, _) in cases {
        let input = picture(&file, &format!("resize.{case}.in"));
        let want = picture(&file, &format!("resize.{case}.out"));
        let got = resize::resize(&input, want.width());
        assert!(got == want, "case {case}: {:?}", difference(&got, &want));
    }
}

#[test]
fn converts_every_kind_of_file_as_pillow() {
    let data = bytes("tests/data/pillow/pillow.safetensors");
    let file = SafeTensors::deserialize(&data).unwrap();
    let cases = named(&file, "convert.", ".file");
    assert_eq!(cases.len(), 22);
    for (case, bytes) in cases {
        let want = picture(&file, &format!("convert.{case}.rgb"));
        let got = photo::to_rgb(photo::decode(bytes).unwrap());
        assert_eq!(got.dimensions(), want.dimensions(), "{case}");
        let (largest, share) = difference(&got, &want);
        // JPEG leaves the last bits, and how colour of half the resolution is stretched, to the decoder
        let (most, often) = match case.as_str() {
            "jpeg_420" => (3, 0.3),
            jpeg if jpeg.starts_with("jpeg") => (2, 0.02),
            _ => (0, 0.0),
        };
        assert!(largest <= most && share <= often, "{case}: by {largest}, {:.1} % of the values", 100.0 * share);
    }
}

#[test]
fn cuts_out_the_square_that_pillow_does() {
    let data = bytes("tests/data/pillow/pillow.safetensors");
    let file = SafeTensors::deserialize(&data).unwrap();
    let cases = named(&file, "prepare.", ".file");
    assert_eq!(cases.len(), 3);
    for (case, bytes) in cases {
        let want = file.tensor(&format!("prepare.{case}.png")).unwrap();
        let want = image::load_from_memory(want.data()).unwrap().into_rgb8();
        let got = photo::prepare(&photo::to_rgb(photo::decode(bytes).unwrap()));
        assert!(got == want, "{case}: {:?}", difference(&got, &want));
    }
}

#[test]
fn prepares_the_shipped_photographs() {
    let data = bytes("examples/assets/reference.safetensors");
    let file = SafeTensors::deserialize(&data).unwrap();
    for (name, most) in [("chelsea.png", 0), ("coffee.png", 0), ("rocket.jpg", 2)] {
        let got = photo::load(&assets().join(name)).unwrap();
        let stem = name.split('.').next().unwrap();
        let want = file.tensor(&format!("{stem}.rgb8")).unwrap();
        let (largest, share) = difference(&got, want.data());
        assert!(largest <= most && share < 0.02, "{name}: by {largest}, {share}");
    }
}

#[test]
fn refuses_a_header_that_promises_gigabytes() {
    let data = bytes("tests/data/pillow/pillow.safetensors");
    let file = SafeTensors::deserialize(&data).unwrap();
    for (name, size) in [("huge.png", "40000 x 50000"), ("huge.jpeg", "65000 x 60000")] {
        let bytes = file.tensor(name).unwrap().data();
        let error = format!("{:#}", photo::decode(bytes).unwrap_err());
        assert!(error.contains(size), "{name}: {error}");
        assert!(error.contains("GB"), "{name}: {error}");
    }
}

#[test]
fn names_what_is_wrong_with_a_file() {
    let error = |path: &Path| format!("{:#}", photo::load(path).unwrap_err());
    assert!(error(&assets().join("no-such.png")).contains("No such file"));
    assert!(error(&assets()).contains("directory"));
    assert!(error(&assets().join("top5.json")).contains("neither a PNG nor a JPEG"));
    // a PNG's end is a marker without content, of whose checksum a few bytes may be missing
    for (name, kind, end) in [("coffee.png", "PNG", 13), ("rocket.jpg", "JPEG", 1)] {
        let whole = std::fs::read(assets().join(name)).unwrap();
        for part in [8, 20, 40, 1000, whole.len() / 2, whole.len() - end] {
            let Err(error) = photo::decode(&whole[..part]) else {
                panic!("{name} is read from {part} bytes");
            };
            let error = format!("{error:#}");
            assert!(error.contains(kind), "{name}, {part} bytes: {error}");
        }
    }
}
