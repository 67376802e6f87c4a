//! `forward` allocates nothing, of any example's net, on any backend.

use lightconv::{Backend, Net, Tensor};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

#[allow(dead_code)]
#[path = "../examples/classify/main.rs"]
mod classify;
#[allow(dead_code)]
#[path = "../examples/nets/mod.rs"]
mod nets;

/// Counts this thread's allocations.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything on to the system's allocator; a thread-local cell without a destructor allocates nothing
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promise
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of `f`.
fn allocations(f: impl FnOnce()) -> usize {
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![1.0_f32; 10]))) > 0);
}

macro_rules! allocates_nothing {
    ($($test:ident: $net:ty, $input:ty, $output:ty;)*) => { $(
        #[test]
        fn $test() {
            for backend in Backend::available() {
                let net = <$net>::random(1).with_backend(backend).unwrap();
                let (input, mut output) = (<$input>::zeros(), <$output>::zeros());
                let mut workspace = <$net>::workspace();
                assert_eq!(allocations(|| net.forward(&input, &mut workspace, &mut output)), 0, "{backend}");

                let mut steps = 0;
                let mut observer = |_: &'static str, _: Duration| steps += 1;
                let count = allocations(|| net.forward_with(&input, &mut workspace, &mut output, &mut observer));
                assert_eq!(count, 0, "{backend}, observed");
                assert!(steps > 0);

                let mut arena = vec![0.0; <$net>::ARENA_BYTES / 4];
                let (inputs, mut flat) = ([input.as_slice()], vec![0.0; output.as_slice().len()]);
                let count = allocations(|| net.forward_slices(&inputs, &mut arena, &mut [&mut flat]).unwrap());
                assert_eq!(count, 0, "{backend}, by slices");
                assert_eq!(flat, output.as_slice());
            }
        }
    )* };
}

allocates_nothing! {
    trained: classify::EfficientNetLite0, Tensor<3, 224, 224>, Tensor<1000>;
    efficientnet_lite0: nets::EfficientNetLite0, Tensor<3, 224, 224>, Tensor<1000>;
    inverted_residual_56: nets::InvertedResidual56, Tensor<24, 56, 56>, Tensor<24, 56, 56>;
    inverted_residual_14: nets::InvertedResidual14, Tensor<96, 14, 14>, Tensor<96, 14, 14>;
    depthwise_separable: nets::DepthwiseSeparable32, Tensor<3, 32, 32>, Tensor<16, 30, 30>;
    dense: nets::Conv32, Tensor<64, 32, 32>, Tensor<128, 30, 30>;
    depthwise: nets::DWConv32, Tensor<64, 32, 32>, Tensor<128, 30, 30>;
}
