//! Gates before a convolution: a map times a factor for each channel, which can go into the convolution's weights.

use super::group::Flow;
use crate::graph::TensorId;
use crate::ops::{Binary, Primitive};

/// A product of a map and a gate that only a convolution reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    /// The product.
    pub product: usize,
    /// The convolution.
    pub conv: usize,
    /// The map.
    pub map: TensorId,
    /// A factor for each of its channels.
    pub gate: TensorId,
    /// Numbers of the convolution's weights for each channel of the map.
    pub weights: usize,
    /// Numbers of the map for each of its channels.
    pub pixels: usize,
}

impl Gate {
    /// What `product` is, if it is a gate.
    pub fn at(flow: &Flow, product: usize) -> Option<Gate> {
        let item = &flow.items[product];
        let (Primitive::Binary(Binary::Mul), &[a, b]) = (&item.primitive, &item.inputs[..]) else { return None };
        let conv = flow.sole_consumer(item.outputs[0])?;
        let Primitive::Conv { window, groups: 1, .. } = flow.items[conv].primitive else { return None };
        let is_gate = |&(map, gate): &(TensorId, TensorId)| {
            let (map, gate) = (flow.shape(map), flow.shape(gate));
            gate.pixels() == 1 && map.pixels() > 1 && gate.channels() == map.channels()
        };
        let (map, gate) = [(a, b), (b, a)].into_iter().find(is_gate)?;
        let weights = flow.shape(flow.items[conv].outputs[0]).channels() * window.kernel[0] * window.kernel[1];
        Some(Gate { product, conv, map, gate, weights, pixels: flow.shape(map).pixels() })
    }

    /// Whether it goes into the weights: they are fewer than the map's numbers, each of which would be read and written.
    pub fn pays(self) -> bool {
        self.weights <= 2 * self.pixels
    }
}

/// For each convolution the gate that goes into its weights; padding stays right, for zero times the gate is zero.
pub(super) fn gates(flow: &Flow, taken: &mut [bool]) -> Vec<Option<Gate>> {
    let mut gates = vec![None; flow.items.len()];
    for gate in (0..flow.items.len()).filter_map(|i| Gate::at(flow, i)).filter(|gate| gate.pays()) {
        gates[gate.conv] = Some(gate);
        taken[gate.product] = true;
    }
    gates
}
