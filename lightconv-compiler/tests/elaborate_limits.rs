//! What an invocation may cost: programs that would take for ever, or all memory, are errors that say which bound they
//! passed. A test that hangs or is killed fails.

#![allow(dead_code)]

#[path = "support/front.rs"]
mod front;

use front::{elaborate, graph};

/// Checks that the program is refused, with one error that says `part`.
#[track_caller]
fn refused(source: &str, part: &str) {
    let (nets, errors) = elaborate(source);
    let shown = &source[..source.len().min(200)];
    assert!(nets.iter().any(Result::is_err), "{shown}: accepted");
    assert_eq!(errors.len(), 1, "{shown}: {errors:#?}");
    assert!(errors[0].message.contains(part), "{shown}: {errors:#?}");
}

#[test]
fn loops() {
    refused("net N(x: [4]) { x -> [for i in 0..9000000000000000000 {}] }", "1000000 turns");
    refused(
        "net N(x: [4]) { let t = [for i in 0..2000 { for j in 0..2000 { i * j } }]; x -> Linear(len(t)) }",
        "4000000 steps",
    );
    refused("net N(x: [4]) { x -> [for i in 0..200000 { ReLU }] }", "10000 layers");
    // Within the bounds is within reason.
    assert_eq!(graph("net N(x: [4]) { x -> [for i in 0..10000 { ReLU }] }").nodes.len(), 10_000);
    assert_eq!(
        graph("net N(x: [4]) { let t = [for i in 0..300000 { i }]; x[..len(t) / 100000] -> ReLU }").nodes.len(),
        2
    );
}

#[test]
fn doubling() {
    let doubled = |first: &str, again: &str, use_: &str| {
        let steps: String = (0..200).map(|_| format!("let a = {again};")).collect();
        format!("net N(x: [4]) {{ let a = {first}; {steps} {use_} }}")
    };
    refused(&doubled("ReLU", "[a, a]", "x -> a"), "10000 layers");
    refused(&doubled("[]", "[a, a]", "x -> a"), "4000000 steps");
    refused(&doubled("1", "(a, a)", "x -> if a == a { ReLU }"), "too large to compare");
    refused(&doubled("1", "(a, a)", "require(len(a) == 3, \"{a}\"); x"), "(((");
    let blocks: String = (0..60).map(|i| format!("block B{i}(x) {{ x -> B{n} -> B{n} }} ", n = i + 1)).collect();
    refused(&format!("{blocks} block B60(x) {{ x }} net N(x: [4]) {{ x -> B0 }}"), "steps");
}

#[test]
fn numbers_that_double() {
    let powers: String = (0..70).map(|_| "let n = n * 2;".to_owned()).collect();
    refused(&format!("net N(x: [4]) {{ let n = 1; {powers} x -> Linear(n) }}"), "does not fit");
}

#[test]
fn blocks_within_blocks() {
    let blocks: String = (0..100).map(|i| format!("block B{i}(x) {{ x -> B{n} }} ", n = i + 1)).collect();
    refused(&format!("{blocks} block B100(x) {{ x }} net N(x: [4]) {{ x -> B0 }}"), "64 deep");
    // Recursion by a value, which no check of names can see.
    refused("block A(x; f) { x -> f(f) } net N(x: [4]) { x -> A(A) }", "64 deep");
    assert_eq!(graph("block A(x; f) { x -> f } net N(x: [4]) { x -> A(A(A(A(ReLU)))) }").nodes.len(), 1);
}

/// Just within and just past the bound on nesting, each way there is: the stack of a test thread has 2 MiB.
#[test]
fn nesting_fits_the_stack() {
    for n in [40, 390, 1000] {
        let lists: String = (0..n).map(|_| "let a = [a];".to_owned()).collect();
        elaborate(&format!("net N(x: [4]) {{ let a = ReLU; {lists} x -> a }}"));
        let labels: String = (0..n).map(|_| "let a = if true { l: a } else { ReLU };".to_owned()).collect();
        elaborate(&format!("net N(x: [4]) {{ let a = ReLU; {labels} x -> a }}"));
        let shared: String = (0..n).map(|i| format!("layer a{} = [a{i}];", i + 1)).collect();
        elaborate(&format!("net N(x: [4]) {{ let a0 = PReLU; {shared} x -> a{n} }}"));
    }
    for parens in [3, 6, 50] {
        for (open, close) in
            [("(", ")"), ("if true { ", " } else { x }"), ("(for _ in 0..1 { ", " }) -> Sum"), ("0 - ", "")]
        {
            let body = |inner: String| format!("{}{inner}{}", open.repeat(parens), close.repeat(parens));
            let blocks: String =
                (0..63).map(|i| format!("block B{i}(x) {{ {} }} ", body(format!("(x -> B{})", i + 1)))).collect();
            elaborate(&format!("{blocks} block B63(x) {{ x -> ReLU }} net N(x: [4]) {{ x -> B0 }}"));
        }
    }
}

#[test]
fn tensors_and_weights_beyond_addressing() {
    refused("net N(x: [4, 1000, 1000]) { x -> Conv2d(100000, 1) }", "2^31 elements");
    refused("net N(x: [2000000000]) { x -> Linear(2000000000) }", "2^31 elements");
    refused("net N(x: [65536]) { x -> Linear(65536) }", "2^31 elements");
    refused("net N(x: [4]) { param w: [2000, 2000, 2000]; x + w }", "2^31 elements");
    refused("net N(x: [65536, 1, 1], y: [1, 1, 65536]) { x + y }", "2^31 elements");
}

#[test]
fn long_names_and_many_errors() {
    let label = "a".repeat(600);
    refused(&format!("net N(x: [4]) {{ x -> {label}: ReLU }}"), "at most 500 characters");
    let unknown: String = (0..5000).map(|i| format!("Unknown{i},")).collect();
    let (_, errors) = elaborate(&format!("net N(x: [4]) {{ x -> [{unknown}] }}"));
    assert_eq!(errors.len(), 1001);
    assert_eq!(errors[1000].message, "4000 more errors are not shown");
}
