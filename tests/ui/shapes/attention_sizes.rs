use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8], y: [24, 4, 4]) { (x, x, y) -> Attention(4) }
}

fn main() {}
