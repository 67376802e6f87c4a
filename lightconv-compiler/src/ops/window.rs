//! Arithmetic of sliding windows: output sizes, TensorFlow's SAME, and the errors of windows that do not fit.

use super::args::Padding;
use super::{OpError, Window};

/// A window over `[height, width]` pixels, and the size of what it gives: PyTorch's floor rule, or the ceil rule of its
/// pools (`ceil_mode`), whose last window must begin inside the input or its padding before.
pub fn slide(
    layer: &str,
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Padding,
    dilation: [usize; 2],
    ceil_mode: bool,
) -> Result<(Window, [usize; 2]), OpError> {
    let mut window = Window { kernel, stride, before: [0; 2], after: [0; 2], dilation };
    let mut output = [0; 2];
    for axis in 0..2 {
        let reach = reach(kernel[axis], dilation[axis]);
        let (size, step) = (input[axis] as u64, stride[axis] as u64);
        let (before, after) = match padding {
            Padding::Explicit(p) => (p[axis] as u64, p[axis] as u64),
            Padding::Same => {
                let total = ((size.div_ceil(step) - 1) * step + reach).saturating_sub(size);
                (total / 2, total - total / 2)
            }
        };
        let padded = size + before + after;
        if reach > padded {
            return Err(too_large(layer, input, kernel, padding, dilation, axis, reach - padded));
        }
        let room = padded - reach;
        let mut count = if ceil_mode { room.div_ceil(step) } else { room / step } + 1;
        if ceil_mode && (count - 1) * step >= size + before {
            count -= 1;
        }
        // A count or a padding beyond `usize` (on a 32-bit host) becomes a shape that cannot be addressed, which is reported.
        output[axis] = usize::try_from(count).unwrap_or(usize::MAX);
        window.before[axis] = usize::try_from(before).unwrap_or(usize::MAX);
        window.after[axis] = usize::try_from(after).unwrap_or(usize::MAX);
    }
    Ok((window, output))
}

/// Pixels from a window's first tap to its last, both included.
pub fn reach(kernel: usize, dilation: usize) -> u64 {
    (kernel as u64 - 1) * dilation as u64 + 1
}

/// Calls `body(output, tap, input)` for each tap of a window along one axis that meets the input.
pub fn taps(window: &Window, axis: usize, output: usize, input: usize, mut body: impl FnMut(usize, usize)) {
    let start = output * window.stride[axis];
    for tap in 0..window.kernel[axis] {
        let padded = start + tap * window.dilation[axis];
        if padded >= window.before[axis] && padded - window.before[axis] < input {
            body(tap, padded - window.before[axis]);
        }
    }
}

fn too_large(
    layer: &str,
    input: [usize; 2],
    kernel: [usize; 2],
    padding: Padding,
    dilation: [usize; 2],
    axis: usize,
    missing: u64,
) -> OpError {
    let side = ["height", "width"][axis];
    let [kh, kw] = kernel;
    let dilated = if dilation == [1, 1] {
        String::new()
    } else {
        let [h, w] = [0, 1].map(|i| reach(kernel[i], dilation[i]));
        format!(" with dilation {} reaches over {h} x {w} pixels and", pair(dilation))
    };
    let (padded, padding_now) = match padding {
        Padding::Explicit(p) => ([0, 1].map(|i| input[i] as u64 + 2 * p[i] as u64), p[axis]),
        Padding::Same => ([0, 1].map(|i| input[i] as u64), 0),
    };
    let what = if padded == [0, 1].map(|i| input[i] as u64) { "input" } else { "padded input" };
    OpError::argument(
        "kernel_size",
        format!(
            "`{layer}`: a {kh} x {kw} kernel{dilated} is larger than the {what} of {} x {} ({side})",
            padded[0], padded[1]
        ),
    )
    .help(format!(
        "a padding of at least {} makes it fit; or use a smaller kernel{} or stride less before it",
        padding_now as u64 + missing.div_ceil(2),
        if dilation == [1, 1] { "" } else { " or dilation" }
    ))
}

/// A pair as a person would write it: `3`, or `[3, 5]` where the two differ.
pub fn pair(p: [usize; 2]) -> String {
    if p[0] == p[1] { p[0].to_string() } else { format!("{p:?}") }
}
