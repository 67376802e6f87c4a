use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8], y: [8, 8, 8]) { (x, y, y) -> Attention(4) }
}

fn main() {}
