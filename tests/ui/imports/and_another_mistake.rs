use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! { pub block Ghost(x; out) { x -> Conv2d(out, 1) } }
}

lightnet! {
    use blocks::Ghost;
    pub net A(x: [8, 8, 8]) { x -> Ghost(8) -> Relu }
    block Ghost(x) { x }
}

fn main() {}
