//! Products of tensors: `MatMul` and `Attention`.

use super::args::Bound;
use super::conv::near_divisors;
use super::{ArgSpec, Array, LayerSpec, OpCost, OpError, Operator, Primitive, addressable, product};
use crate::shape::Shape;
use std::rc::Rc;

/// The layers of this family.
pub const LAYERS: &[LayerSpec] = &[
    LayerSpec {
        name: "MatMul",
        args: &[],
        build: build_matmul,
        doc: "MatMul: `(a, b) -> MatMul`, [C, H, K] and [C, K, W] to [C, H, W], the matrix product of each channel (torch.matmul)",
    },
    LayerSpec {
        name: "Attention",
        args: &[ArgSpec::required("num_heads")],
        build: build_attention,
        doc: "Attention(num_heads): `(q, k, v) -> Attention(h)`, attention of the pixels of q to those of k and v: in each head, a run \
              of channels, softmax(q k / sqrt(d)) v; k and v may each have one head that serves all (as \
              torch.nn.functional.scaled_dot_product_attention; counted as torch.matmul, F.softmax, torch.matmul)",
    },
];

/// The inputs of a layer that takes `N` maps, each as channels, height, width.
fn maps<const N: usize>(layer: &str, written: &str, inputs: &[Shape]) -> Result<[[usize; 3]; N], OpError> {
    let Ok(inputs) = <[Shape; N]>::try_from(inputs) else {
        let count = inputs.len();
        let tensors = if count == 1 { "1 tensor".to_owned() } else { format!("{count} tensors") };
        return Err(OpError::new(format!("`{layer}` takes a tuple of {N} tensors, found {tensors}"))
            .help(format!("write `{written}`")));
    };
    if let Some(vector) = inputs.iter().find(|shape| matches!(shape, Shape::Vector(_))) {
        return Err(OpError::new(format!("`{layer}` takes maps [channels, height, width], found {vector}")));
    }
    Ok(inputs.map(|shape| [shape.channels(), shape.height(), shape.width()]))
}

fn build_matmul(_: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [a, b] = maps("MatMul", "(a, b) -> MatMul", inputs)?;
    let fault = if a[0] != b[0] {
        Some("their channels differ".to_owned())
    } else if a[2] != b[1] {
        Some(format!("the width of the first, {}, is not the height of the second, {}", a[2], b[1]))
    } else {
        None
    };
    if let Some(fault) = fault {
        return Err(OpError::new(format!("cannot multiply {} by {}: {fault}", inputs[0], inputs[1]))
            .help("`MatMul` takes [C, H, K] and [C, K, W]"));
    }
    let output = addressable("MatMul", Shape::map(a[0], a[1], b[2]))?;
    Ok(Rc::new(MatMul { inner: a[2], output }))
}

fn build_attention(args: &Bound, inputs: &[Shape]) -> Result<Rc<dyn Operator>, OpError> {
    let [query, key, value] = maps("Attention", "(q, k, v) -> Attention(num_heads)", inputs)?;
    let heads = args.positive("num_heads", None)?;
    let channels = query[0];
    if !channels.is_multiple_of(heads) {
        let message = format!(
            "`Attention({heads})` does not divide the channels of the queries {}, {channels}, into heads",
            inputs[0]
        );
        let help = format!("{} heads would do", near_divisors(channels, heads));
        return Err(OpError::argument("num_heads", message).help(help));
    }
    let width = channels / heads;
    if key[0] != channels && key[0] != width {
        let one = if heads == 1 { String::new() } else { format!(", or {width}: one head that serves all") };
        return Err(OpError::new(format!("the keys {} have {} channels", inputs[1], key[0]))
            .help(format!("they must have those of the queries, {channels}{one}")));
    }
    let value_heads = if value[0] == width { 1 } else { heads };
    if !value[0].is_multiple_of(value_heads) {
        let message = format!(
            "`Attention({heads})` does not divide the channels of the values {}, {}, into heads",
            inputs[2], value[0]
        );
        let help = format!("a multiple of {heads} would do, or {width}: one head that serves all");
        return Err(OpError::new(message).help(help));
    }
    if key[1..] != value[1..] {
        return Err(OpError::new(format!(
            "the keys {} and the values {} differ in height or width",
            inputs[1], inputs[2]
        ))
        .help("there must be a value for each key; the queries may be more or fewer"));
    }
    let value_width = value[0] / value_heads;
    let output = Shape::map(value_width.saturating_mul(heads), query[1], query[2]);
    Ok(Rc::new(Attention {
        heads,
        width,
        value_width,
        key_heads: key[0] / width,
        value_heads,
        keys: key[1] * key[2],
        output: addressable("Attention", output)?,
    }))
}

