//! Weights by name: from safetensors or from memory, converted to f32 when a net takes them.

mod format;
mod report;

pub use report::WeightFault;
pub(crate) use report::WeightsReport;

use crate::error::Error;
use crate::text::Dims;
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use safetensors::Dtype;

/// Named tensors, as PyTorch's `state_dict`: read from a safetensors file, or built in memory.
///
/// f32, f16, bf16 and f64 are converted to f32 when a net takes them. Tensors of other types may be there; they are an
/// error only for a net that wants them.
#[derive(Clone, Default)]
pub struct Weights {
    tensors: BTreeMap<String, Arc<Entry>>,
    /// The file that they came from, for errors.
    source: Option<Arc<str>>,
}

/// A tensor, and whether a net took it.
struct Entry {
    shape: Vec<usize>,
    data: Data,
    taken: AtomicBool,
}

enum Data {
    Floats(Vec<f32>),
    /// A part of a file, little-endian.
    Bytes {
        file: Arc<Vec<u8>>,
        at: Range<usize>,
        dtype: Dtype,
    },
}

/// One of [`Weights`].
#[derive(Clone, Copy)]
pub struct Weight<'a> {
    name: &'a str,
    entry: &'a Entry,
}

impl Weights {
    /// None yet; see [`insert`](Weights::insert).
    #[must_use]
    pub fn new() -> Weights {
        Weights::default()
    }

    /// Reads a safetensors file. Its header is checked before anything is allocated for what it promises.
    ///
    /// # Errors
    /// When the file cannot be read, is no safetensors file, is truncated or damaged; the error says where.
    #[cfg(feature = "std")]
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Weights, Error> {
        let path = path.as_ref();
        let bytes = format::read(path)?;
        let mut weights = Weights::from_bytes(bytes).map_err(|e| e.in_file(path))?;
        weights.source = Some(path.display().to_string().into());
        Ok(weights)
    }

    /// Takes the bytes of a safetensors file; they are kept and not copied.
    ///
    /// # Errors
    /// When they are not those of a safetensors file, or a truncated or damaged one; the error says where.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Weights, Error> {
        let contents = format::parse(&bytes)?;
        let file = Arc::new(bytes);
        let tensors = contents
            .into_iter()
            .map(|t| {
                let data = Data::Bytes { file: file.clone(), at: t.at, dtype: t.dtype };
                (t.name, Arc::new(Entry { shape: t.shape, data, taken: AtomicBool::new(false) }))
            })
            .collect();
        Ok(Weights { tensors, source: None })
    }

    /// As [`from_bytes`](Weights::from_bytes), of a copy.
    ///
    /// # Errors
    /// As there.
    pub fn from_slice(bytes: &[u8]) -> Result<Weights, Error> {
        Self::from_bytes(bytes.to_vec())
    }

    /// Adds a tensor, or replaces the one of that name. `shape` is PyTorch's, and the elements stand in its order.
    ///
    /// # Errors
    /// When the shape has not as many elements as there are.
    pub fn insert(&mut self, name: impl Into<String>, shape: &[usize], elements: Vec<f32>) -> Result<(), Error> {
        let name = name.into();
        let expected = shape.iter().try_fold(1_usize, |n, dim| n.checked_mul(*dim));
        if expected != Some(elements.len()) {
            let expected = match expected {
                Some(expected) => format!("{expected} elements"),
                None => "more elements than can be addressed".to_string(),
            };
            return Err(Error::elements(format!(
                "tensor `{name}` of shape {}: expected {expected}, found {}",
                Dims(shape),
                elements.len()
            )));
        }
        self.replace(&name, shape, elements);
        Ok(())
    }

    /// How many tensors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The tensor of a name. Looking at it does not count as use.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Weight<'_>> {
        self.tensors.get_key_value(name).map(|(name, entry)| Weight { name, entry })
    }

    /// The same tensors with `prefix` taken off those names that begin with it; the other names stay. PyTorch's
    /// `DataParallel`, say, puts `module.` before all names.
    ///
    /// Where two names would become one, the longer stays as it is. The tensors are shared, not copied.
    #[must_use]
    pub fn strip_prefix(&self, prefix: &str) -> Weights {
        let mut tensors = BTreeMap::new();
        for (name, entry) in &self.tensors {
            let short =
                name.strip_prefix(prefix).filter(|short| !short.is_empty() && !self.tensors.contains_key(*short));
            tensors.insert(short.unwrap_or(name).to_string(), entry.clone());
        }
        Weights { tensors, source: self.source.clone() }
    }

    /// Names of the tensors that no net took, sorted: a net that took all it wanted and left some is often the wrong
    /// one. PyTorch's `num_batches_tracked`, of no use to any net, are left out.
    #[must_use]
    pub fn unused(&self) -> Vec<&str> {
        self.tensors
            .iter()
            .filter(|(name, entry)| !entry.taken.load(Ordering::Relaxed) && !is_counter(name))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The tensor of a name, which counts as used from now on.
    pub(crate) fn take(&self, name: &str) -> Option<Weight<'_>> {
        let weight = self.get(name)?;
        weight.entry.taken.store(true, Ordering::Relaxed);
        Some(weight)
    }

    /// As [`insert`](Weights::insert), of as many elements as the shape has.
    pub(crate) fn replace(&mut self, name: &str, shape: &[usize], elements: Vec<f32>) {
        let entry = Entry { shape: shape.to_vec(), data: Data::Floats(elements), taken: AtomicBool::new(false) };
        self.tensors.insert(name.to_string(), Arc::new(entry));
    }

    pub(crate) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

