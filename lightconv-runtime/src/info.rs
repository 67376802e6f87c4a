//! What is known of a net without its weights: costs, layers, wanted tensors, and the table of them.

use crate::text::{Dims, Grouped, Side, cell, rule, width};
use core::fmt;

/// What a net or layer costs, by several conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cost {
    /// Learnable scalars, as `sum(p.numel() for p in model.parameters())`: running statistics do not count.
    pub params: u64,
    /// Multiply-accumulates of the convolutions and linear layers.
    pub macs: u64,
    /// 2 x macs + one for each element-wise operation on an element, counted after batch-norm folding.
    pub flops: u64,
    /// What ptflops 0.7.5 reports for the same PyTorch module (`pytorch` back end).
    pub ptflops: u64,
    /// What fvcore 0.1.5 reports for the same PyTorch module (`FlopCountAnalysis(...).total()`).
    pub fvcore: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} params, {} macs, {} flops (ptflops: {}, fvcore: {})",
            Grouped(self.params),
            Grouped(self.macs),
            Grouped(self.flops),
            Grouped(self.ptflops),
            Grouped(self.fvcore)
        )
    }
}

/// A layer of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerInfo {
    /// The path of its weights, e.g. `blocks.3.conv.0`; for a layer without weights, where it stands.
    pub path: &'static str,
    /// What it is: `Conv2d`, `add`.
    pub operator: &'static str,
    /// Shape of its (first) input: channels, height, width.
    pub input: &'static [usize],
    /// Shape of its (first) output: channels, height, width.
    pub output: &'static [usize],
    /// Learnable scalars.
    pub params: u64,
    /// Multiply-accumulates.
    pub macs: u64,
}

/// A tensor that a net wants from a weights file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeightInfo {
    /// Its name in PyTorch's `state_dict`.
    pub name: &'static str,
    /// PyTorch's shape.
    pub shape: &'static [usize],
    /// What it is for.
    pub kind: WeightKind,
}

/// What a weight is for: whether it counts as a parameter, and what [`random`](crate::random::random) draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WeightKind {
    /// Of a convolution or linear layer; `fan_in` products make one output.
    Kernel {
        /// Products for one output.
        fan_in: usize,
    },
    /// A bias, or batch norm's shift.
    Bias,
    /// A factor near one: batch norm's `weight`, `gamma`.
    Factor,
    /// Running mean: not a parameter.
    Mean,
    /// Running variance, positive: not a parameter.
    Variance,
    /// PReLU's slope.
    Slope,
    /// A `param`.
    Free,
}

impl WeightKind {
    /// Whether [`Cost::params`] counts it.
    #[must_use]
    pub const fn is_parameter(self) -> bool {
        !matches!(self, WeightKind::Mean | WeightKind::Variance)
    }
}

/// A net's table, as torchinfo prints it: a row a layer, then the totals. Print it with [`Display`](fmt::Display).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The net's name.
    pub name: &'static str,
    /// Shapes of its inputs: channels, height, width.
    pub inputs: &'static [&'static [usize]],
    /// Shapes of its outputs.
    pub outputs: &'static [&'static [usize]],
    /// Its layers.
    pub layers: &'static [LayerInfo],
    /// What it costs.
    pub cost: Cost,
    /// Bytes of scratch memory.
    pub arena_bytes: usize,
}

/// Paths that are longer stand on a line of their own, so that the columns stay together.
const LONGEST_PATH: usize = 44;
/// Operators that are longer are cut.
const LONGEST_OPERATOR: usize = 40;
/// Blanks between columns.
const GAP: &str = "  ";

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = Columns::of(self);
        let total = columns.total();
        writeln!(f, "{}: {} -> {}", self.name, Shapes(self.inputs), Shapes(self.outputs))?;
        rule(f, '=', total)?;
        columns.row(f, &"layer", &"operator", &"output", &"params", &"macs")?;
        rule(f, '-', total)?;
        for layer in self.layers {
            columns.row(
                f,
                &layer.path,
                &Cut(layer.operator),
                &Dims(layer.output),
                &Count(layer.params),
                &Count(layer.macs),
            )?;
        }
        rule(f, '=', total)?;
        let cost = &self.cost;
        let totals = [
            ("params", cost.params, ""),
            ("macs", cost.macs, ""),
            ("flops", cost.flops, ""),
            ("ptflops", cost.ptflops, " (as ptflops 0.7.5 counts)"),
            ("fvcore", cost.fvcore, " (as fvcore 0.1.5 counts)"),
            ("arena", self.arena_bytes as u64, " bytes"),
        ];
        let widest = totals.iter().map(|(_, n, _)| width(&Grouped(*n))).max().unwrap_or(0);
        for (name, n, unit) in totals {
            cell(f, &name, 9, Side::Left)?;
            cell(f, &Grouped(n), widest, Side::Right)?;
            writeln!(f, "{unit}")?;
        }
        Ok(())
    }
}

/// Widths of the table's columns.
struct Columns {
    path: usize,
    operator: usize,
    output: usize,
    params: usize,
    macs: usize,
}

impl Columns {
    fn of(summary: &Summary) -> Columns {
        let mut c = Columns { path: 5, operator: 8, output: 6, params: 6, macs: 4 };
        for layer in summary.layers {
            let path = width(&layer.path);
            if path <= LONGEST_PATH {
                c.path = c.path.max(path);
            }
            c.operator = c.operator.max(width(&Cut(layer.operator)));
            c.output = c.output.max(width(&Dims(layer.output)));
            c.params = c.params.max(width(&Count(layer.params)));
            c.macs = c.macs.max(width(&Count(layer.macs)));
        }
        c
    }

    fn total(&self) -> usize {
        self.path + self.operator + self.output + self.params + self.macs + 4 * GAP.len()
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        path: &dyn fmt::Display,
        operator: &dyn fmt::Display,
        output: &dyn fmt::Display,
        params: &dyn fmt::Display,
        macs: &dyn fmt::Display,
    ) -> fmt::Result {
        if width(path) > self.path {
            write!(f, "{path}\n{:1$}", "", self.path)?;
        } else {
            cell(f, path, self.path, Side::Left)?;
        }
        f.write_str(GAP)?;
        cell(f, operator, self.operator, Side::Left)?;
        f.write_str(GAP)?;
        cell(f, output, self.output, Side::Left)?;
        f.write_str(GAP)?;
        cell(f, params, self.params, Side::Right)?;
        f.write_str(GAP)?;
        cell(f, macs, self.macs, Side::Right)?;
        f.write_str("\n")
    }
}

/// Several shapes: `[3, 8, 8]`, or `([3, 8, 8], [10])`.
struct Shapes(&'static [&'static [usize]]);

impl fmt::Display for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [shape] = self.0 {
            return write!(f, "{}", Dims(shape));
        }
        f.write_str("(")?;
        for (i, shape) in self.0.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, Dims(shape))?;
        }
        f.write_str(")")
    }
}

/// A number of the table; nothing is a dash.
struct Count(u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { f.write_str("-") } else { write!(f, "{}", Grouped(self.0)) }
    }
}

/// An operator, cut where it is long.
struct Cut(&'static str);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(LONGEST_OPERATOR) {
            None => f.write_str(self.0),
            Some(_) => {
                let end = self.0.char_indices().nth(LONGEST_OPERATOR - 1).map_or(self.0.len(), |(at, _)| at);
                write!(f, "{}…", &self.0[..end])
            }
        }
    }
}
