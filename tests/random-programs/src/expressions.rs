//! Statements: each takes tensors in scope and binds what it makes of them.

use crate::net::Writer;
use crate::shape::{Shape, channels};
use crate::{blocks, layers, parts};

/// Writes one statement, or nothing where the tensors in scope do not fit.
type Statement = fn(&mut Writer) -> Option<()>;

const STATEMENTS: &[Statement] = &[
    chain,
    chain,
    chain,
    list,
    list,
    residual,
    arithmetic,
    scalars,
    gate,
    parts::concatenation,
    parts::concatenation,
    parts::branches,
    parts::parts,
    parts::slice,
    shared,
    learnt,
    attention,
    product,
    condition,
    blocks::own,
    blocks::own,
    blocks::table,
    blocks::nested,
];

/// Writes a statement.
pub(crate) fn statement(writer: &mut Writer) {
    let statement = writer.choices.of(STATEMENTS);
    if statement(writer).is_none() {
        let _ = chain(writer);
    }
}

fn chain(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let layers = writer.choices.within(1..=3);
    let (text, shape) = writer.chain(t.shape, layers);
    writer.bind(&format!("{}{text}", t.name), shape, t.degree);
    Some(())
}

/// A list with entries of every kind.
fn list(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let label = writer.label();
    let (entries, shape) = self::entries(writer, t.shape, 0);
    writer.bind(&format!("{} -> {label}: {entries}", t.name), shape, t.degree);
    Some(())
}

fn entries(writer: &mut Writer, mut shape: Shape, depth: usize) -> (String, Shape) {
    let mut text = Vec::new();
    for i in 0..writer.choices.within(1..=3) {
        let kind = writer.choices.below(if depth == 0 { 9 } else { 4 });
        let entry = match kind {
            4 => {
                let (inner, out) = entries(writer, shape, depth + 1);
                shape = out;
                inner
            }
            5 => {
                let inner = layers::same_shape(writer.choices, shape).text;
                let turns = writer.choices.of(&["0..1", "0..2", "1..=2", "[1, 2]", "0..0"]);
                format!("for i in {turns} {{ let k = i; {inner}, if k == 1 {{ ReLU }} }}")
            }
            6 => {
                let taken = layers::layer(writer.choices, shape);
                shape = taken.shape;
                let condition = writer.choices.of(&["true", "1 < 2", "2 * 3 == 6 && !false", "none == none"]);
                format!("if {condition} {{ {} }} else {{ Conv2d(1, 1), ReLU }}", taken.text)
            }
            7 => "if 1 == 2 { Linear(3) }".to_owned(),
            8 => "[]".to_owned(),
            _ => {
                let layer = layers::layer(writer.choices, shape);
                shape = layer.shape;
                match writer.choices.below(6) {
                    4 => format!("entry{i}: {}", layer.text),
                    5 => format!("{}: {}", 10 * (i + 1), layer.text),
                    _ => layer.text,
                }
            }
        };
        text.push(entry);
    }
    (format!("[{}]", text.join(", ")), shape)
}

/// `x + (x -> …)`, either way round, with an activation behind it.
fn residual(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let layers = writer.choices.within(1..=3);
    let text = writer.level_chain(t.shape, layers);
    let name = &t.name;
    let sum = writer.choices.of(&[
        format!("{name} + ({name}{text})"),
        format!("({name}{text}) + {name}"),
        format!("({name}, {name}{text}) -> Sum"),
    ]);
    let after =
        if writer.choices.below(2) == 0 { String::new() } else { format!(" -> {}", layers::act(writer.choices)) };
    writer.bind(&(sum + &after), t.shape, t.degree);
    Some(())
}

/// What two shapes give together, where each axis agrees or is 1.
fn broadcast(a: Shape, b: Shape) -> Option<Shape> {
    let mut out = [0; 3];
    for (axis, (a, b)) in a.sizes().into_iter().zip(b.sizes()).enumerate() {
        out[axis] = if a == b || b == 1 {
            a
        } else if a == 1 {
            b
        } else {
            return None;
        };
    }
    let [channels, height, width] = out;
    let vector = a.sides.is_none() && b.sides.is_none();
    let shape = if vector { Shape::vector(channels) } else { Shape::map(channels, [height, width]) };
    shape.is_small().then_some(shape)
}

