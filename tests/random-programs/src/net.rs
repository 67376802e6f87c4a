//! A program as it is written: statement by statement, with the shape of every tensor.

use crate::layers::{self, Layer};
use crate::shape::{Shape, channels};
use crate::{Choices, expressions, large};
use std::collections::HashSet;

/// A tensor in scope.
#[derive(Clone)]
pub(crate) struct Tensor {
    pub name: String,
    pub shape: Shape,
    /// How many factors it may be a product of: bounds its size.
    pub degree: usize,
}

/// What has been written, and what is in scope.
pub(crate) struct Writer<'c> {
    pub choices: &'c mut Choices,
    pub tensors: Vec<Tensor>,
    /// Blocks and constants.
    pub items: Vec<String>,
    /// Names of the blocks among them.
    pub blocks: HashSet<&'static str>,
    statements: Vec<String>,
    named: usize,
}

/// A program of one net, `Test`.
#[must_use]
pub fn program(choices: &mut Choices) -> String {
    if choices.once_in(30) {
        return large::program(choices);
    }
    let statements = choices.within(1..=6);
    let mut writer = Writer {
        choices,
        tensors: Vec::new(),
        items: Vec::new(),
        blocks: HashSet::new(),
        statements: Vec::new(),
        named: 0,
    };
    let inputs = inputs(&mut writer);
    for _ in 0..statements {
        expressions::statement(&mut writer);
    }
    let (result, stated) = outputs(&mut writer);
    let Writer { items, statements, .. } = writer;
    let body: String = statements.iter().map(|s| format!("    {s}\n")).collect();
    let net = format!("pub net Test({inputs}) -> {stated} {{\n{body}    {result}\n}}\n");
    // items may stand in any order
    let (before, after) = items.split_at(items.len() / 2);
    before.concat() + &net + &after.concat()
}

/// The inputs: maps as a rule, of shapes that often have something in common, and vectors.
fn inputs(writer: &mut Writer) -> String {
    let first = {
        let sides = [0, 1].map(|_| writer.choices.of(&[6, 4, 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17]));
        let sides = if writer.choices.once_in(3) { sides } else { [sides[0]; 2] };
        Shape::map(channels(writer.choices), sides)
    };
    let count = writer.choices.of(&[1, 1, 1, 2, 2, 3]);
    let mut text = Vec::new();
    for i in 0..count {
        let shape = match (i, writer.choices.below(4)) {
            (0, 0..=2) | (_, 0) => first,
            (_, 1) => first.with_channels(channels(writer.choices)),
            (_, 2) => Shape::vector(channels(writer.choices)),
            _ => Shape::vector(first.channels),
        };
        let name = ["x", "other", "third"][i].to_owned();
        text.push(format!("{name}: {shape}"));
        writer.tensors.push(Tensor { name, shape, degree: 1 });
    }
    text.join(", ")
}

/// The result and its stated shape: the last tensor, and others now and then.
fn outputs(writer: &mut Writer) -> (String, String) {
    let last = writer.tensors.len() - 1;
    let mut chosen = vec![last];
    for _ in 0..writer.choices.of(&[0, 0, 0, 1, 1, 2, 3]) {
        chosen.push(writer.choices.below(last + 1));
    }
    if writer.choices.once_in(4) {
        chosen.reverse();
    }
    let names: Vec<String> = chosen.iter().map(|&i| writer.tensors[i].name.clone()).collect();
    let shapes: Vec<String> = chosen.iter().map(|&i| writer.tensors[i].shape.to_string()).collect();
    match names.len() {
        1 => (names[0].clone(), shapes[0].clone()),
        _ => (format!("({})", names.join(", ")), format!("({})", shapes.join(", "))),
    }
}

impl Writer<'_> {
    /// Some tensor, one of the last as a rule.
    pub fn tensor(&mut self) -> Tensor {
        let n = self.tensors.len();
        let back = if self.choices.once_in(3) { self.choices.below(n) } else { self.choices.below(n.min(2)) };
        self.tensors[n - 1 - back].clone()
    }

    /// One that `fits`, one of the last as a rule.
    pub fn tensor_that(&mut self, fits: impl Fn(&Tensor) -> bool) -> Option<Tensor> {
        let fitting: Vec<&Tensor> = self.tensors.iter().rev().filter(|t| fits(t)).collect();
        if fitting.is_empty() {
            return None;
        }
        let i = self.choices.below(fitting.len());
        Some(fitting[i].clone())
    }

    /// A map.
    pub fn map(&mut self) -> Option<Tensor> {
        self.tensor_that(|t| t.shape.sides.is_some())
    }

    /// A name not used before.
    pub fn fresh(&mut self, letter: &str) -> String {
        self.named += 1;
        format!("{letter}{}", self.named)
    }

    /// A label not used before, of any kind that there is.
    pub fn label(&mut self) -> String {
        let name = self.fresh("l");
        match self.choices.below(6) {
            3 => format!("{name}.0"),
            4 => format!("\"{name}.part{{1 + 1}}\""),
            5 => format!("{name}.type.conv"),
            _ => name,
        }
    }

    /// Writes `let name = expression;`, if the tensor is of a size that a net may hold.
    pub fn bind(&mut self, expression: &str, shape: Shape, degree: usize) {
        let name = if self.choices.once_in(12) { "x".to_owned() } else { self.fresh("t") };
        self.state(format!("let {name} = {expression};"));
        // a name hides an earlier one
        self.tensors.retain(|t| t.name != name);
        self.tensors.push(Tensor { name, shape, degree });
    }

    /// Writes a statement.
    pub fn state(&mut self, statement: String) {
        self.statements.push(statement);
    }

    /// ` -> label: Layer`, unlabelled where it has no weights, as a rule.
    pub fn arrow(&mut self, layer: &Layer) -> String {
        if layer.weighted || self.choices.once_in(6) {
            let label = self.label();
            return format!(" -> {label}: {}", layer.text);
        }
        format!(" -> {}", layer.text)
    }

    /// A chain of layers from a shape: ` -> a: A -> B`.
    pub fn chain(&mut self, mut shape: Shape, layers: usize) -> (String, Shape) {
        let mut text = String::new();
        for _ in 0..layers {
            let layer = layers::layer(self.choices, shape);
            text += &self.arrow(&layer);
            shape = layer.shape;
        }
        (text, shape)
    }

    /// A chain that keeps the shape.
    pub fn level_chain(&mut self, shape: Shape, layers: usize) -> String {
        let mut text = String::new();
        for _ in 0..layers {
            let layer = layers::same_shape(self.choices, shape);
            text += &self.arrow(&layer);
        }
        text
    }
}
