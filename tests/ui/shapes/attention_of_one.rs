use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8]) { x -> Attention(4) }
}

fn main() {}