/// Two tensors by an operator.
fn arithmetic(writer: &mut Writer) -> Option<()> {
    let a = writer.tensor();
    let b = writer.tensor_that(|b| broadcast(a.shape, b.shape).is_some())?;
    let shape = broadcast(a.shape, b.shape)?;
    let (mut a_text, mut b_text) = (a.name.clone(), b.name.clone());
    if writer.choices.once_in(3) {
        a_text = format!("({a_text}{})", writer.level_chain(a.shape, 1));
    }
    if writer.choices.once_in(3) {
        b_text = format!("({b_text}{})", writer.level_chain(b.shape, 1));
    }
    let degree = a.degree + b.degree;
    let operator = writer.choices.below(if degree <= 3 { 7 } else { 6 });
    let (text, degree) = match operator {
        0 => (format!("{a_text} + {b_text}"), a.degree.max(b.degree)),
        1 => (format!("{a_text} - {b_text}"), a.degree.max(b.degree)),
        2 => (format!("max({a_text}, {b_text})"), a.degree.max(b.degree)),
        3 => (format!("min({a_text}, {b_text})"), a.degree.max(b.degree)),
        // a divisor near zero would enlarge every error
        4 => (format!("{a_text} / (({b_text} -> Sigmoid) + 0.5)"), a.degree),
        5 => (format!("{a_text} * ({b_text} -> Sigmoid)"), a.degree),
        _ => (format!("{a_text} * {b_text}"), degree),
    };
    let after =
        if writer.choices.below(2) == 0 { String::new() } else { format!(" -> {}", layers::act(writer.choices)) };
    writer.bind(&(text + &after), shape, degree);
    Some(())
}

/// Arithmetic with numbers.
fn scalars(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let name = &t.name;
    let number = writer.choices.of(&["1", "0.5", "2", "-1.5", "3", "0.1"]);
    let text = writer.choices.of(&[
        format!("{name} * {number}"),
        format!("{name} + {number}"),
        format!("{number} - {name}"),
        format!("-{name} / 3"),
        format!("max({name}, {number})"),
        format!("min({number}, {name}) - 1"),
        format!("{number} / (({name} -> Sigmoid) + 1)"),
        format!("{name} * ({name} + 3 -> ReLU6) / 6"),
        format!("{name} * ({name} -> Sigmoid)"),
        format!("{name} -> Identity"),
    ]);
    writer.bind(&text, t.shape, t.degree);
    Some(())
}

/// A squeeze and excitation, and what reads it.
fn gate(writer: &mut Writer) -> Option<()> {
    let t = writer.map()?;
    let label = writer.label();
    let (c, hidden) = (t.shape.channels, channels(writer.choices));
    let squeeze = writer.choices.of(&[
        format!("GlobalAvgPool -> {label}: [Linear({hidden}), ReLU, Linear({c}), Sigmoid]"),
        format!("AdaptiveAvgPool2d(1) -> {label}: [Conv2d({hidden}, 1), SiLU, Conv2d({c}, 1), Hardsigmoid]"),
        format!("Mean([height, width]) -> {label}: Conv2d({c}, 1) -> Sigmoid"),
        format!("GlobalAvgPool -> {label}: ChannelConv1d(3) -> Sigmoid"),
    ]);
    let gated =
        writer.choices.of(&[format!("{0} * ({0} -> {squeeze})", t.name), format!("({0} -> {squeeze}) * {0}", t.name)]);
    if writer.choices.below(2) == 0 {
        writer.bind(&gated, t.shape, t.degree);
        return Some(());
    }
    let (text, shape) = writer.chain(t.shape, 1);
    writer.bind(&(gated + &text), shape, t.degree);
    Some(())
}

