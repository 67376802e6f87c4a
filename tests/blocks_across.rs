//! Blocks of other modules and of another crate: a net that imports them is the net that has them in its own invocation.

#![deny(warnings)]
#![forbid(unsafe_code)]

use lightconv::Tensor;

/// That two nets are the same: layers, weights, counts and every number of the output.
macro_rules! same {
    ($a:ty, $b:ty) => {{
        assert_eq!(<$a>::LAYERS, <$b>::LAYERS);
        assert_eq!(<$a>::WEIGHTS, <$b>::WEIGHTS);
        assert_eq!(<$a>::COST, <$b>::COST);
        let numbers: Vec<f32> = (0..4 * 6 * 6).map(|i| (i % 13) as f32 - 6.0).collect();
        let x = Tensor::<4, 6, 6>::from_chw(&numbers).expect("numbers for each element");
        let (a, b) = (<$a>::random(3).run(&x), <$b>::random(3).run(&x));
        assert!(a.as_slice() == b.as_slice() && a.as_slice().iter().any(|x| *x != 0.0));
    }};
}

/// The blocks of `lightconv-test-blocks` once more, under names that tell them apart.
mod ghosts {
    lightconv::lightnet! {
        pub net Ghosts(x: [4, 6, 6]) -> [8, 6, 6] { x -> first: Ghost(6, 3) -> rest: Many(8, n = 3) }
        #[ptflops(skip = [BatchNorm2d])]
        block Many(x; out, n) {
            x -> ["ghost2": Ghost(out), for _ in 1..n { Ghost(out) }] -> scale: Gamma
        }
        block Ghost(x; out, kernel_size = 1) {
            let a = x -> primary_conv: ConvNormReLU(out / 2, kernel_size);
            let b = a -> cheap_operation: [GroupConv(out / 2, 3)];
            (a, b) -> Concat
        }
        block ConvNormReLU(x; out, k) { x -> [Conv2d(out, k, padding = k / 2, bias = false), BatchNorm2d, ReLU] }
        block GroupConv(x; out, k) {
            x -> conv: Conv2d(out, k, padding = k / 2, groups = gcd(x.channels, out), bias = false)
        }
        block Gamma(x) { param gamma: [x.channels, 1, 1]; x * gamma }
    }
}

#[test]
fn of_another_crate() {
    // A struct of that name does not stand in the way of the block of that name.
    use lightconv_test_blocks::ghost::Scale;
    lightconv::lightnet! {
        use lightconv_test_blocks::ghost::{Ghost, Ghosts};
        net Imported(x: [4, 6, 6]) -> [8, 6, 6] { x -> first: Ghost(6, 3) -> rest: Ghosts(8, n = 3) }
    }
    same!(Imported, ghosts::Ghosts);
    assert_eq!(format!("{Scale:?}"), "Scale");
}

/// Its `Unit`, `Conv` and `RATIO` are not those that the imported blocks speak of.
#[test]
fn names_inside_of_a_block_are_its_own() {
    use lightconv_test_blocks as other;
    use other::prelude::Ghost as Spectre;
    lightconv::lightnet! {
        use other::prelude::Phantoms as P;
        use Spectre as Unit;
        const RATIO = 1;
        block Cheap(x) { x -> Ghost }
        block Ghost(x) { x -> ReLU }
        block Conv(x; out, k, n = RATIO) { x -> Unit(out, kernel_size = k) }
        net Imported(x: [4, 6, 6]) -> [8, 6, 6] { x -> first: Conv(6, 3) -> rest: P(8, n = 3) -> Cheap }
    }
    assert_eq!(Imported::WEIGHTS, ghosts::Ghosts::WEIGHTS);
    let relus = |layers: &[lightconv::LayerInfo]| layers.iter().filter(|l| l.operator == "ReLU").count();
    assert_eq!(relus(Imported::LAYERS), relus(ghosts::Ghosts::LAYERS) + 1);
}

/// Used before it is defined, and through three modules with a `Conv` each.
mod early {
    lightconv::lightnet! {
        use crate::late::{Twice, inner::Conv};
        pub(crate) block Early(x) { x -> Twice(Conv(4)) -> [Twice(ReLU)] }
        pub net Net(x: [4, 6, 6]) { x -> Early -> more: Conv(2) }
    }
}

