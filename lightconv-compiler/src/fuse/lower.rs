//! Groups and places become steps; weights get their place in the packed buffer.

use super::gate::Gate;
use super::group::{Flow, Group};
use super::join::{Call, Joined};
use super::place::Places;
use super::why;
use super::winograd::{self, Blocks, Choice};
use crate::graph::TensorId;
use crate::ops::{Axis, Loop, Move, Primitive, Window};
use crate::options::Options;
use crate::plan::tiling;
use crate::plan::{BufferId, Expansion, Home, Norm, Pack, Plan, Projection, Range, Step, Stride, View, Weights, Work};
use crate::shape::Shape;
use crate::sizes;
use crate::tiles::{self, Line};
use std::collections::HashMap;

/// Floats of a depthwise row, 12 KiB, from which some are made before they are projected together, where nothing expands. A shorter one stays
/// in L1 with what it is made of (measured: `docs/performance.md`).
const FAR_ROW_FLOATS: usize = 3 * 1024;

pub(super) fn lower(flow: &Flow, calls: &[Call], places: Places, options: Options) -> Plan {
    let mut lowering = Lowering {
        flow,
        places,
        options,
        steps: Vec::new(),
        packs: Vec::new(),
        packed_len: 0,
        packed: HashMap::new(),
        row_means: HashMap::new(),
    };
    for group in calls.iter().filter_map(Call::single) {
        if matches!(flow.items[group.head].primitive, Primitive::Param) {
            lowering.param(group);
        }
    }
    lowering.places.follow_slices(flow, calls);
    for call in calls {
        let first = lowering.steps.len();
        match call {
            Call::Single(group) => lowering.group(group),
            Call::Joined(joined) => lowering.joined(joined),
        }
        if let Some(step) = lowering.steps[first..].last_mut() {
            step.why.extend(why::why(flow, call));
        }
    }
    lowering.outputs();
    Plan {
        buffers: lowering.places.buffers,
        steps: lowering.steps,
        packs: lowering.packs,
        packed_len: lowering.packed_len,
        options,
    }
}

struct Lowering<'f> {
    flow: &'f Flow,
    places: Places,
    options: Options,
    steps: Vec<Step>,
    packs: Vec<Pack>,
    packed_len: usize,
    /// Weights packed already, by how they were packed (with `at` 0): a shared layer is packed once.
    packed: HashMap<String, Range>,
    /// Of a tensor the means of its rows, where the step that writes it makes them too.
    row_means: HashMap<TensorId, View>,
}

