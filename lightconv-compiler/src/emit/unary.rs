//! Functions of one number as expressions of the runtime's activations; those it has no name for become types of their own.

use crate::ops::{Activation, Binary};
use crate::plan::{Unary, UnaryOp};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashMap;

/// The functions met so far that needed a type of their own.
#[derive(Default)]
pub(super) struct Functions {
    names: HashMap<String, Ident>,
    items: TokenStream,
}

impl Functions {
    /// An expression for `unary`.
    pub fn expression(&mut self, unary: &Unary) -> TokenStream {
        match unary.ops[..] {
            [] => return quote!(rt::Identity),
            [UnaryOp::Activation(a, 0)] => return activation(a),
            [UnaryOp::Scalar { op, scalar, reversed, value: 0 }] => return by_scalar(op, scalar, reversed),
            _ => {}
        }
        if let Some((shift, scale)) = shifted_silu(unary) {
            let (shift, scale) = (float(shift), float(scale));
            return quote!(const { rt::ShiftedSilu::new(#shift, #scale) });
        }
        if is_chain(unary) {
            let single = |op: &UnaryOp| match *op {
                UnaryOp::Activation(a, _) => activation(a),
                UnaryOp::Scalar { op, scalar, reversed, .. } => by_scalar(op, scalar, reversed),
                UnaryOp::Binary(..) => unreachable!("a chain has no operator of two operands"),
            };
            let mut chain = unary.ops.iter().map(single);
            let first = chain.next().unwrap_or_default();
            return chain.fold(first, |before, next| quote!(rt::Then(#before, #next)));
        }
        self.own_type(unary)
    }

    /// The types of their own.
    pub fn items(&self) -> &TokenStream {
        &self.items
    }

    fn own_type(&mut self, unary: &Unary) -> TokenStream {
        let key = format!("{unary:?}");
        let next = format_ident!("Function{}", self.names.len());
        if let Some(name) = self.names.get(&key) {
            return name.to_token_stream();
        }
        let value = |i: usize| if i == 0 { format_ident!("x") } else { format_ident!("v{}", i) };
        let lines = unary.ops.iter().enumerate().map(|(i, op)| {
            let result = value(i + 1);
            let call = match *op {
                UnaryOp::Activation(a, v) => apply(&activation(a), &value(v)),
                UnaryOp::Scalar { op, scalar, reversed, value: v } => {
                    apply(&by_scalar(op, scalar, reversed), &value(v))
                }
                UnaryOp::Binary(op, a, b) => {
                    let (op, a, b) = (binary(op), value(a), value(b));
                    quote!(rt::BinaryOp::apply(rt::#op, s, #a, #b))
                }
            };
            quote!(let #result = #call;)
        });
        let last = value(unary.ops.len());
        let costly = unary.ops.iter().any(|op| matches!(op, UnaryOp::Activation(a, _) if is_costly(*a)));
        self.items.extend(quote! {
            #[derive(Clone, Copy)]
            struct #next;
            impl rt::Activation for #next {
                const COSTLY: bool = #costly;
                #[inline(always)]
                fn apply<S: rt::Simd>(self, s: S, x: S::V) -> S::V {
                    #(#lines)*
                    #last
                }
            }
        });
        self.names.insert(key, next.clone());
        next.into_token_stream()
    }
}

fn apply(function: &TokenStream, value: &Ident) -> TokenStream {
    quote!(rt::Activation::apply(#function, s, #value))
}

/// The type of a function of two numbers.
pub(super) fn binary(op: Binary) -> Ident {
    let name = match op {
        Binary::Add => "Add",
        Binary::Sub => "Sub",
        Binary::Mul => "Mul",
        Binary::Div => "Div",
        Binary::Max => "Max",
        Binary::Min => "Min",
    };
    Ident::new(name, Span::call_site())
}

fn activation(a: Activation) -> TokenStream {
    match a {
        Activation::Identity => quote!(rt::Identity),
        Activation::Relu => quote!(rt::Relu),
        Activation::Relu6 => quote!(rt::Relu6),
        Activation::Hardswish => quote!(rt::Hardswish),
        Activation::Hardsigmoid => quote!(rt::Hardsigmoid),
        Activation::Sigmoid => quote!(rt::Sigmoid),
        Activation::Silu => quote!(rt::Silu),
        Activation::Tanh => quote!(rt::Tanh),
        Activation::Gelu => quote!(rt::Gelu),
        Activation::GeluTanh => quote!(rt::GeluTanh),
        Activation::Mish => quote!(rt::Mish),
        Activation::Negate => quote!(rt::Negate),
        Activation::LeakyRelu { slope } => {
            let slope = float(slope);
            quote!(rt::LeakyRelu { slope: #slope })
        }
        Activation::Elu { alpha } => {
            let alpha = float(alpha);
            quote!(rt::Elu { alpha: #alpha })
        }
    }
}

fn is_costly(a: Activation) -> bool {
    matches!(
        a,
        Activation::Sigmoid
            | Activation::Silu
            | Activation::Tanh
            | Activation::Gelu
            | Activation::GeluTanh
            | Activation::Mish
            | Activation::Elu { .. }
    )
}

fn by_scalar(op: Binary, scalar: f64, reversed: bool) -> TokenStream {
    let c = float(scalar);
    match (op, reversed) {
        (Binary::Add, _) => quote!(rt::AddScalar(#c)),
        (Binary::Sub, false) => {
            let c = float(-scalar);
            quote!(rt::AddScalar(#c))
        }
        (Binary::Sub, true) => quote!(rt::SubFrom(#c)),
        (Binary::Mul, _) => quote!(rt::MulScalar(#c)),
        (Binary::Div, false) => quote!(rt::DivScalar(#c)),
        (Binary::Div, true) => quote!(rt::DivInto(#c)),
        (Binary::Max, _) => quote!(rt::MaxScalar(#c)),
        (Binary::Min, _) => quote!(rt::MinScalar(#c)),
    }
}

/// A literal of the nearest f32; `f32::INFINITY` and its like have none.
fn float(x: f64) -> TokenStream {
    let x = x as f32;
    if x.is_nan() {
        quote!(::core::primitive::f32::NAN)
    } else if x.is_infinite() {
        if x > 0.0 { quote!(::core::primitive::f32::INFINITY) } else { quote!(::core::primitive::f32::NEG_INFINITY) }
    } else {
        let literal = Literal::f32_suffixed(x.abs());
        if x.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) }
    }
}

/// Each operation of the result before, and only of that.
fn is_chain(unary: &Unary) -> bool {
    unary.ops.iter().enumerate().all(|(i, op)| match *op {
        UnaryOp::Activation(_, v) | UnaryOp::Scalar { value: v, .. } => v == i,
        UnaryOp::Binary(..) => false,
    })
}

/// `x * sigmoid(x + shift)`, times or divided by a number: shift and factor.
fn shifted_silu(unary: &Unary) -> Option<(f64, f64)> {
    let (shift, rest) = match unary.ops[..] {
        [UnaryOp::Scalar { op: op @ (Binary::Add | Binary::Sub), scalar, reversed, value: 0 }, ref rest @ ..]
            if op == Binary::Add || !reversed =>
        {
            (if op == Binary::Add { scalar } else { -scalar }, rest)
        }
        _ => return None,
    };
    let (product, rest) = match *rest {
        [UnaryOp::Activation(Activation::Sigmoid, 1), UnaryOp::Binary(Binary::Mul, a, b), ref rest @ ..] => {
            ((a, b), rest)
        }
        _ => return None,
    };
    if product != (0, 2) && product != (2, 0) {
        return None;
    }
    let scale = match *rest {
        [] => 1.0,
        [UnaryOp::Scalar { op: Binary::Div, scalar, reversed: false, value: 3 }] => 1.0 / scalar,
        [UnaryOp::Scalar { op: Binary::Mul, scalar, value: 3, .. }] => scalar,
        _ => return None,
    };
    // what the runtime's function can do
    (shift.abs() <= 24.0 && (1e-6..=1e6).contains(&scale.abs())).then_some((shift, scale))
}
