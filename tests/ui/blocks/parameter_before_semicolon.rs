use lightconv::lightnet;

lightnet! {
    block B(x, out = 3) { x -> Conv2d(out, 3) }
    pub net N(x: [3, 8, 8]) { x -> B }
}

fn main() {}
