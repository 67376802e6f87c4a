use lightconv::lightnet;

lightnet! {
    const BIG = 9223372036854775807;
    pub net N(x: [3, 8, 8]) { x -> Conv2d(BIG + 1, 1) }
}

fn main() {}
