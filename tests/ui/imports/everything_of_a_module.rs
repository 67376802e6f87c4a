use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! { pub block Ghost(x; out) { x -> Conv2d(out, 1) } }
}

lightnet! {
    use blocks::*;
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
