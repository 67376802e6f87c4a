use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { x -> { ReLU } }
}

fn main() {}
