use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8], y: [1, 8, 8]) { (x, y) -> MatMul }
}

fn main() {}
