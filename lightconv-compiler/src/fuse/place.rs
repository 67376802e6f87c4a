//! Where each tensor stands: buffers of their own, runs of a concatenation, runs of what they are a slice of.

use super::group::{Flow, Group};
use super::join::Call;
use crate::graph::TensorId;
use crate::ops::{Axis, Primitive};
use crate::plan::{Buffer, BufferId, Home, View};
use crate::shape::Shape;
use crate::sizes::LINE;

/// The place of every tensor that a call reads or writes.
pub(super) struct Places {
    pub buffers: Vec<Buffer>,
    views: Vec<Option<View>>,
}

impl Places {
    /// Where `t` stands.
    pub fn view(&self, t: TensorId) -> View {
        self.views[t.0].expect("every tensor of a call was given a place")
    }

    /// A buffer in the arena, of `len` floats.
    pub fn scratch(&mut self, len: usize) -> BufferId {
        self.buffer(Home::Arena, len)
    }

    fn buffer(&mut self, home: Home, len: usize) -> BufferId {
        self.buffers.push(Buffer { home, len });
        BufferId(self.buffers.len() - 1)
    }

    fn own(&mut self, home: Home, shape: Shape) -> View {
        let buffer = self.buffer(home, shape.elements());
        View::dense(buffer, shape)
    }

    /// Gives a `param` its place in the packed weights.
    pub fn put_in_weights(&mut self, t: TensorId, at: usize, shape: Shape) {
        self.views[t.0] = Some(self.own(Home::Weights(at), shape));
    }

    /// Slices become runs of what they are slices of (columns aside, which are copied).
    pub fn follow_slices(&mut self, flow: &Flow, calls: &[Call]) {
        for group in calls.iter().filter_map(Call::single) {
            if let Primitive::Slice { axis, start, lengths } = &flow.items[group.head].primitive
                && *axis != Axis::Width
            {
                let source = self.view(group.inputs[0]);
                let mut from = *start;
                for (&t, &len) in group.outputs.iter().zip(lengths) {
                    self.views[t.0] = Some(source.run(*axis, from, len));
                    from += len;
                }
            }
        }
    }
}

/// Places all tensors but `param`s, which [`super::lower`] puts among the weights, and slices, which follow their source.
pub(super) fn place(flow: &Flow, calls: &[Call]) -> Places {
    let mut places = Places { buffers: Vec::new(), views: vec![None; flow.shapes.len()] };
    for (i, &t) in flow.inputs.iter().enumerate() {
        places.views[t.0] = Some(places.own(Home::Input(i), flow.shape(t)));
    }
    // from the last call to the first: a concatenation is placed before what it is made of
    for call in calls.iter().rev() {
        let Some(group) = call.single() else {
            place_apart(flow, &mut places, call.outputs()[0]);
            continue;
        };
        match flow.items[group.head].primitive {
            Primitive::Param => {}
            Primitive::Conv { .. } => place_apart(flow, &mut places, group.outputs[0]),
            Primitive::Slice { axis, .. } if axis != Axis::Width => {}
            Primitive::Concat(axis) => {
                let whole = own_place(flow, &mut places, group.outputs[0]);
                if axis != Axis::Width {
                    place_parts(flow, &mut places, group, axis, whole);
                }
            }
            _ => {
                for &t in &group.outputs {
                    own_place(flow, &mut places, t);
                }
            }
        }
    }
    places
}

/// A place for a tensor that has none yet: an output's memory if it is one, else a buffer in the arena.
fn own_place(flow: &Flow, places: &mut Places, t: TensorId) -> View {
    if let Some(view) = places.views[t.0] {
        return view;
    }
    let home = flow.outputs.iter().position(|&o| o == t).map_or(Home::Arena, Home::Output);
    let view = places.own(home, flow.shape(t));
    places.views[t.0] = Some(view);
    view
}

/// Pixels that are a multiple of this many floats apart, half a KiB, share 8 of the 64 sets of an L1, or fewer: the rows of a
/// depthwise convolution's window do not stay in those (measured: `docs/performance.md`).
const CROWDED: usize = 8 * LINE;

/// A place for the output of a convolution: where a depthwise one reads it and its pixels would crowd into few sets of L1, they are
/// moved a cache line further apart.
fn place_apart(flow: &Flow, places: &mut Places, t: TensorId) {
    let shape = flow.shape(t);
    let has_rows =
        |i: usize| matches!(flow.items[i].primitive, Primitive::Conv { window, .. } if window.kernel != [1, 1]);
    let is_read = flow.consumers(t).iter().any(|&i| flow.is_depthwise(i) && has_rows(i));
    let is_crowded = shape.pixels() > 1 && shape.channels().is_multiple_of(CROWDED);
    if is_crowded && is_read && !flow.is_output(t) && places.views[t.0].is_none() {
        let stride = shape.channels() + LINE;
        let buffer = places.scratch(shape.pixels() * stride);
        places.views[t.0] = Some(View { stride, ..View::dense(buffer, shape) });
    } else {
        own_place(flow, places, t);
    }
}

/// Lets the parts of a concatenation be written where they belong, where that is possible; the others are copied.
fn place_parts(flow: &Flow, places: &mut Places, group: &Group, axis: Axis, whole: View) {
    let mut from = 0;
    for &part in &group.inputs {
        let shape = flow.shape(part);
        let len = if axis == Axis::Channels { shape.channels() } else { shape.height() };
        let computed = flow.producer(part).is_some_and(|i| {
            !matches!(
                flow.items[i].primitive,
                Primitive::Slice { .. } | Primitive::Param | Primitive::Concat(Axis::Width)
            )
        });
        if computed && places.views[part.0].is_none() && !flow.is_output(part) {
            places.views[part.0] = Some(whole.run(axis, from, len));
        }
        from += len;
    }
}
