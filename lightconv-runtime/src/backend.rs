//! Which vector instructions a net runs on: what this build has, what this CPU has, and what the user asks for.

use crate::error::Error;
use core::fmt;
use core::str::FromStr;

/// The environment variable that forces a backend: `portable`, `avx2` or `avx512`.
pub const BACKEND_VARIABLE: &str = "LIGHTCONV_BACKEND";

/// A set of vector instructions. All of them compute the same net; a wider one is faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Vectors of 4 on what every CPU of the target has.
    Portable,
    /// Vectors of 8: AVX2 with fused multiply-add.
    Avx2,
    /// Vectors of 16: AVX-512 F, VL, BW and DQ, beside AVX2 and fused multiply-add.
    Avx512,
}

/// Why a backend cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It is for another kind of CPU.
    Target,
    /// A cargo feature leaves it out.
    Feature(&'static str),
    /// The CPU lacks the instructions.
    Cpu(&'static str),
}

impl Backend {
    /// All that there are, the narrowest first.
    pub(crate) const ALL: [Backend; 3] = [Backend::Portable, Backend::Avx2, Backend::Avx512];

    /// Those that this build has and this CPU can run, the slowest first; [`Portable`](Backend::Portable) always.
    pub fn available() -> impl Iterator<Item = Backend> {
        Self::ALL.into_iter().filter(|b| b.is_available())
    }

    /// Whether this build has it and this CPU can run it.
    ///
    /// Without the cargo feature `std` the CPU is not asked: then it is what the build was told of its target
    /// (`-C target-feature` or `-C target-cpu`).
    #[must_use]
    pub fn is_available(self) -> bool {
        self.obstacle().is_none()
    }

    /// The fastest that is available.
    #[must_use]
    pub fn best() -> Backend {
        Self::available().last().unwrap_or(Backend::Portable)
    }

    /// The backend that the environment variable `LIGHTCONV_BACKEND` asks for if it is set (and not empty), else the
    /// [best](Backend::best). Without the cargo feature `std`: the best.
    ///
    /// # Errors
    /// When the variable names no backend, or one that is not available; the error says which are.
    pub fn choose() -> Result<Backend, Error> {
        Available::choose().map(Available::backend)
    }

    /// The backend itself if it is available.
    ///
    /// # Errors
    /// When it is not; the error says why, and which are.
    pub fn require(self) -> Result<Backend, Error> {
        Available::require(self).map(Available::backend)
    }

    /// The name that [`FromStr`] reads: `portable`, `avx2`, `avx512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Portable => "portable",
            Backend::Avx2 => "avx2",
            Backend::Avx512 => "avx512",
        }
    }

    /// What it wants of a CPU beyond what the target has anyway, as `#[target_feature]` spells it.
    #[must_use]
    pub const fn features(self) -> &'static [&'static str] {
        match self {
            Backend::Portable => &[],
            Backend::Avx2 => AVX2,
            Backend::Avx512 => AVX512,
        }
    }

    fn obstacle(self) -> Option<Obstacle> {
        match self {
            Backend::Portable => None,
            Backend::Avx2 if !cfg!(target_arch = "x86_64") => Some(Obstacle::Target),
            Backend::Avx512 if !cfg!(target_arch = "x86_64") => Some(Obstacle::Target),
            Backend::Avx2 if !cfg!(feature = "avx2") => Some(Obstacle::Feature("avx2")),
            Backend::Avx512 if !cfg!(feature = "avx512") => Some(Obstacle::Feature("avx512")),
            Backend::Avx2 => lacking_avx2().map(Obstacle::Cpu),
            Backend::Avx512 => lacking_avx512().map(Obstacle::Cpu),
        }
    }
}

/// A backend that this build has and this CPU can run: whoever holds one may call what has its `#[target_feature]`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Available(Backend);

impl Available {
    /// As [`Backend::choose`].
    ///
    /// # Errors
    /// Its own.
    pub fn choose() -> Result<Available, Error> {
        #[cfg(feature = "std")]
        if let Some(asked) = std::env::var_os(BACKEND_VARIABLE).filter(|asked| !asked.is_empty()) {
            let asked = asked.to_string_lossy().parse();
            return asked.and_then(Available::require).map_err(Error::by_environment);
        }
        Ok(Available(Backend::best()))
    }

    /// As [`Backend::require`].
    ///
    /// # Errors
    /// Its own.
    pub fn require(backend: Backend) -> Result<Available, Error> {
        match backend.obstacle() {
            None => Ok(Available(backend)),
            Some(obstacle) => Err(Error::impossible_backend(backend, obstacle)),
        }
    }

    /// Which.
    #[inline]
    #[must_use]
    pub const fn backend(self) -> Backend {
        self.0
    }
}

/// A list of CPU features, and the first of them that the CPU lacks.
macro_rules! features {
    ($list:ident, $lacking:ident: $($feature:tt)*) => {
        const $list: &[&str] = &[$($feature),*];

        #[cfg(target_arch = "x86_64")]
        fn $lacking() -> Option<&'static str> {
            $(
                #[cfg(feature = "std")]
                let has = std::arch::is_x86_feature_detected!($feature);
                #[cfg(not(feature = "std"))]
                let has = cfg!(target_feature = $feature);
                if !has {
                    return Some($feature);
                }
            )*
            None
        }

        #[cfg(not(target_arch = "x86_64"))]
        fn $lacking() -> Option<&'static str> {
            None
        }
    };
}

features!(AVX2, lacking_avx2: "avx2" "fma");
features!(AVX512, lacking_avx512: "avx2" "fma" "avx512f" "avx512vl" "avx512bw" "avx512dq");

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Backend {
    type Err = Error;

    /// Reads a name, in any case: `portable`, `avx2`, `avx512`. Whether it is available is not asked.
    fn from_str(name: &str) -> Result<Backend, Error> {
        Self::ALL
            .into_iter()
            .find(|b| b.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| Error::unknown_backend(name))
    }
}
