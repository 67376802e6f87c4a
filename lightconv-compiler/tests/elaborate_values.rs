//! Values and functions of the language, each expression with its result as Python (or the contract) has it.

#![allow(dead_code)]

#[path = "support/front.rs"]
mod front;

use front::elaborate;

/// What an expression gives, as a message shows it, or the error that it is.
fn eval(expression: &str) -> Result<String, String> {
    let source =
        format!("net N(x: [12, 6, 4]) {{ let v = {expression}; require((v == none) && false, \"{{v}}\"); x }}");
    let (_, errors) = elaborate(&source);
    // A list with an unknown entry is a value all the same, and then the requirement speaks too.
    let (shown, wrong): (Vec<_>, Vec<_>) = errors.into_iter().partition(|e| e.at == "(v == none) && false");
    match (wrong.as_slice(), shown.as_slice()) {
        ([], [shown]) => Ok(shown.message.clone()),
        ([wrong], [] | [_]) => Err(wrong.message.clone()),
        _ => panic!("{expression}: {wrong:#?} {shown:#?}"),
    }
}

#[track_caller]
fn all_are(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(eval(expression).as_deref(), Ok(*expected), "{expression}");
    }
}

#[track_caller]
fn all_fail(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        match eval(expression) {
            Ok(value) => panic!("{expression} is {value}, not an error"),
            Err(message) => assert!(message.contains(expected), "{expression}: {message}"),
        }
    }
}

#[test]
fn arithmetic_of_integers() {
    all_are(&[
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 - 3 - 4", "-5"),
        ("7 / 2", "3"),
        ("-7 / 2", "-4"),
        ("7 / -2", "-4"),
        ("-7 / -2", "3"),
        ("-8 / 2", "-4"),
        ("7 % 3", "1"),
        ("-7 % 3", "2"),
        ("7 % -3", "-2"),
        ("-7 % -3", "-1"),
        ("24 / 2 / 3", "4"),
        ("2 * 3 % 4", "2"),
        ("- - 3", "3"),
        ("-3 + 5", "2"),
        ("9223372036854775807", "9223372036854775807"),
        ("(-9223372036854775807 - 1) % -1", "0"),
        ("1_000", "1000"),
        ("0x10", "16"),
        ("0 / 4", "0"),
    ]);
}

#[test]
fn arithmetic_of_floats() {
    all_are(&[
        ("7 / 2.0", "3.5"),
        ("7.0 / 2", "3.5"),
        ("1.0 * 2", "2.0"),
        ("1 + 0.5", "1.5"),
        ("-7.5 % 2", "0.5"),
        ("7.5 % -2.0", "-0.5"),
        ("1e-3", "0.001"),
        ("1e3", "1000.0"),
        ("-0.5", "-0.5"),
    ]);
}

#[test]
fn comparisons() {
    all_are(&[
        ("1 == 1.0", "true"),
        ("1 != 1.0", "false"),
        ("1 == true", "false"),
        ("none == 0", "false"),
        ("none == none", "true"),
        ("same != none", "true"),
        ("[1, 2] == [1.0, 2]", "true"),
        ("[1, 2] == [1, 3]", "false"),
        ("[1, 2] == (1, 2)", "false"),
        ("(1, [2, same]) == (1, [2, same])", "true"),
        ("(0..3) == (0..3)", "true"),
        ("(0..=2) == (0..3)", "true"),
        ("ReLU == ReLU", "true"),
        ("ReLU == Hardswish", "false"),
        ("ReLU == none", "false"),
        ("BatchNorm2d(eps = 1e-3) == BatchNorm2d(eps = 0.001)", "true"),
        ("BatchNorm2d(eps = 1e-3) == BatchNorm2d", "false"),
        ("SEBlock == SEBlock", "true"),
        ("2 < 3", "true"),
        ("3 <= 3.0", "true"),
        ("3 > 3.5", "false"),
        ("-1 >= -1.0", "true"),
        // Past 2^53 a float cannot tell the two apart, the comparison must.
        ("9007199254740993 == 9007199254740992.0", "false"),
        ("9007199254740993 > 9007199254740992.0", "true"),
        ("9223372036854775807 < 9223372036854775808.0", "true"),
    ]);
}

#[test]
fn booleans() {
    all_are(&[
        ("true && !false", "true"),
        ("false || false", "false"),
        ("1 == 1 && 2 == 3 || true", "true"),
        ("false && 1 / 0 == 1", "false"),
        ("true || 1 / 0 == 1", "true"),
        ("!true || true", "true"),
        ("!(1 == 2)", "true"),
    ]);
    all_fail(&[
        ("1 && true", "`&&` wants booleans"),
        ("!1", "`!` wants a boolean"),
        ("if 1 { 2 } else { 3 }", "a condition is a boolean"),
    ]);
}

#[test]
fn what_cannot_be_computed() {
    all_fail(&[
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("1.0 / 0", "division by zero"),
        ("9223372036854775807 + 1", "does not fit"),
        ("-9223372036854775807 - 2", "does not fit"),
        ("9223372036854775807 * 2", "does not fit"),
        ("-(-9223372036854775807 - 1)", "does not fit"),
        ("(-9223372036854775807 - 1) / -1", "does not fit"),
        ("1e308 * 10.0", "too large"),
        ("1 + true", "wants numbers or tensors"),
        ("1 + none", "wants numbers or tensors"),
        ("[1] + [2]", "wants numbers or tensors"),
        ("1 < none", "wants numbers"),
        ("1 / 4", "is 0: `/` of integers floors"),
        ("3 * (1 / 2)", "is 0: `/` of integers floors"),
        ("-true", "wants a number"),
    ]);
}

