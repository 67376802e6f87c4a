use lightconv::lightnet;

lightnet! {
    block B(x, k) { x -> Conv2d(k, 1) }
    pub net N(x: [4, 8, 8]) { x -> B(3) }
}

fn main() {}
