//! Damaged, forged and unusual safetensors files: an error that says what and where, never a panic, and nothing
//! allocated on a promise.

use lightconv_runtime::__private::{Pack, pack};
use lightconv_runtime::{Error, ErrorKind, WeightInfo, WeightKind, Weights};
use proptest::prelude::*;

/// A file of a header and data.
pub fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Two tensors, a count, and metadata, as PyTorch's users write them.
fn small() -> Vec<u8> {
    let header = r#"{"__metadata__":{"format":"pt","note":"é"},"head.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"head.weight":{"dtype":"F16","shape":[2,3],"data_offsets":[8,20]},"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[20,28]}}"#;
    let mut data = Vec::new();
    data.extend([1.5_f32, -2.0].into_iter().flat_map(f32::to_le_bytes));
    data.extend([0x3c00_u16, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600].into_iter().flat_map(u16::to_le_bytes));
    data.extend(7_i64.to_le_bytes());
    file(header, &data)
}

const WANTED: &[WeightInfo] = &[
    WeightInfo { name: "head.weight", shape: &[2, 3], kind: WeightKind::Kernel { fan_in: 3 } },
    WeightInfo { name: "head.bias", shape: &[2], kind: WeightKind::Bias },
];

/// What a net of one linear layer takes of the weights.
fn take(weights: &Weights) -> Result<Vec<f32>, Error> {
    let linear = Pack::Conv {
        at: 0,
        weight: 0,
        bias: Some(1),
        norm: None,
        outputs: 2,
        inputs: 3,
        taps: 1,
        groups: 1,
        transposed: false,
    };
    Ok(pack("Net", weights, WANTED, &[linear], 32)?.as_slice().to_vec())
}

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let error = Weights::from_slice(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    error.to_string()
}

