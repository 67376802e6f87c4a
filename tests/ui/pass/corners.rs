//! Macros of the user's around `lightnet!`, names that could clash with what it generates, and smaller corners of the language.

#![deny(warnings)]
#![forbid(unsafe_code)]

/// Shadows of what generated code might name without a path.
mod shadows {
    #![allow(dead_code)]

    pub struct Tensor;
    pub struct Vec;
    pub struct String;
    pub struct Workspace;
    pub trait Net {}
    pub mod rt {}
    pub mod core {}
    pub mod std {}
    pub type Result = ();
    pub type Option = ();

    lightconv::lightnet! {
        const SIZE = 4;

        // Inputs called as the generated functions' own parameters and as keywords of Rust.
        pub(super) net Clash(workspace: [SIZE, 2, 2], output: [SIZE], type: [1, 2, 2]) -> [8, 2, 2] {
            let both = (workspace * output, workspace - type) -> Concat;
            both -> Twice(8)
        }

        pub(super) net Second(x: [SIZE, 2, 2]) {
            x -> Conv(SIZE)
        }

        block Twice(x; c) {
            let x = x -> first: Conv(c);
            x -> second: Conv(c)
        }

        // Hides the shipped block.
        block Conv(x; c) { x -> conv: Conv2d(c, 1) }
    }
}

macro_rules! nets {
    ($($(#[$attr:meta])* $vis:vis $name:ident: $c:expr, $layer:expr, $body:tt, $k:literal, $label:ident;)*) => {
        lightconv::lightnet! {
            $($(#[$attr])* $vis net $name(x: [$c, 4, 4]) {
                // `$c` is one operand, whatever stands in it.
                let double = $c * 2;
                x -> $label: [Conv2d(double, $k), $layer] -> $body
            })*
        }
    };
}

nets! {
    /// A sum as one operand.
    pub(crate) OfASum: 1 + 2, ReLU, [MaxPool2d(2)], 3, stem;
    OfACall: 2, Conv2d(4, 1), [], 1, r#type;
}

lightconv::lightnet! {
    const TABLE = [(4, [ReLU, BatchNorm2d]), (6, [])];

    net Small(x: [4, 4, 4]) -> ([4, 4, 4], [10, 4, 4], [6, 4, 4], [4, 4, 4]) {
        let kept = x -> [] -> Identity -> Dropout(0.5);
        let (a, (b, _)) = (x, (kept, x -> Sigmoid));
        let list = [Conv2d(4, 1), Conv2d(6, 1)];
        let cut = a -> features: list[0..1] -> features: [1: list[1]];
        let unit = Conv2d(bias = false);
        let parts = (for (c, after) in TABLE { b -> "b{c}": [unit(c, 1), after] }) -> Concat;
        let chosen = if x.height == 4 && !(len(TABLE) != 2) { -x } else { x };
        let pad = kept;
        (chosen + kept, parts, cut, max(pad, 0.0) -> c: if x.width % 2 == 0 { Conv2d(4, [3, 1], padding = [1, 0]) } else { Identity })
    }
}

fn main() {
    use lightconv::Net;

    assert_eq!(shadows::Clash::INPUT, ([4, 2, 2], [4], [1, 2, 2]));
    assert_eq!(shadows::Clash::COST.params, 2 * (8 * 8 + 8));
    assert_eq!(shadows::Second::WEIGHTS[0].name, "conv.weight");
    assert_eq!(OfASum::OUTPUT, [6, 1, 1]);
    assert_eq!(
        OfACall::WEIGHTS.iter().map(|w| w.name).collect::<Vec<_>>(),
        ["type.0.weight", "type.0.bias", "type.1.weight", "type.1.bias"]
    );
    let names: Vec<_> = Small::WEIGHTS.iter().map(|w| w.name).filter(|n| n.ends_with("weight")).collect();
    assert_eq!(
        names,
        ["features.0.weight", "features.1.weight", "b4.0.weight", "b4.1.1.weight", "b6.0.weight", "c.weight"]
    );
    let nets: [&dyn Net; 2] = [&OfASum::random(1), &Small::random(1)];
    assert_eq!(nets.map(|n| n.name()), ["OfASum", "Small"]);
}
