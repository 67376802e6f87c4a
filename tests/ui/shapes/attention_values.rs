use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8], y: [10, 8, 8]) { (x, x, y) -> Attention(4) }
}

fn main() {}
