use lightconv::lightnet;

lightnet! {
    block Inner(x) { x -> conv: Conv2d(8, 9) }
    block Outer(x) { x -> inner: Inner }
    pub net N(x: [3, 8, 8]) { x -> stage: [Outer] }
}

fn main() {}
