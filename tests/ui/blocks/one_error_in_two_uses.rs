use lightconv::lightnet;

lightnet! {
    block B(x; c) { x -> conv: Conv2d(c, 3, groups = 7) }
    pub net N(x: [3, 8, 8]) { x -> [B(8), B(16)] }
}

fn main() {}
