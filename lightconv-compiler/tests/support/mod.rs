//! What the tests of operators share: layers bound from a line of text, the data of `tests/pytorch`, comparisons.

#![allow(dead_code)] // Each test binary uses its own part.

pub mod graph;

use lightconv_compiler::ops::{self, Array, Bound, OpError, Operator};
use lightconv_compiler::shape::Shape;
use lightconv_compiler::value::Arg;
use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// A file under the workspace's `tests/`.
pub fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests").join(path)
}

/// All tensors of a safetensors file as f64, and its metadata.
pub fn load(path: &str) -> (BTreeMap<String, Array>, BTreeMap<String, String>) {
    let bytes = std::fs::read(data(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a safetensors header");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let array = |view: safetensors::tensor::TensorView| {
        let data = match view.dtype() {
            Dtype::F64 => view.data().chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect(),
            Dtype::F32 => {
                view.data().chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
            }
            _ => Vec::new(),
        };
        Array { dims: view.shape().to_vec(), data }
    };
    let tensors = file.tensors().into_iter().map(|(name, view)| (name, array(view))).collect();
    (tensors, metadata.metadata().clone().unwrap_or_default().into_iter().collect())
}

/// `draw` of `tests/pytorch/generate.py`: numbers in [-1, 1) that depend on their index and the salt alone.
pub fn draw(salt: u64, dims: &[usize], scale: f64) -> Array {
    let one = |i: u64| {
        let mut h = (i.wrapping_mul(2_654_435_761) + salt * 40_503 + 1) & 0xffff_ffff;
        for (shift, factor) in [(15, 2_246_822_519), (13, 3_266_489_917u64)] {
            h = (h ^ (h >> shift)).wrapping_mul(factor) & 0xffff_ffff;
        }
        h ^= h >> 16;
        (h as f64 / f64::from(1u32 << 31) - 1.0) * scale
    };
    Array { dims: dims.to_vec(), data: (0..dims.iter().product::<usize>() as u64).map(one).collect() }
}

/// Where two tensors differ by more than `tolerance` times the largest wanted value, as a message.
pub fn difference(found: &Array, wanted: &Array, tolerance: f64) -> Result<(), String> {
    if found.dims != wanted.dims {
        return Err(format!("shape {:?}, expected {:?}", found.dims, wanted.dims));
    }
    let largest = wanted.data.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    for (i, (f, w)) in found.data.iter().zip(&wanted.data).enumerate() {
        // A NaN is not close to anything.
        let close = (f - w).abs() <= tolerance * largest;
        if !close {
            return Err(format!("element {i} is {f}, expected {w} (largest {largest})"));
        }
    }
    Ok(())
}

/// `[3, 8, 6]` of three sizes or one.
pub fn shape(dims: &[usize]) -> Shape {
    match *dims {
        [n] => Shape::Vector(n),
        [c, h, w] => Shape::map(c, h, w),
        _ => panic!("{dims:?} is no shape"),
    }
}

/// A layer from its text, `Conv2d(6, 3, stride = 2)`, on inputs of these shapes.
pub fn layer(text: &str, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').expect("a closing parenthesis")),
        None => (text, ""),
    };
    let spec = ops::find(name).unwrap_or_else(|| panic!("no layer {name}"));
    let mut positional = spec.args.iter().filter(|a| a.positional);
    let (mut values, mut by_position): (Vec<(&'static str, Arg)>, _) = (Vec::new(), Vec::new());
    for part in split(arguments) {
        let (spec, value) = match part.split_once('=') {
            Some((name, value)) => (spec.args.iter().find(|a| a.name == name.trim()), value),
            None => (positional.next(), part),
        };
        let spec = spec.unwrap_or_else(|| panic!("{text}: no such argument: {part}"));
        if !part.contains('=') {
            by_position.push(spec.name);
        }
        let value = argument(value.trim(), spec.words);
        match values.iter_mut().find(|(name, _)| spec.repeated && *name == spec.name) {
            Some((_, Arg::List(list))) => list.push(value),
            _ if spec.repeated => values.push((spec.name, Arg::List(vec![value]))),
            _ => values.push((spec.name, value)),
        }
    }
    (spec.build)(&Bound::new(values).by_position(by_position), inputs)
}

/// The commas outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(|c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|p| !p.is_empty()).collect()
}

fn argument(text: &str, words: &[&'static str]) -> Arg {
    if let Some(word) = words.iter().find(|w| **w == text) {
        return Arg::Word(word);
    }
    match text {
        "true" => Arg::Bool(true),
        "false" => Arg::Bool(false),
        "none" => Arg::None,
        "same" => Arg::Same,
        _ => {
            if let Some(list) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
                return Arg::List(split(list).into_iter().map(|item| argument(item, words)).collect());
            }
            let float = || Arg::Float(text.parse().unwrap_or_else(|_| panic!("{text} is no value")));
            text.parse().map_or_else(|_| float(), Arg::Int)
        }
    }
}

/// A number of `golden/counts.json`: the one after these keys, each after the one before.
pub fn count(keys: &[&str]) -> u64 {
    let text = std::fs::read_to_string(data("golden/counts.json")).expect("golden/counts.json");
    let rest = keys.iter().fold(text.as_str(), |rest, key| {
        let key = format!("\"{key}\":");
        rest.find(&key).map_or_else(|| panic!("no {keys:?}"), |at| &rest[at + key.len()..])
    });
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{keys:?} is no number"))
}

/// What `counts.json` says of a model: params, macs, ptflops, fvcore. It has no linear layers where it names none.
pub fn counts(model: &str, has_linear: bool) -> [u64; 4] {
    let linear = if has_linear { count(&[model, "by_operator", "linear"]) } else { 0 };
    [
        count(&[model, "params"]),
        count(&[model, "by_operator", "conv"]) + linear,
        count(&[model, "ptflops_default", "macs"]),
        count(&[model, "fvcore", "total"]),
    ]
}
