use lightconv::lightnet;

lightnet! {
    block B(x) { x + (x -> Conv2d(9, 3)) }
    pub net N(x: [4, 8, 8]) { x -> B }
    pub net M(x: [4, 16, 16]) { x -> B }
}

fn main() {}