#[derive(Debug)]
struct MatMul {
    inner: usize,
    output: Shape,
}

impl Operator for MatMul {
    fn name(&self) -> &'static str {
        "MatMul"
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let [channels, height, width] = [self.output.channels(), self.output.height(), self.output.width()];
        let products = product(&[channels, height, width, self.inner]);
        OpCost { macs: 0, elementwise: products.saturating_mul(2), ptflops: products, fvcore: products }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let (height, width) = (self.output.height(), self.output.width());
        let mut result = Array::zeros(self.output);
        for (c, plane) in result.data.chunks_exact_mut(height * width).enumerate() {
            let a = &inputs[0].data[c * height * self.inner..];
            let b = &inputs[1].data[c * self.inner * width..];
            for (i, sum) in plane.iter_mut().enumerate() {
                let (y, x) = (i / width, i % width);
                *sum = (0..self.inner).map(|k| a[y * self.inner + k] * b[k * width + x]).sum();
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::MatMul
    }
}

#[derive(Debug)]
struct Attention {
    heads: usize,
    /// Channels of a head of queries and keys.
    width: usize,
    /// Channels of a head of values.
    value_width: usize,
    /// `heads`, or 1 where one serves all.
    key_heads: usize,
    /// The same of the values.
    value_heads: usize,
    /// Pixels attended to.
    keys: usize,
    output: Shape,
}

impl Operator for Attention {
    fn name(&self) -> &'static str {
        "Attention"
    }

    fn describe(&self) -> String {
        format!("Attention({})", self.heads)
    }

    fn outputs(&self) -> Vec<Shape> {
        vec![self.output]
    }

    fn cost(&self) -> OpCost {
        let scores = product(&[self.heads, self.output.pixels(), self.keys]);
        let products = scores.saturating_mul((self.width + self.value_width) as u64);
        OpCost {
            macs: 0,
            elementwise: products.saturating_mul(2).saturating_add(scores),
            ptflops: products.saturating_add(scores),
            fvcore: products,
        }
    }

    fn evaluate(&self, inputs: &[&Array], _: &[&Array]) -> Vec<Array> {
        let [query, key, value] = [0, 1, 2].map(|i| &inputs[i].data);
        let (queries, keys) = (self.output.pixels(), self.keys);
        let mut result = Array::zeros(self.output);
        for head in 0..self.heads {
            let key_head = if self.key_heads == 1 { 0 } else { head };
            let value_head = if self.value_heads == 1 { 0 } else { head };
            for i in 0..queries {
                let score = |j: usize| {
                    let products = (0..self.width).map(|c| {
                        query[(head * self.width + c) * queries + i] * key[(key_head * self.width + c) * keys + j]
                    });
                    products.sum::<f64>() / (self.width as f64).sqrt()
                };
                let scores: Vec<f64> = (0..keys).map(score).collect();
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let weights: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
                let sum: f64 = weights.iter().sum();
                for c in 0..self.value_width {
                    let values = &value[(value_head * self.value_width + c) * keys..][..keys];
                    let products: f64 = values.iter().zip(&weights).map(|(x, weight)| x * weight).sum();
                    result.data[(head * self.value_width + c) * queries + i] = products / sum;
                }
            }
        }
        vec![result]
    }

    fn lower(&self) -> Primitive {
        Primitive::Attention { heads: self.heads, key_heads: self.key_heads, value_heads: self.value_heads }
    }
}
