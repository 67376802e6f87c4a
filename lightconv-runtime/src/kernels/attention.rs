//! Attention over pixels.

use super::Map;
use super::matmul::{Rows, TILE, product};
use super::shape::channels_softmax;
use crate::activation::Identity;
use crate::memory::{Dst, Src};
use crate::simd::Simd;

/// The sizes of an attention: the channels of queries, keys and values are cut into heads, runs of channels one after the
/// other. Keys and values have as many heads as the queries, or one that serves all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// The pixels that attend.
    pub query: Map,
    /// The pixels attended to.
    pub key: Map,
    /// What those have to say: a pixel for each of `key`.
    pub value: Map,
    /// What goes out: a pixel for each of `query`.
    pub output: Map,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of the keys: as many, or 1.
    pub key_heads: usize,
    /// Heads of the values: as many, or 1.
    pub value_heads: usize,
}

impl Attention {
    /// Floats of the scratch: the keys of a head, transposed, and the scores of a tile of pixels.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        (self.query.channels / self.heads + TILE) * self.key.pixels()
    }
}

/// For each head and each pixel of `query`: the mean of the pixels of `value`, weighted by the softmax of the products of the
/// query with each key, divided by the root of the head's channels. `scratch` is of [`Attention::scratch_len`] floats.
///
/// # Panics
/// When a view is too small, or the sizes do not fit.
#[inline(always)]
pub fn attention<S: Simd>(s: S, sizes: Attention, query: Src, key: Src, value: Src, scratch: Dst, dst: Dst) {
    let Attention { query: q, key: k, value: v, output, heads, key_heads, value_heads } = sizes;
    let (width, value_width) = (q.channels / heads, v.channels / value_heads);
    assert!(width * heads == q.channels && width * key_heads == k.channels, "heads of queries and keys must agree");
    assert!(
        value_width * value_heads == v.channels && value_width * heads == output.channels,
        "values make the output"
    );
    assert!(
        k.pixels() == v.pixels() && q.pixels() == output.pixels(),
        "a value for each key, an output for each query"
    );
    assert!(
        (key_heads == heads || key_heads == 1) && (value_heads == heads || value_heads == 1),
        "one head serves all, or each has its own"
    );
    let keys = k.pixels();
    let (transposed, scores) = (scratch.cut(0, width * keys), scratch.cut(width * keys, TILE * keys));
    let factor = root(s, width);
    for head in 0..heads {
        let (key_head, value_head) = (head.min(key_heads - 1), head.min(value_heads - 1));
        if head == 0 || key_heads > 1 {
            transpose(key.after(key_head * width), k, width, transposed);
        }
        let mut pixel = 0;
        while pixel < q.pixels() {
            let rows = TILE.min(q.pixels() - pixel);
            product(
                s,
                [rows, width, keys],
                Rows { view: query.after(pixel * q.stride + head * width), step: q.stride },
                Rows { view: transposed.as_src(), step: keys },
                Rows { view: scores, step: keys },
                factor,
                Identity,
            );
            for row in 0..rows {
                let scores = scores.cut(row * keys, keys);
                channels_softmax(s, scores.as_src(), scores);
            }
            product(
                s,
                [rows, keys, value_width],
                Rows { view: scores.as_src(), step: keys },
                Rows { view: value.after(value_head * value_width), step: v.stride },
                Rows { view: dst.after(pixel * output.stride + head * value_width), step: output.stride },
                1.0,
                Identity,
            );
            pixel += rows;
        }
    }
}

/// `1 / sqrt(n)`.
#[inline(always)]
fn root<S: Simd>(s: S, n: usize) -> f32 {
    // the largest lane: all are the same
    s.reduce_max(s.div(s.splat(1.0), s.sqrt(s.splat(n as f32))))
}

/// The first `channels` of all pixels, channel by channel.
#[inline(always)]
fn transpose(src: Src, map: Map, channels: usize, dst: Dst) {
    let pixels = map.pixels();
    let (src, dst) = (src.cut(0, (pixels - 1) * map.stride + channels), dst.cut(0, channels * pixels));
    for pixel in 0..pixels {
        for c in 0..channels {
            dst.set(c * pixels + pixel, src.get(pixel * map.stride + c));
        }
    }
}