#[test]
fn functions() {
    all_are(&[
        ("round(2.5)", "2"),
        ("round(3.5)", "4"),
        ("round(-2.5)", "-2"),
        ("round(2.4)", "2"),
        ("round(7)", "7"),
        ("floor(-1.5)", "-2"),
        ("ceil(1.2)", "2"),
        ("int(-1.7)", "-1"),
        ("int(7 / 2)", "3"),
        ("floor(7 / 2)", "3"),
        ("round(7 / 2.0)", "4"),
        ("abs(-3)", "3"),
        ("abs(-0.5)", "0.5"),
        ("sqrt(16)", "4.0"),
        ("log2(8)", "3.0"),
        ("int(log2(64))", "6"),
        ("gcd(12, 18)", "6"),
        ("gcd(0, 5)", "5"),
        ("gcd(-4, 6)", "2"),
        ("min(3, 2)", "2"),
        ("max(3, 2.5)", "3"),
        ("max(1, 2, 3)", "3"),
        ("min([4, 2, 3])", "2"),
        ("make_divisible(17.6, 8)", "16"),
        ("make_divisible(12, 8)", "16"),
        ("make_divisible(3, divisor = 8, min_value = 4)", "4"),
        ("make_divisible(1, 8, 4)", "4"),
        ("len([1, 2, 3])", "3"),
        ("len((1, 2))", "2"),
        ("len([])", "0"),
        ("len(2..7)", "5"),
        ("len(7..2)", "0"),
    ]);
    all_fail(&[
        ("round(7 / 2)", "`round` of a quotient of integers"),
        ("ceil((7 * 3) / 2)", "`ceil` of a quotient of integers"),
        ("round(8 / 2)", "`round` of a quotient of integers"),
        ("round(1e300)", "does not fit"),
        ("sqrt(-1)", "not negative"),
        ("log2(0)", "positive"),
        ("gcd(1.5, 2)", "wants integers"),
        ("abs(true)", "wants a number"),
        ("abs(1, 2)", "does not take 2 arguments"),
        ("abs()", "does not take 0 arguments"),
        ("min(1)", "does not take 1 argument"),
        ("len(3)", "wants a list"),
        ("len(x)", "wants a list"),
        ("make_divisible(3, 0)", "positive integer"),
        ("make_divisible(3)", "does not take 1 argument"),
        ("make_divisible(3, div = 8)", "no argument named `div`"),
    ]);
}

#[test]
fn lists_tuples_ranges() {
    all_are(&[
        ("[1, 2, 3][1]", "2"),
        ("(1, (2, 3))[1][0]", "2"),
        ("(5..9)[2]", "7"),
        ("[1, 2, 3][1..]", "[2, 3]"),
        ("(1, 2, 3)[..2]", "(1, 2)"),
        ("[for i in 0..3 { i * i }]", "[0, 1, 4]"),
        ("[for i in 1..=3 { i }]", "[1, 2, 3]"),
        ("[for i in 3..0 { i }]", "[]"),
        ("[for (a, (b, _)) in [(1, (2, 3)), (4, (5, 6))] { a * b }]", "[2, 20]"),
        ("[0, if 1 == 1 { 1, 2 } else { 3 }, 4]", "[0, 1, 2, 4]"),
        ("[if false { 1 } 2]", "[2]"),
        ("[for i in 0..2 { let j = i + 1; j, j * 10 }]", "[1, 10, 2, 20]"),
        ("[for i in 0..2 { for j in 0..2 { i * 2 + j } }]", "[0, 1, 2, 3]"),
        ("(for i in 0..2 { i })", "(0, 1)"),
        ("(if true { 1 }) + 1", "2"),
        ("(if false { } else if true { if true { 1 } }) + 1", "2"),
        ("(if true { 1 },)", "(1)"),
        ("(if true { 1, 2 })", "(1, 2)"),
        ("(if false { 1, 2 })", "()"),
        ("(if true { for i in 0..1 { i } })", "(0)"),
        ("(7,)", "(7)"),
        ("(7)", "7"),
        ("if 2 > 1 { 10 } else { 20 }", "10"),
        ("if false { 1 } else if true { 2 } else { 3 }", "2"),
        ("(if true { 1 } else { 2 }) + 1", "2"),
        ("if true { let a = 2; a * a } else { 0 } + 1", "5"),
        ("x.channels * 100 + x.height * 10 + x.width", "1264"),
        ("height", "height"),
    ]);
    all_fail(&[
        ("[1, 2][2]", "no entry 2 of 2"),
        ("[1, 2][-1]", "no entry -1 of 2"),
        ("[1, 2][0..3]", "does not lie within"),
        ("3[0]", "have an index"),
        ("[1][0.5]", "an index is an integer"),
        ("0..1.5", "integer to integer"),
        ("3..", "has a start and an end"),
        ("[for i in 4 { i }]", "`for` walks"),
        ("[for (a, b) in [(1, 2), (3, 4, 5)] { a }]", "the pattern has 2 names, and there are 3 values"),
        ("[for (a, b) in [1] { a }]", "the pattern wants a tuple of 2"),
        ("if false { 1 }", "no branch"),
        ("(if false { 1 })", "no branch"),
        ("(if true { } else { 1 })", "has no value"),
        ("if true { 1, 2 } else { 3 }", "has one entry"),
        ("x.depth", "a tensor has no `depth`"),
        ("\"nearest\"", "a text is no value"),
        ("0..=9223372036854775807", "does not fit"),
    ]);
}
