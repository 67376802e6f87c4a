//! Corners of the language that must compile.

#![deny(warnings)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use lightconv::{Tensor, lightnet};

lightnet! {
    /// A net before the block that it uses.
    pub net Labels(x: [8, 8, 8]) -> [8, 8, 8] {
        /// A doc comment in a body is ignored.
        x -> type: Conv2d(8, 1)
          -> r#fn: Conv2d(8, 1)
          -> model.0.1: Conv2d(8, 1)
          -> attn.qkv: Own(8)
          -> "stage{1 + 1}.conv": Conv2d(8, 1)
          -> list: [3: Conv2d(8, 1), named: Conv2d(8, 1), Conv2d(8, 1)]
    }

    block Own(x; out, act = ReLU, norm = BatchNorm2d(eps = 1e-3)) {
        x -> [Conv2d(out, 1, bias = false), norm, act]
    }
}

lightnet! {
    const TABLE = [(3, 16, ReLU), (5, 24, Hardswish)];

    /// Several inputs and outputs, tables, shared layers, values.
    pub net Several(a: [8, 8, 8], b: [8, 8, 8]) -> ([24, 8, 8], [8]) {
        layer mlp = [Linear(4), ReLU, Linear(8)];
        param scale: [1, 8, 1, 1];
        let gate = (a -> GlobalAvgPool -> mlp) + (b -> GlobalAvgPool -> mlp) -> Sigmoid;
        let y = a * gate + scale * b;
        let (p, q) = y -> Chunk(2);
        let z = (p, q, for i in 0..2 { y[i * 4..(i + 1) * 4] -> "branch{i}": Conv2d(4, 1) }) -> Concat;
        (
            z -> body: [for (k, out, act) in TABLE { Conv2d(out, k, padding = k / 2), act }],
            if y.channels == 8 { max(gate, 0.5) } else { gate },
        )
    }
}

mod inner {
    //! Nets inside modules.
    lightconv::lightnet! {
        /// In a module.
        pub(crate) net Inner(x: [4, 4, 4]) { x -> MaxPool2d(2) }
    }
}

macro_rules! net_of {
    ($name:ident, $channels:expr, $layer:ident) => {
        lightnet! {
            /// From the user's own macro.
            pub net $name(x: [$channels, 4, 4]) { x -> $layer }
        }
    };
}
net_of!(FromMacro, 6, ReLU);

fn main() {
    lightnet! {
        net Local(x: [4]) -> [2] { x -> Linear(2) }
    }
    assert_eq!(Local::random(1).run(&Tensor::zeros()).as_slice().len(), 2);
    assert_eq!(FromMacro::INPUT, [6, 4, 4]);
    assert_eq!(inner::Inner::OUTPUT, [4, 2, 2]);
    assert_eq!(Several::INPUT, ([8, 8, 8], [8, 8, 8]));
    let (y, gate) = Several::random(1).run(&Tensor::zeros(), &Tensor::zeros());
    assert_eq!((y.as_slice().len(), gate.as_slice().len()), (24 * 64, 8));
    let names: Vec<_> = Labels::WEIGHTS.iter().map(|w| w.name).filter(|n| n.ends_with("weight")).collect();
    assert_eq!(
        names,
        [
            "type.weight",
            "fn.weight",
            "model.0.1.weight",
            "attn.qkv.0.weight",
            "attn.qkv.1.weight",
            "stage2.conv.weight",
            "list.3.weight",
            "list.named.weight",
            "list.5.weight"
        ]
    );
}
