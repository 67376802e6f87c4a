//! All that is wrong between the weights that a net wants and those that there are, as one error for people.

use super::{Weights, is_counter};
use crate::text::{Dims, Grouped};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// What is wrong with one tensor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WeightFault {
    /// It is not there.
    Missing {
        /// The name wanted.
        name: &'static str,
        /// The shape wanted.
        shape: &'static [usize],
        /// The nearest name that the net does not want, where one is close.
        nearest: Option<String>,
    },
    /// It has another shape.
    Shape {
        /// Its name.
        name: &'static str,
        /// The shape wanted.
        expected: &'static [usize],
        /// The shape found.
        found: Vec<usize>,
    },
    /// Its elements are not floating-point numbers of 16, 32 or 64 bits.
    Dtype {
        /// Its name.
        name: &'static str,
        /// The type found, as safetensors names it.
        found: String,
    },
    /// It has elements that are NaN, infinite or beyond f32.
    NotFinite {
        /// Its name.
        name: &'static str,
        /// The index of the first such element, in PyTorch's order.
        first: usize,
        /// That element.
        value: f32,
        /// How many there are.
        count: usize,
    },
    /// A running variance that is not positive with batch norm's `eps` added.
    Variance {
        /// Its name.
        name: &'static str,
        /// The first channel at fault.
        channel: usize,
        /// Its variance.
        value: f32,
        /// What is added.
        eps: f64,
    },
    /// Every element is finite, but with batch norm folded in they exceed f32.
    Overflow {
        /// The name of the kernel, bias or factor that the batch norm was folded into.
        name: &'static str,
    },
}

/// The faults of one net's weights.
#[derive(Clone, Debug)]
pub(crate) struct WeightsReport {
    pub(crate) net: String,
    /// The file, where there is one.
    pub(crate) source: Option<String>,
    /// How many tensors the net wants.
    pub(crate) wanted: usize,
    pub(crate) faults: Vec<WeightFault>,
    /// A prefix that, taken off, would give the missing names.
    prefix: Option<String>,
}

/// Comparisons of names after which no more nearest names are looked for.
const MOST_COMPARISONS: usize = 1_000_000;

impl WeightsReport {
    /// Completes faults with the nearest names and a common prefix.
    pub(crate) fn new(
        net: &str,
        weights: &Weights,
        wanted: impl Iterator<Item = &'static str>,
        faults: Vec<WeightFault>,
    ) -> WeightsReport {
        let mut names: Vec<&str> = wanted.collect();
        names.sort_unstable();
        let mut report = WeightsReport {
            net: net.to_owned(),
            source: weights.source().map(ToOwned::to_owned),
            wanted: names.len(),
            faults,
            prefix: None,
        };
        let spare: Vec<&str> = weights.names().filter(|n| names.binary_search(n).is_err() && !is_counter(n)).collect();
        report.prefix = common_prefix(&report.faults, &spare).map(ToOwned::to_owned);
        if report.prefix.is_none() {
            report.find_nearest(weights, &spare);
        }
        report
    }

    fn find_nearest(&mut self, weights: &Weights, spare: &[&str]) {
        let mut comparisons = 0;
        for fault in &mut self.faults {
            let WeightFault::Missing { name, shape, nearest } = fault else {
                continue;
            };
            comparisons += spare.len();
            if comparisons > MOST_COMPARISONS {
                return;
            }
            // one that fits wins over one that is spelt more alike
            *nearest = spare
                .iter()
                .filter_map(|found| {
                    let fits = weights.get(found).is_some_and(|w| w.shape() == *shape);
                    let bound = if fits { name.len() / 3 } else { 2 };
                    distance(name, found, bound.clamp(1, 12)).map(|d| ((!fits, d), *found))
                })
                .min()
                .map(|(_, found)| found.to_owned());
        }
    }
}

