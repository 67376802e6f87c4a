//! Workspaces and aligned memory.

use lightconv_runtime::arena::{AlignedBox, Planned};
use lightconv_runtime::{ErrorKind, Workspace};

struct Net<const BYTES: usize>;

impl<const BYTES: usize> Planned for Net<BYTES> {
    const ARENA_BYTES: usize = BYTES;
}

#[test]
fn a_workspace_is_aligned_zeroed_and_of_the_planned_size() {
    fn check<const BYTES: usize>() {
        let mut workspace = Workspace::<Net<BYTES>>::new();
        let floats = BYTES.div_ceil(4);
        let cells = workspace.cells();
        assert_eq!(cells.len(), floats);
        assert_eq!(cells.as_ptr().addr() % 64, 0);
        assert!(cells.iter().all(|cell| cell.get() == 0.0));
        for (i, cell) in cells.iter().enumerate() {
            cell.set(i as f32);
        }
        assert!(workspace.as_mut_slice().iter().enumerate().all(|(i, x)| *x == i as f32));
    }
    check::<0>();
    check::<1>();
    check::<4>();
    check::<64>();
    check::<68>();
    check::<4096>();
}

#[test]
fn a_workspace_goes_to_another_thread_even_if_its_net_does_not() {
    struct Stays(#[allow(dead_code)] *const u8);
    impl Planned for Stays {
        const ARENA_BYTES: usize = 8;
    }
    let mut workspace = Workspace::<Stays>::default();
    assert_eq!(format!("{workspace:?}"), "Workspace(8 bytes)");
    std::thread::spawn(move || workspace.cells()[1].set(1.0)).join().unwrap();
}

#[test]
fn memory_that_there_is_not_is_an_error() {
    for floats in [usize::MAX, usize::MAX / 4, isize::MAX as usize / 4 - 64] {
        let error = AlignedBox::try_zeroed(floats).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        assert_eq!(error.to_string(), format!("no memory for {floats} floats"));
    }
    let mut there = AlignedBox::try_zeroed(17).unwrap();
    there.as_mut_slice()[16] = 2.0;
    let copy = there.clone();
    assert_eq!(copy.as_slice(), there.as_slice());
    assert_eq!(copy.as_slice().as_ptr().addr() % 64, 0);
}

#[test]
fn a_workspace_beyond_memory_is_an_error_when_tried() {
    type Huge = Net<{ usize::MAX }>;
    assert_eq!(Workspace::<Huge>::try_new().unwrap_err().kind(), ErrorKind::Memory);
}