#[test]
fn a_sound_file_is_read() {
    let weights = Weights::from_bytes(small()).unwrap();
    assert_eq!(weights.names().collect::<Vec<_>>(), ["bn.num_batches_tracked", "head.bias", "head.weight"]);
    assert_eq!(weights.len(), 3);
    let weight = weights.get("head.weight").unwrap();
    assert_eq!((weight.name(), weight.shape(), weight.dtype().as_str()), ("head.weight", &[2, 3][..], "F16"));
    assert_eq!(weight.to_vec().unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(weights.get("bn.num_batches_tracked").unwrap().to_vec(), None);
    assert_eq!(weights.get("nothing").map(|w| w.name()), None);
    let packed = take(&weights).unwrap();
    assert_eq!((packed[0], packed[1], packed[8], packed[9]), (1.5, -2.0, 1.0, 4.0));
}

#[test]
fn every_truncation_is_an_error_in_memory_and_on_disk() {
    let bytes = small();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    #[cfg(feature = "std")]
    let folder = tempfile::tempdir().unwrap();
    for len in 0..bytes.len() {
        let text = refused(&bytes[..len]);
        let expected = match len {
            0..8 => format!("a safetensors file has at least 8 bytes, found {len}"),
            _ if len < 8 + header => format!(
                "no safetensors file, or a truncated one: its first 8 bytes promise a header of {header} bytes, found {}",
                len - 8
            ),
            _ => format!(
                "truncated safetensors file: its header describes 28 bytes of tensors, found {}",
                len - 8 - header
            ),
        };
        assert_eq!(text, expected);
        #[cfg(feature = "std")]
        {
            let path = folder.path().join("cut.safetensors");
            std::fs::write(&path, &bytes[..len]).unwrap();
            let text = Weights::load(&path).unwrap_err().to_string();
            assert_eq!(text, format!("`{}`: {expected}", path.display()));
        }
    }
}

#[test]
fn what_stands_behind_the_tensors_is_an_error() {
    let mut bytes = small();
    bytes.push(0);
    assert_eq!(refused(&bytes), "damaged safetensors file: its header describes 28 bytes of tensors, found 29");
}

#[test]
fn forged_headers_are_errors_that_name_the_tensor() {
    let tensor = |rest: &str| format!(r#"{{"a":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}},"b":{rest}}}"#);
    let huge = u64::MAX;
    for (rest, expected) in [
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[4,8]}"#.into(),
            "tensor `b` of shape [2] and type F32: expected 8 bytes, found 4",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"data_offsets":[2,6]}"#.into(),
            "tensor `b` is said to be bytes 2 to 6 of the data; expected it to begin at 4",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#.into(),
            "is said to be bytes 0 to 4 of the data; expected it to begin at 4",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"data_offsets":[8,4]}"#.into(),
            "tensor `b` is said to be bytes 8 to 4 of the data; expected it to begin at 4",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"data_offsets":[9,13]}"#.into(),
            "tensor `b` is said to be bytes 9 to 13 of the data; expected it to begin at 4",
        ),
        (
            r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[4,8]}"#.into(),
            "tensor `b` of shape [4294967296, 4294967296] is larger than can be addressed",
        ),
        (
            format!(r#"{{"dtype":"F32","shape":[{huge}],"data_offsets":[4,8]}}"#),
            "tensor `b` of shape [18446744073709551615] is larger than can be addressed",
        ),
        (
            r#"{"dtype":"F4","shape":[1],"data_offsets":[4,4]}"#.into(),
            "tensor `b` of shape [1] and type F4: expected 1 bytes, found 0",
        ),
        (r#"{"dtype":"F31","shape":[1],"data_offsets":[4,8]}"#.into(), "tensor `b`: unknown variant `F31`"),
        (
            r#"{"dtype":"F32","shape":[-1],"data_offsets":[4,8]}"#.into(),
            "tensor `b`: invalid value: integer `-1`, expected usize",
        ),
        (
            r#"{"dtype":"F32","shape":[1.5],"data_offsets":[4,8]}"#.into(),
            "tensor `b`: invalid type: floating point `1.5`, expected usize",
        ),
        (r#"{"dtype":"F32","shape":[1],"data_offsets":[4]}"#.into(), "tensor `b`: invalid length 1"),
        (r#"{"dtype":"F32","shape":[1]}"#.into(), "tensor `b`: missing field `data_offsets`"),
        ("7".into(), "tensor `b`: invalid type: integer `7`"),
    ] {
        let rest: String = rest;
        let text = refused(&file(&tensor(&rest), &[0; 8]));
        assert!(text.starts_with("damaged safetensors header: ") && text.contains(expected), "{rest}\n{text}");
    }
}

#[test]
fn what_is_no_header_at_all_is_an_error() {
    for header in
        ["", " ", "[]", "{", "nonsense", "{\"a\":", "null", "{\"__metadata__\":7}", "{\"__metadata__\":{\"a\":1}}"]
    {
        let text = refused(&file(header, &[]));
        assert!(text.starts_with("damaged safetensors header: "), "{header}: {text}");
    }
    let deep = "{\"a\":".to_string() + &"[".repeat(100_000);
    assert!(refused(&file(&deep, &[])).contains("recursion limit exceeded"));
    let mut bytes = file("{}", &[]);
    bytes[9] = 0xff;
    assert_eq!(refused(&bytes), "damaged safetensors header: byte 9 of the file is not UTF-8");
}

#[test]
fn a_promise_of_terabytes_is_refused() {
    for promised in [1_u64 << 40, 1 << 62, u64::MAX - 7, u64::MAX] {
        let mut bytes = small();
        bytes[..8].copy_from_slice(&promised.to_le_bytes());
        assert!(refused(&bytes).contains("promise a header of"));
    }
    // a header within the file, but beyond what safetensors allows
    let mut bytes = vec![b' '; 100_000_020];
    bytes[..8].copy_from_slice(&100_000_001_u64.to_le_bytes());
    let expected =
        "no safetensors file: its first 8 bytes promise a header of 100,000,001 bytes, at most 100,000,000 are allowed";
    assert_eq!(refused(&bytes), expected);
    // tensors
    let header = r#"{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"#;
    let expected = "truncated safetensors file: its header describes 4,000,000,000,000 bytes of tensors, found 4";
    assert_eq!(refused(&file(header, &[0; 4])), expected);
}

/// Lengths that are sound one by one, but whose sum with the header's overflows.
#[test]
fn tensors_that_fill_the_address_space_are_refused() {
    let each = 1_u64 << 60;
    let mut tensors: Vec<String> = (0..15)
        .map(|i| {
            format!(r#""t{i:02}":{{"dtype":"U8","shape":[{each}],"data_offsets":[{},{}]}}"#, i * each, (i + 1) * each)
        })
        .collect();
    let last = u64::MAX - 15 * each;
    tensors.push(format!(r#""t15":{{"dtype":"U8","shape":[{last}],"data_offsets":[{},{}]}}"#, 15 * each, u64::MAX));
    let text = refused(&file(&format!("{{{}}}", tensors.join(",")), &[0; 4]));
    assert_eq!(
        text,
        "truncated safetensors file: its header describes 18,446,744,073,709,551,615 bytes of tensors, found 4"
    );
}

#[test]
fn unusual_files_that_are_sound_are_read() {
    assert!(Weights::from_bytes(file("{}", &[])).unwrap().is_empty());
    let empty = r#"{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}   "#;
    let weights = Weights::from_bytes(file(empty, &[])).unwrap();
    assert_eq!(weights.get("a").unwrap().to_vec().unwrap(), [0.0; 0]);
    // a header of odd length, so that the elements stand at odd addresses
    for blanks in 0..8 {
        let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#.to_string() + &" ".repeat(blanks);
        let data: Vec<u8> = [1.0_f32, 2.0].into_iter().flat_map(f32::to_le_bytes).collect();
        let weights = Weights::from_bytes(file(&header, &data)).unwrap();
        assert_eq!(weights.get("a").unwrap().to_vec().unwrap(), [1.0, 2.0]);
    }
}

#[test]
fn pytorchs_own_files_are_told_apart() {
    let zip = b"PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00\x00\x00\x00\x00model/data.pkl";
    let pickle = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";
    for bytes in [&zip[..], &pickle[..]] {
        let text = refused(bytes);
        assert!(text.contains("\n  help: it looks like a file of `torch.save`; convert it in Python: "), "{text}");
    }
    // a sound header may be 640 bytes long, which is how a pickle begins
    let header = format!("{:640}", "{}");
    assert!(Weights::from_bytes(file(&header, &[])).is_ok());
}

#[cfg(feature = "std")]
#[test]
fn files_that_cannot_be_read_are_errors_that_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere.safetensors");
    let error = Weights::load(&nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(error.to_string().starts_with(&format!("cannot read `{}`: ", nowhere.display())));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
    let error = Weights::load(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(error.to_string().contains(&folder.path().display().to_string()));
}

/// A file that has terabytes is read no further than its header where that does not describe them, and where it does, the
/// memory that is not there is an error.
#[cfg(all(feature = "std", target_os = "linux"))]
#[test]
fn files_of_terabytes_end_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.safetensors");
    let sparse = |header: &str, len: u64| {
        std::fs::write(&path, file(header, &[])).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        // not every file system has files of that size
        file.set_len(len).is_ok().then(|| Weights::load(&path).unwrap_err())
    };
    if let Some(error) = sparse("{}", 1 << 43) {
        assert!(error.to_string().ends_with("describes 0 bytes of tensors, found 8,796,093,022,198"), "{error}");
    }
    let elements = (1_u64 << 41) - 100;
    let header = format!(r#"{{"a":{{"dtype":"F32","shape":[{elements}],"data_offsets":[0,{}]}}}}"#, 4 * elements);
    if let Some(error) = sparse(&header, 8 + header.len() as u64 + 4 * elements) {
        assert_eq!(error.kind(), ErrorKind::File, "{error}");
    }
    // endless ones have no length to check
    assert_eq!(Weights::load("/dev/zero").unwrap_err().kind(), ErrorKind::Format);
}

/// A pipe does not tell its length beforehand.
#[cfg(all(feature = "std", unix))]
#[test]
fn pipes_are_read_and_checked() {
    use std::os::fd::AsRawFd;
    let piped = |bytes: Vec<u8>| {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let writing = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &bytes));
        let weights = Weights::load(format!("/dev/fd/{}", reader.as_raw_fd()));
        writing.join().unwrap().unwrap();
        weights.map_err(|error| error.to_string())
    };
    assert_eq!(piped(small()).unwrap().len(), 3);
    let mut longer = small();
    longer.push(0);
    let text = piped(longer).unwrap_err();
    assert!(text.ends_with("describes 28 bytes of tensors, found 29"), "{text}");
    let text = piped(small()[..small().len() - 18].to_vec()).unwrap_err();
    assert!(text.ends_with("describes 28 bytes of tensors, found 10"), "{text}");
}

proptest! {
    /// Where bits flip, the answer is an error or other numbers.
    #[test]
    fn flipped_bits_never_panic(flips in prop::collection::vec((0..small().len(), 0..8_u32), 1..6)) {
        let mut bytes = small();
        for (at, bit) in &flips {
            bytes[*at] ^= 1 << bit;
        }
        if let Ok(weights) = Weights::from_bytes(bytes) {
            for name in weights.names() {
                let weight = weights.get(name).unwrap();
                let elements = weight.to_vec().map(|e| e.len());
                prop_assert!(elements.is_none_or(|n| n == weight.shape().iter().product::<usize>()));
            }
            let _ = take(&weights).map_err(|e| e.to_string());
        }
    }

    /// Nor do files made up altogether.
    #[test]
    fn nonsense_never_panics(header in "[\\[\\]{}\":,a0-9F_ ]{0,60}", data in prop::collection::vec(any::<u8>(), 0..20)) {
        if let Err(error) = Weights::from_bytes(file(&header, &data)) {
            prop_assert_eq!(error.kind(), ErrorKind::Format);
        }
    }

    /// Headers of the right form with any numbers in them: accepted only if they describe the data exactly.
    #[test]
    fn made_up_numbers_are_checked(
        tensors in prop::collection::vec((prop::collection::vec(0_u64..5, 0..3), 0_u64..40, 0_u64..40, any::<bool>()), 0..4),
        len in 0_usize..60,
    ) {
        let described: Vec<String> = tensors
            .iter()
            .enumerate()
            .map(|(i, (shape, from, to, half))| {
                let dtype = if *half { "BF16" } else { "F32" };
                format!(r#""{i}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{from},{to}]}}"#)
            })
            .collect();
        let result = Weights::from_bytes(file(&format!("{{{}}}", described.join(",")), &vec![0; len]));
        let mut ranges: Vec<(u64, u64)> = tensors.iter().map(|(_, from, to, _)| (*from, *to)).collect();
        ranges.sort_unstable();
        let mut end = 0;
        let mut sound = true;
        for (from, to) in ranges {
            sound &= from == end && to >= from;
            end = to;
        }
        sound &= end == len as u64;
        sound &= tensors.iter().all(|(shape, from, to, half)| {
            to.wrapping_sub(*from) == shape.iter().product::<u64>() * if *half { 2 } else { 4 }
        });
        prop_assert_eq!(result.is_ok(), sound);
    }
}