mod late {
    pub mod inner {
        lightconv::lightnet! {
            use super::super::leaf::Conv as Leaf;
            pub(in super::super) block Conv(x; c) { x -> outer: Leaf(c, K) }
            const K = 3;
        }
    }
    lightconv::lightnet! {
        pub(super) block Twice(x; layer, first = 1) { x -> ["conv{NAME + first}": layer, b: layer] }
        const NAME = 7;
    }
}

mod leaf {
    lightconv::lightnet! {
        /// Not seen beyond this module and those in it.
        block Private(x; c) { x -> point: Conv2d(c, K) }
        const K = 1;
    }
    lightconv::lightnet! {
        use self::Private;
        pub(super) block Conv(x; c, k) { x -> inner: Conv2d(c, k, padding = k / 2) -> Private(c) }
    }
    pub mod child {
        lightconv::lightnet! {
            use super::Private;
            pub block Public(x) { x -> Private(4) }
        }
    }
}

#[test]
fn of_other_modules() {
    lightconv::lightnet! {
        net Local(x: [4, 6, 6]) {
            x -> [conv8: Outer(4), b: Outer(4)] -> [[conv8: ReLU, b: ReLU]] -> more: Outer(2)
        }
        block Outer(x; c) { x -> outer: Leaf(c) }
        block Leaf(x; c) { x -> inner: Conv2d(c, 3, padding = 1) -> point: Conv2d(c, 1) }
    }
    same!(early::Net, Local);
}

/// An import is found as any macro is: by a path, from inside of a function, through a module of the function.
#[test]
fn of_a_private_module_and_a_function() {
    mod here {
        lightconv::lightnet! {
            pub(super) block Double(x) { x + x }
            block Conv(x) { x -> ReLU }
        }
        lightconv::lightnet! {
            // Another private block of that name in the same module.
            block Conv(x) { x -> concat }
            // Does not stand in the way of the macro of that name.
            block concat(x) { x -> Conv2d(4, 1) }
            pub(super) net Inner(x: [4, 6, 6]) { x -> Conv }
        }
        pub(super) const TEXT: &str = concat!("a", "b");
    }
    lightconv::lightnet! {
        use here::Double as D;
        use crate::leaf::child::Public;
        net Net(x: [4, 6, 6]) { x -> D -> fc: Public }
        net Local(x: [4, 6, 6]) { x + x -> fc: Point }
        block Point(x) { x -> point: Conv2d(4, 1) }
    }
    same!(Net, Local);
    assert_eq!((here::Inner::LAYERS.len(), here::TEXT), (1, "ab"));
}

/// Two modules that import from one another.
mod ping {
    lightconv::lightnet! {
        use super::pong::Pong;
        pub(crate) block Ping(x) { x -> ping: Conv2d(4, 1) }
        pub(crate) block Both(x) { x -> [Ping, Pong] }
    }
}

mod pong {
    lightconv::lightnet! {
        use super::ping::{Both, Ping};
        pub(crate) block Pong(x) { x -> pong: Conv2d(4, 1) }
        pub(crate) net Net(x: [4, 6, 6]) { x -> Both -> Ping }
    }
}

#[test]
fn of_modules_that_import_from_one_another() {
    assert_eq!(pong::Net::LAYERS.iter().map(|l| l.path).collect::<Vec<_>>(), ["0.ping", "1.pong", "ping"]);
}

/// Items that a macro makes: the same blocks in several modules.
macro_rules! family {
    ($($module:ident $width:literal)*) => { $(
        pub(crate) mod $module {
            lightconv::lightnet! {
                pub block Body(x) { x -> Tail($width) }
                pub block Tail(x; c) { x -> Conv2d(c, 1) }
            }
        }
    )* };
}

family! { narrow 4 wide 8 }

#[test]
fn made_by_a_macro() {
    lightconv::lightnet! {
        use narrow::Body;
        use wide::{Body as Wide, Tail};
        net Net(x: [4, 6, 6]) -> [2, 6, 6] { x -> [Body, Wide, Tail(2)] }
    }
    assert_eq!(Net::LAYERS.iter().map(|l| l.output[0]).collect::<Vec<_>>(), [4, 8, 2]);
}

#[test]
fn of_a_net_of_the_other_crate() {
    assert_eq!(lightconv_test_blocks::Local::OUTPUT, [6, 8, 8]);
}
