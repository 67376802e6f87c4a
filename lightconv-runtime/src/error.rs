//! What can go wrong at run time, told to a person: what was expected, what was found, where, and what to do.

use crate::backend::{BACKEND_VARIABLE, Backend, Obstacle};
use crate::text::Dims;
#[cfg(feature = "alloc")]
use crate::weights::WeightsReport;
#[cfg(feature = "std")]
use alloc::string::ToString;
#[cfg(feature = "alloc")]
use alloc::{boxed::Box, string::String};
use core::fmt;

/// An error of the runtime. Its [`Display`](fmt::Display) is for people and may have several lines; [`kind`](Error::kind)
/// is for programs. [`Debug`](fmt::Debug) prints the same, for that is what a `main` that returns it, `unwrap` and `expect` show.
pub struct Error {
    repr: Repr,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file cannot be read.
    File,
    /// What was read is no safetensors file, or a damaged one.
    Format,
    /// The weights are not those that a net wants.
    Weights,
    /// A slice has the wrong length, or a list the wrong number of slices.
    Length,
    /// A value that was handed in makes no sense.
    Value,
    /// A backend that does not exist, or not in this build, or not on this CPU.
    Backend,
    /// The allocator has no memory left.
    Memory,
    /// So many threads are not to be had.
    Threads,
}

enum Repr {
    #[cfg(feature = "std")]
    File(Box<(String, std::io::Error)>),
    #[cfg(feature = "alloc")]
    Format(Box<Damage>),
    #[cfg(feature = "alloc")]
    Elements(Box<str>),
    #[cfg(feature = "alloc")]
    Weights(Box<WeightsReport>),
    #[cfg(feature = "alloc")]
    Memory {
        floats: usize,
    },
    Length(Length),
    Count {
        net: &'static str,
        what: &'static str,
        expected: usize,
        found: usize,
    },
    Value {
        message: &'static str,
        at: usize,
        value: f32,
    },
    Channels {
        expected: usize,
        found: usize,
    },
    #[cfg(feature = "std")]
    Threads(usize),
    #[cfg(feature = "std")]
    NoThread(Box<std::io::Error>),
    UnknownBackend {
        name: Name,
        environment: bool,
    },
    ImpossibleBackend {
        backend: Backend,
        obstacle: Obstacle,
        environment: bool,
    },
}

/// What is damaged in a file.
#[cfg(feature = "alloc")]
struct Damage {
    /// Path of the file, where it is known.
    file: Option<String>,
    message: String,
}

/// A slice of the wrong length.
pub(crate) struct Length {
    /// The net, where there is one.
    pub net: Option<&'static str>,
    /// `input`, `output`, `arena`, or what the slice is to become.
    pub what: &'static str,
    /// Which of several.
    pub index: Option<usize>,
    /// The shape that gives the expected length.
    pub shape: Shape,
    /// In elements.
    pub expected: usize,
    /// In elements.
    pub found: usize,
}

/// A shape of a [`Length`] error.
pub(crate) enum Shape {
    /// None: it is scratch memory, and more will do as well.
    Scratch,
    /// Channels, height, width.
    Tensor([usize; 3]),
    /// As a net states it.
    Net(&'static [usize]),
}

/// The beginning of a text of the user's, kept without a heap.
#[derive(Clone, Copy)]
struct Name {
    bytes: [u8; 40],
    len: usize,
    cut: bool,
}

impl Error {
    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.repr {
            #[cfg(feature = "std")]
            Repr::File(_) => ErrorKind::File,
            #[cfg(feature = "alloc")]
            Repr::Format(_) => ErrorKind::Format,
            #[cfg(feature = "alloc")]
            Repr::Weights(_) => ErrorKind::Weights,
            #[cfg(feature = "alloc")]
            Repr::Elements(_) => ErrorKind::Length,
            #[cfg(feature = "alloc")]
            Repr::Memory { .. } => ErrorKind::Memory,
            Repr::Length(_) | Repr::Count { .. } => ErrorKind::Length,
            Repr::Value { .. } | Repr::Channels { .. } => ErrorKind::Value,
            #[cfg(feature = "std")]
            Repr::Threads(_) | Repr::NoThread(_) => ErrorKind::Threads,
            Repr::UnknownBackend { .. } | Repr::ImpossibleBackend { .. } => ErrorKind::Backend,
        }
    }

