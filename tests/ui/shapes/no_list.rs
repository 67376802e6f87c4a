use lightconv::lightnet;

lightnet! {
    pub net N(x: 4, y: [4, 8, 8]) { x + y -> ReLU }
}

fn main() { let _ = N::INPUT.0[2]; }
