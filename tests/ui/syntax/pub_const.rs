use lightconv::lightnet;

lightnet! {
    pub const C = 8;
    pub net N(x: [3, 8, 8]) { x -> Conv2d(C, 1) }
}

fn main() {}
