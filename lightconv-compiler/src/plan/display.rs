//! A plan as text, a line a step: what is computed, from where to where.
//!
//! `x0` is an input, `y0` an output, `t3` the buffer 3 in the arena, `w64` a tensor among the packed weights. A view is its
//! buffer and shape; `t3+8/24 [16, 4, 4]` begins at float 8 and has 24 floats from pixel to pixel.

use super::{Buffer, Home, Plan, Step, Unary, UnaryOp, View, Weights, Work};
use crate::ops::{Activation, Binary, Reduction, Resize, Window};
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{}", self.line(step)))
    }
}

impl Plan {
    /// One of its steps, as a line.
    #[must_use]
    pub fn line(&self, Step { path, work, .. }: &Step) -> String {
        let show = |view: &View| show(&self.buffers, view);
        let path = if path.is_empty() { "-" } else { path };
        let reads: Vec<String> = work.reads().iter().map(show).collect();
        let mut line = format!("{path}: {} {} -> {}", work.verb(), inputs(work, &reads), show(&work.output()));
        if let [_, means] = &work.written()[..] {
            line += &format!(" with the means of its rows {}", show(means));
        }
        for part in epilogue(work, &show) {
            line += ", ";
            line += &part;
        }
        line
    }
}

impl Work {
    /// What the step does with its inputs.
    #[must_use]
    pub fn verb(&self) -> String {
        match self {
            Work::Conv { window, groups, weights, .. } => {
                let groups = match groups {
                    1 => String::new(),
                    n => format!(" of {n} groups"),
                };
                let gated = match weights {
                    Weights::Packed(_) => "",
                    Weights::Gated(_) => " gated",
                };
                format!("conv{gated} {}{groups}", geometry(window))
            }
            Work::Winograd { window, .. } => format!("winograd {}", geometry(window)),
            Work::Depthwise { window, .. } => format!("depthwise {}", geometry(window)),
            Work::Joined { window, middle, expand, act, project, .. } => {
                let first = match expand.window.kernel {
                    [1, 1] => String::new(),
                    _ => format!(" {} to {}", geometry(&expand.window), expand.shape),
                };
                let first = format!("expand{first}{}", then(&expand.act));
                let last = if project.is_some() { "; project" } else { "" };
                format!("joined ({first}; depthwise {} to {middle}{}{last})", geometry(window), then(act))
            }
            Work::Separable { window, middle, act, .. } => {
                format!("joined (depthwise {} to {middle}{}; project)", geometry(window), then(act))
            }
            Work::ScalePanels { .. } => "weights times".to_owned(),
            Work::MaxPool { window, .. } => format!("max pool {}", geometry(window)),
            Work::AvgPool { window, count_include_pad, .. } => {
                let without = if *count_include_pad { "" } else { " without padding" };
                format!("avg pool {}{without}", geometry(window))
            }
            Work::AdaptivePool { reduction: Reduction::Mean, .. } => "adaptive avg pool".to_owned(),
            Work::AdaptivePool { reduction: Reduction::Max, .. } => "adaptive max pool".to_owned(),
            Work::Move { fill, .. } => if *fill { "move among zeros" } else { "move" }.to_owned(),
            Work::Resize { how: Resize::Nearest { .. }, .. } => "resize to nearest".to_owned(),
            Work::Resize { how: Resize::Bilinear { .. }, .. } => "resize bilinearly".to_owned(),
            Work::Unary { .. } => "unary".to_owned(),
            Work::Binary { op, .. } => word(*op).to_owned(),
            Work::Affine { .. } => "affine".to_owned(),
            Work::Prelu { .. } => "prelu".to_owned(),
            Work::Copy { .. } => "copy".to_owned(),
            Work::ChannelShuffle { .. } => "channel shuffle".to_owned(),
            Work::LayerNorm { .. } => "layer norm".to_owned(),
            Work::GroupNorm { groups, .. } => format!("group norm of {groups} groups"),
            Work::ChannelConv { weights, .. } => format!("channel conv {}", weights.len),
            Work::MatMul { .. } => "matmul".to_owned(),
            Work::Attention { heads: [heads, keys, values], .. } => {
                let shared =
                    |n: &usize, what: &str| if n == heads { String::new() } else { format!(", one of {what}") };
                format!("attention of {heads} heads{}{}", shared(keys, "keys"), shared(values, "values"))
            }
            Work::Flatten { .. } => "flatten".to_owned(),
            Work::Softmax { axis, .. } => format!("softmax of {}", axis.word()),
        }
    }
}

/// The inputs but for residual and gated weights, which are named where they come in.
fn inputs(work: &Work, reads: &[String]) -> String {
    match work {
        Work::Binary { .. } | Work::ChannelShuffle { .. } | Work::MatMul { .. } | Work::Attention { .. } => {
            reads.join(", ")
        }
        _ => reads.first().cloned().unwrap_or_default(),
    }
}