impl Lowering<'_> {
    fn group(&mut self, group: &Group) {
        let item = &self.flow.items[group.head];
        let view = |t: usize| self.places.view(group.inputs[t]);
        let output = || self.places.view(group.outputs[0]);
        let act = group.act.clone();
        match &item.primitive {
            Primitive::Conv { window, groups, .. } => self.conv(group, view(0), *window, *groups),
            Primitive::ConvTranspose { window, groups, .. } => self.transposed(group, window, *groups),
            Primitive::BatchNorm { .. } | Primitive::ChannelScale => {
                let (input, output) = (view(0), output());
                let channels = input.channels;
                let len = 2 * sizes::whole_panels(channels);
                let weights = match self.norm(Some(group.head)) {
                    Some(norm) => self.pack(len, |at| Pack::Affine { at, norm, channels }),
                    None => self.pack(len, |at| Pack::Scale { at, weight: item.weights[0], channels }),
                };
                self.step(group, Work::Affine { input, output, weights, act });
            }
            Primitive::Prelu => {
                let (input, output) = (view(0), output());
                let channels = input.channels;
                let len = 2 * sizes::whole_panels(channels);
                let weights = self.pack(len, |at| Pack::Scale { at, weight: item.weights[0], channels });
                self.step(group, Work::Prelu { input, output, weights });
            }
            Primitive::Activation(_) | Primitive::Scalar { .. } => {
                self.step(group, Work::Unary { input: view(0), output: output(), act });
            }
            Primitive::Binary(op) => {
                self.step(group, Work::Binary { op: *op, a: view(0), b: view(1), output: output(), act })
            }
            Primitive::MaxPool(window) => {
                self.step(group, Work::MaxPool { input: view(0), output: output(), window: *window, act });
            }
            Primitive::AvgPool { window, count_include_pad } => {
                let work = Work::AvgPool {
                    input: view(0),
                    output: output(),
                    window: *window,
                    count_include_pad: *count_include_pad,
                    act,
                };
                self.step(group, work);
            }
            Primitive::AdaptivePool(reduction) => {
                let means = self.row_means.get(&group.inputs[0]).copied();
                let means = means.filter(|_| self.flow.is_global_average(group.head));
                let (reduction, input, output) = (*reduction, means.unwrap_or_else(|| view(0)), output());
                self.step(group, Work::AdaptivePool { reduction, input, output, act });
                if means.is_some() {
                    self.because("read: the means of the rows, made where these were".to_owned());
                }
            }
            Primitive::Resize(how) => {
                self.step(group, Work::Resize { input: view(0), output: output(), how: *how });
            }
            Primitive::Move(moved) => self.step(group, rearranged(moved, view(0), output())),
            Primitive::Softmax(axis) => {
                self.step(group, Work::Softmax { input: view(0), output: output(), axis: *axis })
            }
            Primitive::ChannelShuffle { groups } => {
                let work = Work::ChannelShuffle { parts: self.groups(group, *groups), output: output() };
                self.step(group, work);
            }
            Primitive::LayerNorm { eps } => {
                let (input, output, eps) = (view(0), output(), *eps);
                let [weight, bias] = [0, 1].map(|i| self.pack_vector(item.weights[i], input.channels));
                self.step(group, Work::LayerNorm { input, output, weight, bias, eps, act });
            }
            Primitive::GroupNorm { groups, eps } => {
                let (input, output, groups, eps) = (view(0), output(), *groups, *eps);
                let [weight, bias] = [0, 1].map(|i| self.pack_vector(item.weights[i], input.channels));
                let stats = self.scratch(sizes::group_stats(input.channels));
                self.step(group, Work::GroupNorm { input, output, groups, weight, bias, eps, act, stats });
            }
            Primitive::ChannelConv { taps } => {
                let (input, output) = (view(0), output());
                let weights = self.pack_vector(item.weights[0], *taps);
                self.step(group, Work::ChannelConv { input, output, weights, act });
            }
            Primitive::MatMul => self.step(group, Work::MatMul { a: view(0), b: view(1), output: output(), act }),
            Primitive::Attention { heads, key_heads, value_heads } => {
                let (heads, [query, key, value], output) =
                    ([*heads, *key_heads, *value_heads], [0, 1, 2].map(view), output());
                let scratch = self.scratch(sizes::attention(heads[0], query.shape(), key.shape()));
                self.step(group, Work::Attention { query, key, value, output, heads, scratch });
            }
            Primitive::Flatten => self.step(group, Work::Flatten { input: view(0), output: output() }),
            Primitive::Concat(axis) => self.concat(group, *axis),
            Primitive::Slice { axis: Axis::Width, start, lengths } => self.slice_columns(group, *start, lengths),
            Primitive::Slice { .. } | Primitive::Param | Primitive::Identity => {}
            Primitive::Sum => unreachable!("sums were made pairwise"),
        }
    }

    fn step(&mut self, group: &Group, work: Work) {
        self.steps.push(Step::new(self.flow.items[group.head].path.clone(), work));
    }

    /// Says why the last step is what it is.
    fn because(&mut self, why: String) {
        if let Some(step) = self.steps.last_mut() {
            step.why.push(why);
        }
    }

    /// A transposed convolution: a convolution, its kernel turned round, of the input with zeros between its pixels.
    fn transposed(&mut self, group: &Group, window: &Window, groups: usize) {
        let (input, output) = (self.places.view(group.inputs[0]), self.places.view(group.outputs[0]));
        let margin = [0, 1].map(|axis| (window.kernel[axis] - 1) * window.dilation[axis]);
        let spread = Shape::map(input.channels, output.height + margin[0], output.width + margin[1]);
        let map = View::dense(self.places.scratch(spread.elements()), spread);
        let (mut from, mut to, mut counts) = ([0; 3], [0; 3], [0; 2]);
        let sides = [(input.height, map.height), (input.width, map.width)];
        for (axis, (pixels, room)) in sides.into_iter().enumerate() {
            // input pixel i comes to i * stride + margin - padding, if that is on the map
            let (stride, padding, margin) = (window.stride[axis], window.before[axis], margin[axis]);
            let first = padding.saturating_sub(margin).div_ceil(stride);
            let place = first * stride + margin - padding;
            from[axis + 1] = first;
            to[axis + 1] = place;
            counts[axis] =
                if place < room { ((room - place).div_ceil(stride)).min(pixels.saturating_sub(first)) } else { 0 };
        }
        let loops = vec![
            Loop { count: counts[0], input: [0, 1, 0], output: [0, window.stride[0], 0] },
            Loop { count: counts[1], input: [0, 0, 1], output: [0, 0, window.stride[1]] },
            Loop { count: input.channels, input: [1, 0, 0], output: [1, 0, 0] },
        ];
        self.step(group, rearranged(&Move { fill: true, from, to, loops }, input, map));
        self.conv(group, map, Window { stride: [1, 1], before: [0; 2], after: [0; 2], ..*window }, groups);
    }

    fn conv(&mut self, group: &Group, input: View, window: Window, groups: usize) {
        let output = self.places.view(group.outputs[0]);
        let residual = group.residual.map(|t| self.places.view(t));
        let (act, after) = (group.act.clone(), group.after.clone());
        let choice = self.winograd(group, &window, groups, input, output);
        if let Some(Choice { blocks: Some(blocks), why }) = choice {
            let weights = self.pack_winograd(group, blocks.side);
            let Blocks { side, tiles, count: blocks } = blocks;
            let scratch = self.scratch(sizes::winograd_scratch(side, tiles, blocks, input.channels));
            let work =
                Work::Winograd { input, output, window, weights, act, residual, after, side, tiles, blocks, scratch };
            self.step(group, work);
            self.because(why);
            return;
        }
        let packed = self.pack_conv(group);
        if groups == input.channels && groups == output.channels {
            let means = self.row_means(group.outputs[0]);
            self.step(group, Work::Depthwise { input, output, window, weights: packed, act, residual, after, means });
            return;
        }
        let weights = match group.gate {
            None => Weights::Packed(packed),
            Some(Gate { gate, .. }) => {
                let scratch = self.scratch(packed.len);
                let gate = self.places.view(gate);
                let (outputs, inputs, taps) = (output.channels, input.channels, window.kernel[0] * window.kernel[1]);
                self.step(group, Work::ScalePanels { weights: packed, gate, output: scratch, outputs, inputs, taps });
                Weights::Gated(scratch)
            }
        };
        let size = [output.height, output.width];
        let pad = sizes::padded(&window, input.shape(), size, output.height).map(|len| self.scratch(len));
        let line = tiling::line(&window, pad.is_some(), output);
        let taps = window.kernel[0] * window.kernel[1];
        let each = [taps, input.channels / groups, output.channels / groups];
        let pairs = in_pairs(each, line, self.options).map(|len| self.scratch(groups * len));
        self.step(group, Work::Conv { input, output, window, groups, weights, act, residual, after, pad, pairs });
        if let Some(Choice { why, .. }) = choice {
            self.because(why);
        }
    }

    /// Whether Winograd's algorithm is the faster way, where it is one.
    fn winograd(&self, group: &Group, window: &Window, groups: usize, input: View, output: View) -> Option<Choice> {
        // of a gate the weights are needed as they are
        let plain = matches!(self.flow.items[group.head].primitive, Primitive::Conv { .. }) && group.gate.is_none();
        if !plain || groups != 1 || window.kernel != [3, 3] || window.stride != [1, 1] {
            return None;
        }
        let size = [output.height, output.width];
        Some(winograd::choose(size, window.dilation, input.channels, output.channels, self.options))
    }

    /// The components of a convolution with the batch norm after it, for tiles of `side` outputs along an axis.
    fn pack_winograd(&mut self, group: &Group, side: usize) -> Range {
        let item = &self.flow.items[group.head];
        let Primitive::Conv { bias, .. } = item.primitive else { unreachable!("called for convolutions") };
        let (weight, bias, norm) = (item.weights[0], bias.then(|| item.weights[1]), self.norm(group.norm));
        let (inputs, outputs) =
            (self.flow.shape(item.inputs[0]).channels(), self.flow.shape(item.outputs[0]).channels());
        let len = sizes::winograd_panels(outputs, inputs, side);
        self.pack(len, |at| Pack::Winograd { at, weight, bias, norm, outputs, inputs, side })
    }

    /// The panels of a convolution with the batch norm after it.
    fn pack_conv(&mut self, group: &Group) -> Range {
        let item = &self.flow.items[group.head];
        let (window, groups, bias, transposed) = match item.primitive {
            Primitive::Conv { window, groups, bias } => (window, groups, bias, false),
            Primitive::ConvTranspose { window, groups, bias } => (window, groups, bias, true),
            _ => unreachable!("called for convolutions"),
        };
        let (weight, bias, norm) = (item.weights[0], bias.then(|| item.weights[1]), self.norm(group.norm));
        let taps = window.kernel[0] * window.kernel[1];
        let (channels, outputs) =
            (self.flow.shape(item.inputs[0]).channels(), self.flow.shape(item.outputs[0]).channels());
        if groups == channels && groups == outputs {
            let len = sizes::panels(channels, taps);
            return self.pack(len, |at| Pack::Depthwise { at, weight, bias, norm, channels, taps, transposed });
        }
        let inputs = channels / groups;
        let len = groups * sizes::panels(outputs / groups, inputs * taps);
        self.pack(len, |at| Pack::Conv { at, weight, bias, norm, outputs, inputs, taps, groups, transposed })
    }

    /// Scratch memory of `len` floats, in the arena.
    fn scratch(&mut self, len: usize) -> View {
        View::dense(self.places.scratch(len), Shape::Vector(len))
    }

    /// A depthwise convolution joined with its neighbours.
    fn joined(&mut self, Joined { expand, depthwise, project, .. }: &Joined) {
        let Primitive::Conv { window, .. } = self.flow.items[depthwise.head].primitive else {
            unreachable!("called for convolutions")
        };
        let (first, last) = (expand.as_ref().unwrap_or(depthwise), project.as_ref().unwrap_or(depthwise));
        let (input, output) = (self.places.view(first.inputs[0]), self.places.view(last.outputs[0]));
        let middle = self.flow.shape(depthwise.outputs[0]);
        let expand = expand.as_ref().map(|group| Box::new(self.expansion(group, input)));
        let row = middle.width() * middle.channels();
        let band = match expand {
            None if row < FAR_ROW_FLOATS => 1,
            _ => (self.options.block_floats / row).clamp(1, middle.height()),
        };
        let weights = self.pack_conv(depthwise);
        let project = project.as_ref().map(|group| Projection {
            weights: self.pack_conv(group),
            pairs: in_pairs([1, middle.channels(), output.channels], tiling::rows(middle, band), self.options)
                .map(|len| self.scratch(len)),
            act: group.act.clone(),
            residual: group.residual.map(|t| self.places.view(t)),
            after: group.after.clone(),
            rows: self.scratch(band * row),
        });
        let path = |group: &Group| self.flow.items[group.head].path.clone();
        let path = if first.head == last.head { path(first) } else { format!("{} .. {}", path(first), path(last)) };
        let act = depthwise.act.clone();
        let work = match (expand, project) {
            (None, Some(project)) => Work::Separable { input, output, middle, window, band, weights, act, project },
            (Some(expand), project) => {
                let ring = self.scratch(sizes::ring(&window, expand.shape, middle));
                let means = if project.is_none() { self.row_means(depthwise.outputs[0]) } else { None };
                Work::Joined { input, output, middle, window, band, expand, weights, act, project, means, ring }
            }
            (None, None) => unreachable!("a joined convolution has a neighbour"),
        };
        self.steps.push(Step::new(path, work));
    }

    /// What makes the rows of a joined depthwise convolution.
    fn expansion(&mut self, group: &Group, input: View) -> Expansion {
        let Primitive::Conv { window, .. } = self.flow.items[group.head].primitive else {
            unreachable!("called for convolutions")
        };
        let shape = self.flow.shape(group.outputs[0]);
        let pad = sizes::padded(&window, input.shape(), [shape.height(), shape.width()], 1);
        let pad = pad.map(|len| self.scratch(len));
        Expansion { window, shape, weights: self.pack_conv(group), act: group.act.clone(), pad }
    }

    /// Room for the means of the rows of a map, where its global average is wanted.
    fn row_means(&mut self, map: TensorId) -> Option<View> {
        self.flow.consumers(map).iter().find(|&&item| self.flow.is_global_average(item))?;
        let shape = self.flow.shape(map);
        let (height, channels) = (shape.height(), shape.channels());
        let means = View::dense(self.places.scratch(height * channels), Shape::map(channels, height, 1));
        self.row_means.insert(map, means);
        Some(means)
    }

    /// Parts that could not be written where they belong are copied there.
    fn concat(&mut self, group: &Group, axis: Axis) {
        let whole = self.places.view(group.outputs[0]);
        let mut from = 0;
        for &part in &group.inputs {
            let input = self.places.view(part);
            let len = match axis {
                Axis::Channels => input.channels,
                Axis::Height => input.height,
                Axis::Width => input.width,
            };
            if axis == Axis::Width {
                let input = self.dense(group, input).rows_as_pixels();
                let rows = whole.rows_as_pixels();
                let output = rows.run(Axis::Channels, from * whole.channels, len * whole.channels);
                self.step(group, Work::Copy { input, output });
            } else {
                let output = whole.run(axis, from, len);
                if (input.buffer, input.offset) != (output.buffer, output.offset) {
                    self.step(group, Work::Copy { input, output });
                }
            }
            from += len;
        }
    }

    /// The groups of channels that a shuffle takes in turn: its inputs, or runs of its only one.
    fn groups(&self, shuffle: &Group, groups: usize) -> Vec<View> {
        match shuffle.inputs[..] {
            [whole] => {
                let whole = self.places.view(whole);
                let channels = whole.channels / groups;
                (0..groups).map(|g| whole.run(Axis::Channels, g * channels, channels)).collect()
            }
            _ => shuffle.inputs.iter().map(|&part| self.places.view(part)).collect(),
        }
    }

    fn slice_columns(&mut self, group: &Group, start: usize, lengths: &[usize]) {
        let source = self.places.view(group.inputs[0]);
        let source = self.dense(group, source);
        let mut from = start;
        for (&t, &len) in group.outputs.iter().zip(lengths) {
            if !self.flow.consumers(t).is_empty() || self.flow.is_output(t) {
                let channels = source.channels;
                let input = source.rows_as_pixels().run(Axis::Channels, from * channels, len * channels);
                let output = self.places.view(t).rows_as_pixels();
                self.step(group, Work::Copy { input, output });
            }
            from += len;
        }
    }

    /// The same map without gaps between its pixels, copied if need be.
    fn dense(&mut self, group: &Group, view: View) -> View {
        if view.is_dense() {
            return View { stride: view.channels, ..view };
        }
        let buffer = self.places.scratch(view.pixels() * view.channels);
        let output = View { buffer, offset: 0, stride: view.channels, ..view };
        self.step(group, Work::Copy { input: view, output });
        output
    }

    /// Outputs that stand elsewhere (an input handed on, part of a concatenation, one tensor twice) are copied at the end.
    fn outputs(&mut self) {
        for (i, &t) in self.flow.outputs.iter().enumerate() {
            let input = self.places.view(t);
            if self.places.buffers[input.buffer.0].home == Home::Output(i) && input.offset == 0 {
                continue;
            }
            self.places.buffers.push(crate::plan::Buffer { home: Home::Output(i), len: self.flow.shape(t).elements() });
            let buffer = BufferId(self.places.buffers.len() - 1);
            let output = View { buffer, offset: 0, stride: input.channels, ..input };
            let why = vec!["copied: it is an input, a part of another tensor, or an output twice".to_owned()];
            self.steps.push(Step { why, ..Step::new("output".to_owned(), Work::Copy { input, output }) });
        }
    }

    fn norm(&self, item: Option<usize>) -> Option<Norm> {
        let item = &self.flow.items[item?];
        let Primitive::BatchNorm { eps } = item.primitive else { return None };
        let [gamma, beta, mean, variance] = item.weights[..] else { unreachable!("batch norm has four weights") };
        Some(Norm { gamma, beta, mean, variance, eps })
    }

    fn param(&mut self, group: &Group) {
        let t = group.outputs[0];
        let shape = self.flow.shape(t);
        let weight = self.flow.items[group.head].weights[0];
        let dims = [shape.channels(), shape.height(), shape.width()];
        let range = self.pack(shape.elements(), |at| Pack::Raw { at, weight, dims });
        self.places.put_in_weights(t, range.at, shape);
    }

    /// A vector as it is.
    fn pack_vector(&mut self, weight: usize, len: usize) -> Range {
        self.pack(len, |at| Pack::Raw { at, weight, dims: [len, 1, 1] })
    }

    /// A place of `len` floats for what `pack` describes; the same again where it was packed before.
    fn pack(&mut self, len: usize, pack: impl Fn(usize) -> Pack) -> Range {
        let next = Range { at: self.packed_len, len };
        let range = *self.packed.entry(format!("{:?}", pack(0))).or_insert(next);
        if range == next {
            self.packs.push(pack(range.at));
            self.packed_len += len.next_multiple_of(sizes::LINE);
        }
        range
    }
}

/// A move between two views.
fn rearranged(Move { fill, from, to, loops }: &Move, input: View, output: View) -> Work {
    let floats = |view: View, [c, y, x]: [usize; 3]| (y * view.width + x) * view.stride + c;
    let stride = |l: &Loop| Stride { count: l.count, input: floats(input, l.input), output: floats(output, l.output) };
    let mut strides: Vec<_> = loops.iter().filter(|l| l.count != 1).map(stride).collect();
    let (mut from, mut to) = (floats(input, *from), floats(output, *to));
    if loops.iter().any(|l| l.count == 0) {
        // nothing is moved: all of the input fell off the output's edge
        (from, to) = (0, 0);
        strides.retain(|l| l.count == 0);
    }
    Work::Move { input, output, fill: *fill, from, to, loops: strides }
}

/// Floats of a group's weights in pairs; `None` where the tile of AVX-512 reads none so, as one of a single pixel.
fn in_pairs([taps, inputs, outputs]: [usize; 3], line: Line, options: Options) -> Option<usize> {
    let tile = tiles::conv(tiles::AVX512, options, line, taps * inputs, outputs);
    (line.least > 1 && tile.half > 0).then(|| sizes::pairs(taps, inputs, outputs))
}
