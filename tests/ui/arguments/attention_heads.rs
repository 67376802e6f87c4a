use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8]) { (x, x, x) -> Attention(5) }
}

fn main() {}