/// One layer used twice.
fn shared(writer: &mut Writer) -> Option<()> {
    let a = writer.tensor();
    let b = writer.tensor_that(|b| b.shape == a.shape)?;
    let name = writer.fresh("s");
    let (entries, shape) = self::entries(writer, a.shape, 1);
    writer.state(format!("layer {name} = {entries};"));
    let text = writer.choices.of(&[
        format!("({} -> {name}) + ({} -> {name})", a.name, b.name),
        format!("({} -> {name}, {} -> {name}) -> Sum", a.name, b.name),
        format!("max({} -> {name}, {} -> {name})", a.name, b.name),
    ]);
    writer.bind(&text, shape, a.degree.max(b.degree));
    Some(())
}

/// A learnt tensor.
fn learnt(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let mut shape = t.shape;
    for axis in 0..3 {
        if writer.choices.below(2) == 0 {
            shape = shape.resized(axis, 1);
        }
    }
    let name = writer.fresh("w");
    let [c, h, w] = shape.sizes();
    let stated = match (shape.sides, writer.choices.below(3)) {
        (Some(_), 2) => format!("[1, {c}, {h}, {w}]"),
        _ => shape.to_string(),
    };
    writer.state(format!("param {name}: {stated};"));
    let text = writer.choices.of(&[
        format!("{} * {name}", t.name),
        format!("{name} + {}", t.name),
        format!("{} - {name} -> ReLU", t.name),
    ]);
    writer.bind(&text, t.shape, t.degree);
    Some(())
}

fn attention(writer: &mut Writer) -> Option<()> {
    let (a, b) = (writer.map()?, writer.map()?);
    let heads = writer.choices.within(1..=4);
    let width = writer.choices.within(1..=9);
    let c = heads * width;
    let keys = writer.choices.of(&[c, width]);
    let (values, out) = match writer.choices.below(3) {
        0 => (c, c),
        1 => (width, c),
        _ if heads > 1 => (heads * (width + 1), heads * (width + 1)),
        _ => (width + 2, width + 2),
    };
    let shape = Shape::map(out, a.shape.sides?);
    if !shape.is_small() || b.shape.pixels() * a.shape.pixels() > 40_000 {
        return None;
    }
    let [q, k, v, p] = ["q", "k", "v", "p"].map(|letter| writer.fresh(letter));
    let projected = format!(
        "({a} -> {q}: Conv2d({c}, 1), {b} -> {k}: Conv2d({keys}, 1), {b} -> {v}: Conv2d({values}, 1)) -> Attention({heads})",
        a = a.name,
        b = b.name,
    );
    let after = writer.choices.of(&[String::new(), format!(" -> {p}: Conv2d({out}, 1)")]);
    writer.bind(&(projected + &after), shape, b.degree);
    Some(())
}

fn product(writer: &mut Writer) -> Option<()> {
    let a = writer.map()?;
    let [c, h, k] = a.shape.sizes();
    let b = writer.tensor_that(|b| b.shape.sides.is_some_and(|[height, _]| height == k) && b.shape.channels == c);
    let (b, w, degree) = match b {
        Some(b) => (b.name.clone(), b.shape.sides?[1], a.degree + b.degree),
        None => (format!("({} -> Transpose(height, width))", a.name), h, 2 * a.degree),
    };
    let shape = Shape::map(c, [h, w]);
    if degree > 3 || !shape.is_small() {
        return None;
    }
    let after = writer.choices.of(&["", " -> ReLU", " -> Tanh"]);
    writer.bind(&format!("({}, {b}) -> MatMul{after}", a.name), shape, degree);
    Some(())
}

/// `if` as an expression, of tensors and of layers.
fn condition(writer: &mut Writer) -> Option<()> {
    let t = writer.tensor();
    let name = &t.name;
    let c = t.shape.channels;
    let layer = layers::same_shape(writer.choices, t.shape);
    let label = writer.label();
    let text = writer.choices.of(&[
        format!("if {name}.channels == {c} {{ {name} -> {label}: {} }} else {{ {name} }}", layer.text),
        format!("{name} -> if {name}.height > 1000 {{ Conv2d(3, 1) }} else {{ {label}: {} }}", layer.text),
        format!("{name} -> {label}: if max({c}, 2) % 2 < 0 {{ ReLU }} else {{ {} }}", layer.text),
    ]);
    writer.bind(&text, t.shape, t.degree);
    Some(())
}
