//! Safetensors: the header is checked against what there is before anything is believed.
//!
//! The `safetensors` crate reads the header and checks it; this file takes it in parts, for two reasons. A file can be
//! refused by its header before the rest is read. And the crate's own entry adds lengths that a forged header can make
//! overflow, and does not say which tensor is at fault, which people want to know.

use crate::error::Error;
use crate::text::{Dims, Grouped};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

/// A tensor of a file.
pub(super) struct Stored {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    /// Its bytes in the file.
    pub at: Range<usize>,
}

/// Bytes of the header's length.
const PREFIX: usize = 8;
/// The longest header that safetensors allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// What all tensors of a file are, by name.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Stored>, Error> {
    let header = header_len(bytes, Some(bytes.len() as u64))?;
    let start = PREFIX + header;
    let metadata = metadata(&bytes[PREFIX..start])?;
    check_data_len(&metadata, (bytes.len() - start) as u64)?;
    let mut tensors: Vec<Stored> = metadata
        .tensors()
        .into_iter()
        .map(|(name, info)| {
            let (from, to) = info.data_offsets;
            Stored { name, shape: info.shape.clone(), dtype: info.dtype, at: start + from..start + to }
        })
        .collect();
    tensors.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(tensors)
}

/// Reads a whole file, but refuses it by its header before it reads or allocates what the header promises.
#[cfg(feature = "std")]
pub(super) fn read(path: &std::path::Path) -> Result<Vec<u8>, Error> {
    use std::fs::File;
    use std::io::Read;

    let unreadable = |e| Error::file(path, e);
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    // a pipe has no length beforehand
    let len = about.is_file().then_some(about.len());
    let mut bytes = Vec::new();
    // `read_to_end` grows as bytes arrive, so what is read bounds what is allocated
    file.by_ref().take(PREFIX as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    let damaged = |e: Error| e.in_file(path);
    let header = header_len(&bytes, len).map_err(damaged)?;
    file.by_ref().take(header as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    header_len(&bytes, Some(bytes.len() as u64)).map_err(damaged)?;
    let metadata = metadata(&bytes[PREFIX..]).map_err(damaged)?;
    let promised = metadata.data_len() as u64;
    if let Some(len) = len {
        check_data_len(&metadata, len.saturating_sub((PREFIX + header) as u64)).map_err(damaged)?;
        // the file is there in full, so the promise is kept: no need to grow in steps
        let reserved = bytes.try_reserve_exact(metadata.data_len());
        reserved.map_err(|_| Error::file(path, std::io::ErrorKind::OutOfMemory.into()))?;
    }
    // one byte more, to see whether there is too much
    file.take(promised.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The header's length, from the beginning of a file of `file` bytes where that is known.
fn header_len(bytes: &[u8], file: Option<u64>) -> Result<usize, Error> {
    let Some(prefix) = bytes.first_chunk::<PREFIX>() else {
        let message = format!("a safetensors file has at least {PREFIX} bytes, found {}", bytes.len());
        return Err(Error::format(message));
    };
    let header = u64::from_le_bytes(*prefix);
    let there = file.map(|file| file.saturating_sub(PREFIX as u64));
    if let Some(there) = there.filter(|there| header > *there) {
        return Err(Error::format(format!(
            "no safetensors file, or a truncated one: its first {PREFIX} bytes promise a header of {} bytes, found {}{}",
            Grouped(header),
            Grouped(there),
            conversion(bytes)
        )));
    }
    if header > LONGEST_HEADER {
        return Err(Error::format(format!(
            "no safetensors file: its first {PREFIX} bytes promise a header of {} bytes, at most {} are allowed{}",
            Grouped(header),
            Grouped(LONGEST_HEADER),
            conversion(bytes)
        )));
    }
    Ok(header as usize)
}

/// How to convert a file that begins like PyTorch's own: a zip archive, or a pickle.
fn conversion(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\x80\x02") {
        "\n  help: it looks like a file of `torch.save`; convert it in Python: \
         `safetensors.torch.save_file(torch.load(\"model.pth\", weights_only=True), \"model.safetensors\")`"
    } else {
        ""
    }
}

/// Reads and checks the header itself.
fn metadata(header: &[u8]) -> Result<Metadata, Error> {
    let text = core::str::from_utf8(header).map_err(|e| {
        Error::format(format!("damaged safetensors header: byte {} of the file is not UTF-8", PREFIX + e.valid_up_to()))
    })?;
    serde_json::from_str::<Metadata>(text).map_err(|e| match first_fault(text) {
        Some(fault) => Error::format(format!("damaged safetensors header: {fault}")),
        None => Error::format(format!("damaged safetensors header: {e}")),
    })
}

/// The tensors fill what stands behind the header, neither more nor less.
fn check_data_len(metadata: &Metadata, found: u64) -> Result<(), Error> {
    let promised = metadata.data_len() as u64;
    if promised == found {
        return Ok(());
    }
    let state = if promised > found { "truncated" } else { "damaged" };
    Err(Error::format(format!(
        "{state} safetensors file: its header describes {} bytes of tensors, found {}",
        Grouped(promised),
        Grouped(found)
    )))
}

/// What is wrong with the first tensor at fault of a header that is at least JSON.
fn first_fault(header: &str) -> Option<String> {
    let entries: serde_json::Map<String, serde_json::Value> = serde_json::from_str(header).ok()?;
    let mut tensors = Vec::new();
    for (name, value) in entries {
        if name == "__metadata__" {
            continue;
        }
        match serde_json::from_value::<TensorInfo>(value) {
            Ok(info) => tensors.push((name, info)),
            Err(e) => return Some(format!("tensor `{}`: {e}", name.escape_debug())),
        }
    }
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    let mut start = 0;
    for (name, info) in &tensors {
        let name = name.escape_debug();
        let (from, to) = info.data_offsets;
        if from != start || to < from {
            return Some(format!(
                "tensor `{name}` is said to be bytes {from} to {to} of the data; expected it to begin at {start}"
            ));
        }
        start = to;
        let elements = info.shape.iter().try_fold(1_usize, |n, dim| n.checked_mul(*dim));
        let Some(bits) = elements.and_then(|n| n.checked_mul(info.dtype.bitsize())) else {
            return Some(format!("tensor `{name}` of shape {} is larger than can be addressed", Dims(&info.shape)));
        };
        if bits % 8 != 0 || bits / 8 != to - from {
            return Some(format!(
                "tensor `{name}` of shape {} and type {}: expected {} bytes, found {}",
                Dims(&info.shape),
                info.dtype,
                bits.div_ceil(8),
                to - from
            ));
        }
    }
    None
}