/// Batch norm's count of training steps.
fn is_counter(name: &str) -> bool {
    name.rsplit('.').next() == Some("num_batches_tracked")
}

impl<'a> Weight<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.name
    }

    /// Its shape, as PyTorch has it.
    #[must_use]
    pub fn shape(self) -> &'a [usize] {
        &self.entry.shape
    }

    /// The type of its elements as the file names it: `F32`, `BF16`, `I64`.
    #[must_use]
    pub fn dtype(self) -> String {
        self.dtype_of().to_string()
    }

    /// Its elements as f32, in PyTorch's order; `None` where they are not f32, f16, bf16 or f64. An f64 is rounded, to
    /// infinity beyond f32's range.
    #[must_use]
    pub fn to_vec(self) -> Option<Vec<f32>> {
        self.floats().map(Cow::into_owned)
    }

    pub(crate) fn dtype_of(self) -> Dtype {
        match &self.entry.data {
            Data::Floats(_) => Dtype::F32,
            Data::Bytes { dtype, .. } => *dtype,
        }
    }

    /// As [`to_vec`](Weight::to_vec), borrowed where they are f32 already.
    pub(crate) fn floats(self) -> Option<Cow<'a, [f32]>> {
        let (bytes, dtype) = match &self.entry.data {
            Data::Floats(floats) => return Some(Cow::Borrowed(floats)),
            Data::Bytes { file, at, dtype } => (&file[at.clone()], *dtype),
        };
        Some(match dtype {
            Dtype::F32 => match bytemuck::try_cast_slice(bytes) {
                Ok(floats) if cfg!(target_endian = "little") => Cow::Borrowed(floats),
                _ => Cow::Owned(converted(bytes, f32::from_le_bytes)),
            },
            Dtype::F16 => Cow::Owned(converted(bytes, |b| half::f16::from_le_bytes(b).to_f32())),
            Dtype::BF16 => Cow::Owned(converted(bytes, |b| half::bf16::from_le_bytes(b).to_f32())),
            Dtype::F64 => Cow::Owned(converted(bytes, |b| f64::from_le_bytes(b) as f32)),
            _ => return None,
        })
    }
}

fn converted<const N: usize>(bytes: &[u8], convert: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (elements, rest) = bytes.as_chunks::<N>();
    debug_assert!(rest.is_empty(), "the header was checked");
    elements.iter().map(|b| convert(*b)).collect()
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.tensors.iter().map(|(name, entry)| (name, Weight { name, entry }))).finish()
    }
}

impl fmt::Debug for Weight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype_of(), Dims(self.shape()))
    }
}
