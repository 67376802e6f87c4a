use lightconv::lightnet;

lightnet! {
    block Conv(x; c) { x -> Conv(c, 3) }
    pub net N(x: [3, 8, 8]) { x -> Conv(8) }
}

fn main() {}
