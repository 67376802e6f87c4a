use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 7]) { (x, x) -> MatMul }
}

fn main() {}
