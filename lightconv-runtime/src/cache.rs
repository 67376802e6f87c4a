//! How large the CPU's caches are.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Floats that L2 holds where the CPU does not say: the smallest one met (512 KiB).
const UNKNOWN: usize = 128 * 1024;

/// Floats that the L2 of a core holds. Asked once: under a hypervisor the question takes microseconds.
#[must_use]
pub fn l2_floats() -> usize {
    static KNOWN: AtomicUsize = AtomicUsize::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        0 => {
            let floats = ask().filter(|&floats| floats > 0).unwrap_or(UNKNOWN);
            KNOWN.store(floats, Ordering::Relaxed);
            floats
        }
        floats => floats,
    }
}

/// What the CPU says, by the leaf of its maker: the "deterministic cache parameters" of Intel (Software Developer's Manual, volume 2,
/// CPUID, leaf 4), which AMD has elsewhere in the same form (Architecture Programmer's Manual, volume 3, E.4.15).
#[cfg(target_arch = "x86_64")]
fn ask() -> Option<usize> {
    use core::arch::x86_64::{__cpuid, __cpuid_count};
    /// More caches than any CPU has.
    const MOST: u32 = 16;
    let leaf = [4, 0x8000_001d].into_iter().filter(|leaf| __cpuid(leaf & 0x8000_0000).eax >= *leaf);
    let caches = leaf.flat_map(|leaf| (0..MOST).map(move |i| __cpuid_count(leaf, i)).take_while(|c| c.eax & 31 != 0));
    // level 2, for data or for all
    let l2 = caches.into_iter().find(|cache| cache.eax >> 5 & 7 == 2 && cache.eax & 31 != 2)?;
    let field = |register: u32, from: u32, bits: u32| (register >> from & ((1 << bits) - 1)) as usize + 1;
    let lines = field(l2.ebx, 22, 10) * field(l2.ebx, 12, 10) * (l2.ecx as usize + 1);
    Some(lines * field(l2.ebx, 0, 12) / size_of::<f32>())
}

#[cfg(not(target_arch = "x86_64"))]
fn ask() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::{UNKNOWN, l2_floats};

    #[test]
    fn l2_has_a_size_that_caches_have() {
        let floats = l2_floats();
        assert!((32 * 1024..64 * 1024 * 1024).contains(&floats), "{floats} floats");
        assert_eq!(floats, l2_floats());
        assert!(cfg!(target_arch = "x86_64") || floats == UNKNOWN);
    }
}
