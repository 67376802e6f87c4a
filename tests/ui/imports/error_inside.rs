use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! {
        pub block Residual(x; stride = 1) { x -> [Branch(stride)] }
        block Branch(x; stride) { x + (x -> conv: Conv2d(x.channels, 3, stride, padding = 1)) }
        pub block Half(x; out, k = 1) {
            require(out % 2 == 0, "out ({out}) must be even");
            x -> Conv2d(out / 2, k)
        }
    }
}

lightnet! {
    use blocks::{Half, Residual as R};
    pub net A(x: [8, 8, 8]) { x -> stages: [R, R(stride = 2)] }
    pub net B(x: [8, 8, 8]) { x -> Half(7, k = 3) }
    pub net C(x: [8, 8, 8]) { x -> Half(4, kernel = 3) }
}

fn main() {}
