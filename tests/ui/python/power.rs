use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) { x -> Conv2d(2 ** 3, 1) }
}

fn main() {}
