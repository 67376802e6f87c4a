use lightconv::lightnet;

lightnet! {
    block B(x; k, k) { x -> Conv2d(k, k) }
    pub net N(x: [3, 8, 8]) { x -> B(3, 3) }
}

fn main() {}
