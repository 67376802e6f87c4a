//! The functions of the language on values: `round`, `make_divisible`, `len` and so on.

use super::number::{Fault, as_float, compare, finite, overflow};
use super::value::Value;
use std::cmp::Ordering;

/// The names of all functions.
pub(super) const NAMES: &[&str] =
    &["round", "floor", "ceil", "int", "abs", "sqrt", "log2", "gcd", "min", "max", "make_divisible", "len"];

/// The parameters of a function that can be given by name.
pub(super) fn parameters(name: &str) -> &'static [&'static str] {
    match name {
        "make_divisible" => &["v", "divisor", "min_value"],
        _ => &[],
    }
}

/// Whether the function takes any number of arguments.
pub(super) fn is_variadic(name: &str) -> bool {
    matches!(name, "min" | "max")
}

/// Calls the function; the arguments are known and no tensors.
pub(super) fn call(name: &str, args: &[Value]) -> Result<Value, Fault> {
    match (name, args) {
        ("round" | "floor" | "ceil" | "int", [v]) => to_integer(name, v),
        ("abs", [Value::Int(i)]) => i.checked_abs().map(Value::Int).ok_or_else(|| overflow(&format!("abs({i})"))),
        ("abs", [v]) => finite(number(name, v)?.abs()),
        ("sqrt", [v]) => {
            let x = number(name, v)?;
            if x < 0.0 {
                Err(Fault::new(format!("`sqrt` wants a number that is not negative, found {}", v.show())))
            } else {
                finite(x.sqrt())
            }
        }
        ("log2", [v]) => {
            let x = number(name, v)?;
            if x <= 0.0 {
                Err(Fault::new(format!("`log2` wants a positive number, found {}", v.show())))
            } else {
                finite(x.log2())
            }
        }
        ("gcd", [Value::Int(a), Value::Int(b)]) => {
            let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
            while b != 0 {
                (a, b) = (b, a % b);
            }
            i64::try_from(a).map(Value::Int).map_err(|_| overflow("the greatest common divisor"))
        }
        ("gcd", [a, b]) => {
            let wrong = if matches!(a, Value::Int(_)) { b } else { a };
            Err(Fault::new(format!("`gcd` wants integers, found {}", wrong.describe())))
        }
        ("len", [v]) => match v {
            Value::List(items) => Ok(Value::Int(items.len() as i64)),
            Value::Tuple(items) => Ok(Value::Int(items.len() as i64)),
            Value::Range(a, b) => {
                b.max(a).checked_sub(*a).map(Value::Int).ok_or_else(|| overflow("the length of the range"))
            }
            other => Err(Fault::new(format!("`len` wants a list, a tuple or a range, found {}", other.describe()))),
        },
        ("min" | "max", [Value::List(items)]) => {
            extreme(name, &items.iter().map(|i| i.value.clone()).collect::<Vec<_>>())
        }
        ("min" | "max", [Value::Tuple(items)]) => extreme(name, items),
        ("min" | "max", [_, _, ..]) => extreme(name, args),
        ("make_divisible", [v, divisor]) => make_divisible(v, divisor, &Value::None),
        ("make_divisible", [v, divisor, min_value]) => make_divisible(v, divisor, min_value),
        _ => Err(wrong_count(name, args.len())),
    }
}

fn wrong_count(name: &str, found: usize) -> Fault {
    let usage = match name {
        "gcd" | "min" | "max" => "(a, b)",
        "make_divisible" => "(v, divisor)",
        "len" => "(list)",
        _ => "(v)",
    };
    let fault = Fault::new(format!("`{name}` does not take {found} argument{}", if found == 1 { "" } else { "s" }));
    fault.help(format!("write `{name}{usage}`"))
}

fn number(name: &str, v: &Value) -> Result<f64, Fault> {
    as_float(v).ok_or_else(|| Fault::new(format!("`{name}` wants a number, found {}", v.describe())))
}

fn to_integer(name: &str, v: &Value) -> Result<Value, Fault> {
    if let Value::Int(_) = v {
        return Ok(v.clone());
    }
    let x = number(name, v)?;
    let whole = match name {
        "round" => x.round_ties_even(),
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        _ => x.trunc(),
    };
    // 2^63 itself does not fit; -2^63 does.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        Ok(Value::Int(whole as i64))
    } else {
        Err(overflow(&format!("{name}({})", v.show())))
    }
}

/// The smallest or largest of numbers, the first of equal ones, as Python's.
fn extreme(name: &str, values: &[Value]) -> Result<Value, Fault> {
    let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
    let mut best: Option<&Value> = None;
    for v in values {
        number(name, v)?;
        if best.is_none_or(|b| compare(v, b) == Some(wanted)) {
            best = Some(v);
        }
    }
    best.cloned().ok_or_else(|| Fault::new(format!("`{name}` of nothing")))
}

/// torchvision's `_make_divisible`: the multiple of `divisor` nearest to `v`, but at least `min_value`, and not below 90 % of `v`.
fn make_divisible(v: &Value, divisor: &Value, min_value: &Value) -> Result<Value, Fault> {
    const EXACT: f64 = 4_503_599_627_370_496.0;
    let x = number("make_divisible", v)?;
    let Value::Int(d @ 1..) = *divisor else {
        return Err(Fault::new(format!(
            "`make_divisible` wants a positive integer as divisor, found {}",
            divisor.describe()
        )));
    };
    let least = match *min_value {
        Value::None => d,
        Value::Int(m) => m,
        _ => {
            return Err(Fault::new(format!(
                "`make_divisible` wants an integer as min_value, found {}",
                min_value.describe()
            )));
        }
    };
    if x.abs() >= EXACT || d as f64 >= EXACT || (least as f64).abs() >= EXACT {
        return Err(overflow("the result of `make_divisible`"));
    }
    // In range, so neither the conversion nor the sum can overflow.
    let rounded = (x + d as f64 / 2.0) as i64;
    let multiple = rounded.div_euclid(d) * d;
    let result = multiple.max(least);
    Ok(Value::Int(if (result as f64) < 0.9 * x { result + d } else { result }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `torchvision.models._utils._make_divisible` of torchvision 0.20.
    #[test]
    fn make_divisible_is_torchvisions() {
        let cases: &[(f64, i64, i64)] = &[
            (24.0, 8, 24),
            (17.6, 8, 16),
            (12.0, 8, 16),
            (11.9, 8, 16),
            (10.0, 8, 16),
            (8.8, 8, 8),
            (8.9, 8, 16),
            (1.0, 8, 8),
            (30.0, 7, 28),
            (45.0, 8, 48),
            (3.5, 1, 4),
        ];
        for &(v, d, expected) in cases {
            let found = make_divisible(&Value::Float(v), &Value::Int(d), &Value::None).unwrap();
            assert!(matches!(found, Value::Int(i) if i == expected), "make_divisible({v}, {d}) = {found:?}");
        }
    }
}