/// What happens to the sums before they are written.
fn epilogue(work: &Work, show: &dyn Fn(&View) -> String) -> Vec<String> {
    let (act, residual, after) = match work {
        Work::Conv { act, residual, after, .. }
        | Work::Winograd { act, residual, after, .. }
        | Work::Depthwise { act, residual, after, .. } => (Some(act), residual.as_ref(), Some(after)),
        Work::Joined { project: Some(project), .. } | Work::Separable { project, .. } => {
            (Some(&project.act), project.residual.as_ref(), Some(&project.after))
        }
        Work::MaxPool { act, .. }
        | Work::AvgPool { act, .. }
        | Work::AdaptivePool { act, .. }
        | Work::Unary { act, .. }
        | Work::Binary { act, .. }
        | Work::LayerNorm { act, .. }
        | Work::GroupNorm { act, .. }
        | Work::ChannelConv { act, .. }
        | Work::MatMul { act, .. }
        | Work::Affine { act, .. } => (Some(act), None, None),
        _ => (None, None, None),
    };
    let unary = |u: &&Unary| !u.is_identity();
    let weights = match work {
        Work::Conv { weights: Weights::Gated(view), .. } => Some(format!("weights {}", show(view))),
        _ => None,
    };
    [
        weights,
        act.filter(unary).map(ToString::to_string),
        residual.map(|view| format!("plus {}", show(view))),
        after.filter(unary).map(ToString::to_string),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn then(act: &Unary) -> String {
    if act.is_identity() { String::new() } else { format!(", {act}") }
}

fn show(buffers: &[Buffer], view: &View) -> String {
    let id = view.buffer.0;
    let name = match buffers[id].home {
        Home::Arena => format!("t{id}"),
        Home::Input(i) => format!("x{i}"),
        Home::Output(i) => format!("y{i}"),
        Home::Weights(at) => format!("w{at}"),
    };
    let at = match view.offset {
        0 => String::new(),
        offset => format!("+{offset}"),
    };
    let stride = if view.is_dense() { String::new() } else { format!("/{}", view.stride) };
    let shape = [view.channels, view.height, view.width];
    format!("{name}{at}{stride} {shape:?}")
}

/// `3x3`, with strides, padding and dilation where they are not the usual ones.
fn geometry(w: &Window) -> String {
    let pair = |[a, b]: [usize; 2]| {
        if a == b { a.to_string() } else { format!("({a}, {b})") }
    };
    let mut text = format!("{}x{}", w.kernel[0], w.kernel[1]);
    if w.stride != [1, 1] {
        text += &format!(" stride {}", pair(w.stride));
    }
    if w.before != [0, 0] || w.after != [0, 0] {
        text += &format!(" pad {}", pair(w.before));
        if w.after != w.before {
            text += &format!(" to {}", pair(w.after));
        }
    }
    if w.dilation != [1, 1] {
        text += &format!(" dilation {}", pair(w.dilation));
    }
    text
}

impl fmt::Display for Unary {
    /// As a formula of `x`, where one can be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if written(&self.ops) > LONGEST {
            return write!(f, "{} operations on x", self.ops.len());
        }
        f.write_str(&formula(&self.ops, self.ops.len(), false))
    }
}

/// The most operations of a formula.
const LONGEST: usize = 100;

/// How many operations the formula of a function has: a value that is used twice is written twice, so that those of few steps
/// may have any number.
fn written(ops: &[UnaryOp]) -> usize {
    let mut sizes: Vec<usize> = vec![0];
    for op in ops {
        let size = match *op {
            UnaryOp::Activation(_, value) | UnaryOp::Scalar { value, .. } => sizes[value],
            UnaryOp::Binary(_, a, b) => sizes[a].saturating_add(sizes[b]),
        };
        sizes.push(size.saturating_add(1));
    }
    sizes[ops.len()]
}

/// Value `at` of a function; in parentheses where it is an operand of arithmetic.
fn formula(ops: &[UnaryOp], at: usize, operand: bool) -> String {
    let Some(op) = at.checked_sub(1).and_then(|i| ops.get(i)) else {
        return "x".to_owned();
    };
    let arithmetic = |op: Binary, a: String, b: String| match op {
        Binary::Max | Binary::Min => format!("{}({a}, {b})", word(op)),
        _ if operand => format!("({a} {} {b})", word(op)),
        _ => format!("{a} {} {b}", word(op)),
    };
    match *op {
        UnaryOp::Activation(function, value) => {
            format!("{}({})", activation(function), formula(ops, value, false))
        }
        UnaryOp::Scalar { op, scalar, reversed, value } => {
            let (value, scalar) = (formula(ops, value, true), scalar.to_string());
            if reversed { arithmetic(op, scalar, value) } else { arithmetic(op, value, scalar) }
        }
        UnaryOp::Binary(op, a, b) => arithmetic(op, formula(ops, a, true), formula(ops, b, true)),
    }
}

fn word(op: Binary) -> &'static str {
    match op {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mul => "*",
        Binary::Div => "/",
        Binary::Max => "max",
        Binary::Min => "min",
    }
}

fn activation(a: Activation) -> String {
    let name = match a {
        Activation::Identity => "identity",
        Activation::Relu => "relu",
        Activation::Relu6 => "relu6",
        Activation::Hardswish => "hardswish",
        Activation::Hardsigmoid => "hardsigmoid",
        Activation::Sigmoid => "sigmoid",
        Activation::Silu => "silu",
        Activation::Tanh => "tanh",
        Activation::Gelu => "gelu",
        Activation::GeluTanh => "gelu_tanh",
        Activation::Mish => "mish",
        Activation::Negate => "negate",
        Activation::LeakyRelu { slope } => return format!("leaky_relu[{slope}]"),
        Activation::Elu { alpha } => return format!("elu[{alpha}]"),
    };
    name.to_owned()
}