/// The prefix that stands before the missing names in the file, where it does so for at least half of them.
fn common_prefix<'a>(faults: &[WeightFault], spare: &[&'a str]) -> Option<&'a str> {
    let missing: Vec<&str> = faults
        .iter()
        .filter_map(|fault| match fault {
            WeightFault::Missing { name, .. } => Some(*name),
            _ => None,
        })
        .collect();
    // one name is enough to guess the prefix from, and any of the first few may be really missing
    missing.iter().take(8).find_map(|name| {
        let prefix = spare.iter().find_map(|found| found.strip_suffix(name).filter(|prefix| prefix.ends_with('.')))?;
        let bare: Vec<&str> = spare.iter().filter_map(|found| found.strip_prefix(prefix)).collect();
        // `spare` is sorted, so what stands behind one prefix is too
        let explained = missing.iter().filter(|name| bare.binary_search(name).is_ok()).count();
        (explained * 2 >= missing.len()).then_some(prefix)
    })
}

/// Levenshtein's distance in bytes if it is at most `bound`, looking only at the band of that width around the diagonal
/// (E. Ukkonen, Algorithms for approximate string matching, 1985).
fn distance(a: &str, b: &str, bound: usize) -> Option<usize> {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().abs_diff(b.len()) > bound {
        return None;
    }
    let far = bound + 1;
    let mut row: Vec<usize> = (0..=b.len()).map(|j| j.min(far)).collect();
    let mut next = vec![far; b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        let (from, to) = ((i + 1).saturating_sub(bound), (i + 1 + bound).min(b.len()));
        next.fill(far);
        for j in from..=to {
            next[j] = if j == 0 {
                (i + 1).min(far)
            } else {
                let replaced = row[j - 1] + usize::from(*x != b[j - 1]);
                replaced.min(row[j] + 1).min(next[j - 1] + 1).min(far)
            };
        }
        core::mem::swap(&mut row, &mut next);
    }
    Some(row[b.len()]).filter(|d| *d <= bound)
}

impl WeightFault {
    /// The name of the tensor.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            WeightFault::Missing { name, .. }
            | WeightFault::Shape { name, .. }
            | WeightFault::Dtype { name, .. }
            | WeightFault::NotFinite { name, .. }
            | WeightFault::Variance { name, .. }
            | WeightFault::Overflow { name } => name,
        }
    }
}

impl fmt::Display for WeightFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name())?;
        match self {
            WeightFault::Missing { shape, nearest, .. } => {
                write!(f, " {} is missing", Dims(shape))?;
                match nearest {
                    Some(nearest) => write!(f, "; there is `{}`", nearest.escape_debug()),
                    None => Ok(()),
                }
            }
            WeightFault::Shape { expected, found, .. } => {
                write!(f, ": expected shape {}, found {}", Dims(expected), Dims(found))
            }
            WeightFault::Dtype { found, .. } => {
                write!(f, ": expected elements of type F32, F16, BF16 or F64, found {found}")
            }
            WeightFault::NotFinite { first, value, count, .. } => {
                write!(f, ": expected finite numbers, found {value} at index {first}")?;
                match count {
                    1 => Ok(()),
                    _ => write!(f, " and {} more such", Grouped(*count as u64 - 1)),
                }
            }
            WeightFault::Variance { channel, value, eps, .. } => {
                write!(
                    f,
                    ": expected a variance that is positive with eps = {eps} added, found {value} in channel {channel}"
                )
            }
            WeightFault::Overflow { .. } => f.write_str(": with its batch norm folded in, it exceeds f32"),
        }
    }
}

impl fmt::Display for WeightsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "net `{}` cannot take its weights", self.net)?;
        if let Some(source) = &self.source {
            write!(f, " from `{source}`")?;
        }
        let faults = self.faults.len();
        let tensors = if self.wanted == 1 { "tensor" } else { "tensors" };
        write!(f, ": {} of its {} {tensors}", Grouped(faults as u64), Grouped(self.wanted as u64))?;
        f.write_str(if faults == 1 { " is at fault" } else { " are at fault" })?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if let Some(prefix) = &self.prefix {
            let prefix = prefix.escape_debug();
            write!(f, "\n  help: the names there begin with `{prefix}`: take `weights.strip_prefix(\"{prefix}\")`")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::distance;

    /// The plain table.
    fn slow(a: &str, b: &str) -> usize {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let mut table = std::vec![std::vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => (table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1),
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest::proptest! {
        #[test]
        fn banded_distance_is_the_plain_one(a in "[ab.]{0,12}", b in "[ab.]{0,12}", bound in 0_usize..8) {
            let d = slow(&a, &b);
            proptest::prop_assert_eq!(distance(&a, &b, bound), (d <= bound).then_some(d));
        }
    }
}