    /// All that is wrong with the weights, a tensor each, in the order in which the net lists them; empty for errors of
    /// another kind.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn weight_faults(&self) -> &[crate::weights::WeightFault] {
        match &self.repr {
            Repr::Weights(report) => &report.faults,
            _ => &[],
        }
    }

    #[cfg(feature = "std")]
    pub(crate) fn file(path: &std::path::Path, reason: std::io::Error) -> Error {
        Error { repr: Repr::File(Box::new((path.display().to_string(), reason))) }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn format(message: String) -> Error {
        Error { repr: Repr::Format(Box::new(Damage { file: None, message })) }
    }

    /// The same, of a certain file.
    #[cfg(feature = "std")]
    pub(crate) fn in_file(mut self, path: &std::path::Path) -> Error {
        if let Repr::Format(damage) = &mut self.repr {
            damage.file = Some(path.display().to_string());
        }
        self
    }

    /// A named tensor has not the elements of its shape.
    #[cfg(feature = "alloc")]
    pub(crate) fn elements(message: String) -> Error {
        Error { repr: Repr::Elements(message.into_boxed_str()) }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn memory(floats: usize) -> Error {
        Error { repr: Repr::Memory { floats } }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn weights(report: WeightsReport) -> Error {
        Error { repr: Repr::Weights(Box::new(report)) }
    }

    pub(crate) fn length(length: Length) -> Error {
        Error { repr: Repr::Length(length) }
    }

    pub(crate) fn count(net: &'static str, what: &'static str, expected: usize, found: usize) -> Error {
        Error { repr: Repr::Count { net, what, expected, found } }
    }

    pub(crate) fn value(message: &'static str, at: usize, value: f32) -> Error {
        Error { repr: Repr::Value { message, at, value } }
    }

    pub(crate) fn channels(expected: usize, found: usize) -> Error {
        Error { repr: Repr::Channels { expected, found } }
    }

    #[cfg(feature = "std")]
    pub(crate) fn threads(count: usize) -> Error {
        Error { repr: Repr::Threads(count) }
    }

    #[cfg(feature = "std")]
    pub(crate) fn no_thread(error: std::io::Error) -> Error {
        Error { repr: Repr::NoThread(Box::new(error)) }
    }

    pub(crate) fn unknown_backend(name: &str) -> Error {
        Error { repr: Repr::UnknownBackend { name: Name::new(name), environment: false } }
    }

    pub(crate) fn impossible_backend(backend: Backend, obstacle: Obstacle) -> Error {
        Error { repr: Repr::ImpossibleBackend { backend, obstacle, environment: false } }
    }

    /// The same, asked for by the environment.
    #[cfg(feature = "std")]
    pub(crate) fn by_environment(mut self) -> Error {
        if let Repr::UnknownBackend { environment, .. } | Repr::ImpossibleBackend { environment, .. } = &mut self.repr {
            *environment = true;
        }
        self
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.repr {
            #[cfg(feature = "std")]
            Repr::File(file) => Some(&file.1),
            _ => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            #[cfg(feature = "std")]
            Repr::File(file) => write!(f, "cannot read `{}`: {}", file.0, file.1),
            #[cfg(feature = "alloc")]
            Repr::Format(damage) => {
                if let Some(file) = &damage.file {
                    write!(f, "`{file}`: ")?;
                }
                f.write_str(&damage.message)
            }
            #[cfg(feature = "alloc")]
            Repr::Weights(report) => report.fmt(f),
            #[cfg(feature = "alloc")]
            Repr::Elements(message) => f.write_str(message),
            #[cfg(feature = "alloc")]
            Repr::Memory { floats } => write!(f, "no memory for {floats} floats"),
            Repr::Length(length) => length.fmt(f),
            Repr::Count { net, what, expected, found } => {
                let plural = if *expected == 1 { "" } else { "s" };
                write!(f, "net `{net}`: expected {expected} {what} slice{plural}, found {found}")
            }
            Repr::Value { message, at, value } => {
                write!(f, "{message}, found {value} for channel {at}")
            }
            Repr::Channels { expected, found } => {
                write!(
                    f,
                    "RGB pixels have {expected} channels, the tensor has {found}: use a `Tensor<{expected}, H, W>`"
                )
            }
            #[cfg(feature = "std")]
            Repr::Threads(count) => {
                let most = crate::threads::MOST_THREADS;
                write!(f, "a net runs on 1 to {most} threads, found {count}: 1 is the calling thread alone")
            }
            #[cfg(feature = "std")]
            Repr::NoThread(error) => write!(f, "the system gives no further thread: {error}"),
            Repr::UnknownBackend { name, environment } => {
                if *environment {
                    write!(f, "environment variable {BACKEND_VARIABLE}: ")?;
                }
                write!(f, "no backend is called `{name}`\n  backends:")?;
                backends(f, Backend::ALL.into_iter())?;
                f.write_str("; available here:")?;
                backends(f, Backend::available())
            }
            Repr::ImpossibleBackend { backend, obstacle, environment } => {
                if *environment {
                    write!(f, "environment variable {BACKEND_VARIABLE}: ")?;
                }
                write!(f, "backend `{backend}` is not available: ")?;
                match obstacle {
                    Obstacle::Target => write!(f, "it is for x86-64, this program was built for another CPU")?,
                    Obstacle::Feature(feature) => {
                        write!(f, "this program was built without lightconv's cargo feature `{feature}`")?;
                    }
                    Obstacle::Cpu(lacks) if cfg!(feature = "std") => write!(f, "this CPU lacks {lacks}")?,
                    Obstacle::Cpu(lacks) => {
                        write!(
                            f,
                            "this program was built without the target feature {lacks} and without `std`, which asks the CPU"
                        )?;
                    }
                }
                f.write_str("\n  available here:")?;
                backends(f, Backend::available())
            }
        }
    }
}

fn backends(f: &mut fmt::Formatter<'_>, all: impl Iterator<Item = Backend>) -> fmt::Result {
    for (i, backend) in all.enumerate() {
        write!(f, "{}`{backend}`", if i == 0 { " " } else { ", " })?;
    }
    Ok(())
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(net) = self.net {
            write!(f, "net `{net}`, ")?;
        }
        f.write_str(self.what)?;
        if let Some(index) = self.index {
            write!(f, " {index}")?;
        }
        let Length { expected, found, .. } = self;
        match &self.shape {
            Shape::Scratch => write!(f, ": expected at least {expected} elements, found {found}"),
            Shape::Tensor(shape) => write!(f, ": expected {expected} elements for {}, found {found}", Dims(shape)),
            Shape::Net(shape) => write!(f, ": expected {expected} elements for {}, found {found}", Dims(shape)),
        }
    }
}

impl Name {
    fn new(text: &str) -> Name {
        let mut name = Name { bytes: [0; 40], len: text.len().min(40), cut: text.len() > 40 };
        while !text.is_char_boundary(name.len) {
            name.len -= 1;
        }
        name.bytes[..name.len].copy_from_slice(&text.as_bytes()[..name.len]);
        name
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default();
        write!(f, "{}{}", text.escape_debug(), if self.cut { "…" } else { "" })
    }
}
