//! Which step fetches weights for later ones: a step that does few products with many weights waits for L3 or memory, which rest while the
//! convolution before it multiplies.

use crate::plan::{Range, Step, Touch, Weights, Work};

/// Floats of weights from which it is worth while: 32 KiB, which take L3 a microsecond.
const LEAST: usize = 8 * 1024;

/// Lets each step with many weights a product have them fetched by the convolution of a map before it.
pub(super) fn prefetch(steps: &mut [Step]) {
    let mut carrier = None;
    let mut beside = 0;
    for at in 0..steps.len() {
        if carries(&steps[at].work) {
            (carrier, beside) = (Some(at), 0);
            continue;
        }
        beside = beside.max(activations(&steps[at].work));
        let (Some(carrier), Some(range)) = (carrier, streamed(&steps[at].work)) else { continue };
        let (path, is_shared) = (steps[at].path.clone(), steps[at].work.is_shared());
        let Step { prefetch, why, .. } = &mut steps[carrier];
        prefetch.ranges.push((range, is_shared));
        prefetch.beside = beside;
        why.push(format!("fetches meanwhile: {} KiB of weights for {path}", range.len * size_of::<f32>() / 1024));
    }
}

/// Whether it multiplies for so long that memory rests: a convolution of a map.
fn carries(work: &Work) -> bool {
    matches!(work, Work::Conv { output, .. } if output.pixels() > 1)
}

/// The weights of which each is read for a single product.
fn streamed(work: &Work) -> Option<Range> {
    match work {
        Work::Conv { output, weights: Weights::Packed(range), .. } if output.pixels() == 1 => Some(*range),
        Work::ScalePanels { weights, .. } => Some(*weights),
        _ => None,
    }
    .filter(|range| range.len >= LEAST)
}

/// Floats that it reads and writes, but for packed weights.
fn activations(work: &Work) -> usize {
    work.operands().into_iter().filter_map(|(_, touch)| Touch::view(touch)).map(|view| view.extent()).sum()
}
