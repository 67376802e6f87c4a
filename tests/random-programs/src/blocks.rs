//! Blocks with parameters and defaults, tables, blocks within blocks.

use crate::layers;
use crate::net::{Tensor, Writer};
use crate::shape::{Shape, channels};

const RESIDUAL: &str = "block Residual(x; out, k = 3, s = 1, act = ReLU, norm = BatchNorm2d(eps = 1e-3)) {
    require(k % 2 == 1, \"k ({k}) must be odd\");
    let y = x -> conv1: Conv2d(out, k, s, padding = k / 2, bias = false) -> bn1: norm -> act
        -> conv2: Conv2d(out, k, padding = k / 2, bias = false) -> bn2: norm;
    let short = if s == 1 && out == x.channels { x } else { x -> downsample: [Conv2d(out, 1, s, bias = false), norm] };
    y + short -> act
}
";

const GHOST: &str = "block Ghost(x; out, ratio = 2, init = out / ratio, act = ReLU) {
    let a = x -> primary: [Conv2d(init, 1, bias = false), BatchNorm2d, act];
    let b = a -> cheap: [Conv2d(out - init, 3, padding = 1, groups = gcd(init, out - init), bias = false), BatchNorm2d, act];
    (a, b) -> Concat
}
";

const MIX: &str = "block Mix(a, b; act = ReLU, hidden = a.channels + 1) {
    let s = (a -> p: Conv2d(hidden, 1)) * (b -> GlobalAvgPool -> q: Linear(hidden) -> Sigmoid) -> act;
    (s -> u: Conv2d(a.channels, 1), (b -> v: Conv2d(b.channels, 3, padding = 1, groups = b.channels)) + b)
}
";

const STAGE: &str = "block Stage(x; k, hidden, out, act, s) {
    let y = x -> block: [
        if hidden != x.channels { Conv2d(hidden, 1, bias = false), BatchNorm2d, act },
        Conv2d(hidden, k, stride = s, padding = k / 2, groups = hidden, bias = false), BatchNorm2d, act,
        if hidden % 4 == 0 { SEBlock },
        Conv2d(out, 1, bias = false), BatchNorm2d,
    ];
    if s == 1 && x.channels == out { x + y } else { y }
}
";

impl Writer<'_> {
    /// Defines a block, once.
    fn define(&mut self, name: &'static str, text: &str) {
        if self.blocks.insert(name) {
            self.items.push(text.to_owned());
        }
    }
}

/// One of the blocks above, with some of its parameters.
pub(crate) fn own(writer: &mut Writer) -> Option<()> {
    let t = writer.map()?;
    let label = writer.label();
    let out = if writer.choices.below(2) == 0 { t.shape.channels } else { channels(writer.choices) };
    let act = layers::act(writer.choices);
    match writer.choices.below(3) {
        0 => {
            let (k, s) = (writer.choices.of(&[3, 1, 5]), writer.choices.within(1..=2));
            let shape = Shape::map(out, t.shape.sides?.map(|side| (side - 1) / s + 1));
            if !shape.is_small() || shape.elements() * t.shape.channels.max(out) * k * k > 400_000 {
                return None;
            }
            let arguments = writer.choices.of(&[
                format!("{out}, {k}, {s}"),
                format!("{out}, s = {s}, k = {k}, act = {act}"),
                format!("out = {out}, k = {k}, s = {s}, norm = GroupNorm(1)"),
            ]);
            writer.define("Residual", RESIDUAL);
            writer.bind(&format!("{} -> {label}: Residual({arguments})", t.name), shape, t.degree);
        }
        1 => {
            let out = out.max(2);
            let arguments = writer.choices.of(&[
                format!("{out}"),
                format!("{out}, act = {act}"),
                format!("{out}, init = {}", out.div_ceil(2)),
                format!("{out}, 2, {}, {act}", out - 1),
            ]);
            let shape = t.shape.with_channels(out);
            writer.define("Ghost", GHOST);
            shape
                .is_small()
                .then(|| writer.bind(&format!("{} -> {label}: Ghost({arguments})", t.name), shape, t.degree))?;
        }
        _ => {
            let other = writer.map()?;
            let call = writer.choices.of(&["Mix".to_owned(), format!("Mix(act = {act})"), format!("Mix({act}, 5)")]);
            let names = [0; 2].map(|_| writer.fresh("m"));
            writer.define("Mix", MIX);
            writer.state(format!("let ({}) = ({}, {}) -> {label}: {call};", names.join(", "), t.name, other.name));
            for (name, from) in names.into_iter().zip([t, other]) {
                writer.tensors.push(Tensor { name, shape: from.shape, degree: from.degree });
            }
        }
    }
    Some(())
}

/// A table of stages, walked by a `for`.
pub(crate) fn table(writer: &mut Writer) -> Option<()> {
    let t = writer.map()?;
    let mut shape = t.shape;
    let mut rows = Vec::new();
    for _ in 0..writer.choices.within(1..=3) {
        let (k, s) = (writer.choices.of(&[3, 5]), writer.choices.of(&[1, 1, 2]));
        let hidden = writer.choices.of(&[shape.channels, 8, 12, 18, 20, 33]);
        let other = channels(writer.choices);
        let out = writer.choices.of(&[shape.channels, other]);
        let act = layers::act(writer.choices);
        rows.push(format!("({k}, {hidden}, {out}, {act}, {s})"));
        if hidden * shape.pixels() * shape.channels.max(out).max(k * k) > 400_000 {
            return None;
        }
        shape = Shape::map(out, shape.sides?.map(|side| (side - 1) / s + 1));
    }
    let label = writer.label();
    let rows = format!("[{}]", rows.join(", "));
    let table = if writer.choices.below(2) == 0 {
        let name = writer.fresh("TABLE");
        writer.items.push(format!("const {name} = {rows};\n"));
        name
    } else {
        rows
    };
    writer.define("Stage", STAGE);
    let text =
        format!("{} -> {label}: [for (k, hidden, out, act, s) in {table} {{ Stage(k, hidden, out, act, s) }}]", t.name);
    shape.is_small().then(|| writer.bind(&text, shape, t.degree))
}

/// A block of random layers, written for one shape and used once or twice; or a layer as a value.
pub(crate) fn nested(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let layer = layers::same_shape(writer.choices, t.shape);
    let label = writer.label();
    if writer.choices.below(3) == 0 {
        let value = writer.fresh("value");
        writer.state(format!("let {value} = {};", layer.text));
        writer.bind(&format!("{} -> {label}: [{value}, {value}]", t.name), t.shape, t.degree);
        return Some(());
    }
    let name = writer.fresh("Own");
    let (first, last) = (layers::same_shape(writer.choices, t.shape), layers::layer(writer.choices, t.shape));
    let residual = writer.choices.of(&["a", "a + x", "x - a", "max(a, x)"]);
    writer.items.push(format!(
        "block {name}(x; f = ReLU) {{\n    let a = x -> first: {} -> f;\n    {residual} -> second: [{}]\n}}\n",
        first.text, layer.text,
    ));
    let act = layers::act(writer.choices);
    let call = writer.choices.of(&[name.clone(), format!("{name}(f = {act})")]);
    let again = writer.choices.of(&["", &name]);
    let entries =
        [&call, again, &last.text].into_iter().filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join(", ");
    let text = format!("{} -> {label}: [{entries}]", t.name);
    writer.bind(&text, last.shape, t.degree);
    Some(())
}
