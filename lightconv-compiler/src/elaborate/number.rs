//! Arithmetic on numbers: Python's semantics, but `/` of integers floors, and what would overflow is an error.

use super::value::Value;
use crate::syntax::ast::BinaryOp;
use std::cmp::Ordering;

/// Why an operation cannot be done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }
}

/// `a op b` for `+ - * / %` and `< <= > >=` on numbers.
pub(super) fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    let symbol = op.symbol();
    if let (Value::Int(a), Value::Int(b)) = (a, b) {
        if let Some(result) = integers(op, *a, *b)? {
            return Ok(Value::Int(result));
        }
    } else {
        for side in [a, b] {
            if as_float(side).is_none() {
                return Err(not_a_number(op, side));
            }
        }
    }
    if matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge) {
        let order = compare(a, b);
        return Ok(Value::Bool(match op {
            BinaryOp::Lt => order == Some(Ordering::Less),
            BinaryOp::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            BinaryOp::Gt => order == Some(Ordering::Greater),
            _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }));
    }
    let (x, y) = (as_float(a).unwrap_or(f64::NAN), as_float(b).unwrap_or(f64::NAN));
    if y == 0.0 && matches!(op, BinaryOp::Div | BinaryOp::Rem) {
        return Err(Fault::new(format!("cannot compute {} {symbol} {}: division by zero", a.show(), b.show())));
    }
    finite(match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::Div => x / y,
        // Python's: the sign of the divisor.
        BinaryOp::Rem => {
            let rem = x % y;
            if rem != 0.0 && (rem < 0.0) != (y < 0.0) { rem + y } else { rem }
        }
        _ => return Err(Fault::new(format!("`{symbol}` is not for numbers"))),
    })
    .map_err(|_| Fault::new(format!("{} {symbol} {} is too large for a float", a.show(), b.show())))
}

/// `-a`
pub(super) fn negate(a: &Value) -> Result<Value, Fault> {
    match a {
        Value::Int(i) => i.checked_neg().map(Value::Int).ok_or_else(|| overflow(&format!("-({i})"))),
        Value::Float(x) => Ok(Value::Float(-x)),
        other => Err(Fault::new(format!("`-` wants a number or a tensor, found {}", other.describe()))),
    }
}

/// The order of two numbers, exact where one is an integer and one a float.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => Some(integer_with_float(*a, *b)),
        (Value::Float(a), Value::Int(b)) => Some(integer_with_float(*b, *a).reverse()),
        _ => None,
    }
}

/// The number as a float.
pub(super) fn as_float(v: &Value) -> Option<f64> {
    match v {
        Value::Int(i) => Some(*i as f64),
        Value::Float(x) => Some(*x),
        _ => None,
    }
}

/// A float that is one.
pub(super) fn finite(x: f64) -> Result<Value, Fault> {
    if x.is_finite() { Ok(Value::Float(x)) } else { Err(Fault::new(format!("the result {x} is not a finite number"))) }
}

/// What exceeds 64 bits.
pub(super) fn overflow(what: &str) -> Fault {
    Fault::new(format!("{what} does not fit into an integer of 64 bits"))
}

/// `None` for what is no arithmetic.
fn integers(op: BinaryOp, a: i64, b: i64) -> Result<Option<i64>, Fault> {
    let text = || format!("{a} {} {b}", op.symbol());
    if b == 0 && matches!(op, BinaryOp::Div | BinaryOp::Rem) {
        return Err(Fault::new(format!("cannot compute {}: division by zero", text())));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }),
        // i64::MIN % -1 is 0, though the processor's division overflows.
        BinaryOp::Rem => Some(a.checked_rem(b).map_or(0, |r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r })),
        _ => return Ok(None),
    };
    result.map(Some).ok_or_else(|| overflow(&text()))
}

fn integer_with_float(a: i64, b: f64) -> Ordering {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if b >= TWO_63 {
        return Ordering::Less;
    }
    if b < -TWO_63 {
        return Ordering::Greater;
    }
    // In range, so the conversion is exact up to the fraction.
    let whole = b.floor();
    a.cmp(&(whole as i64)).then(if b > whole { Ordering::Less } else { Ordering::Equal })
}

fn not_a_number(op: BinaryOp, found: &Value) -> Fault {
    let fault = Fault::new(format!("`{}` wants numbers or tensors, found {}", op.symbol(), found.describe()));
    match found {
        Value::Tuple(_) if found.holds_tensor() => {
            fault.help("a tuple of tensors is added by `-> Sum` and joined by `-> Concat`")
        }
        Value::List(items) if items.iter().any(|i| !i.value.is_layer()) => {
            fault.help("values in sequence are written in one list: `[8, 16]`")
        }
        Value::Layer(_) | Value::Shared(_) | Value::List(_) => {
            fault.help("apply a layer with `->`, such as `(x -> A) + y`")
        }
        _ => fault,
    }
}
