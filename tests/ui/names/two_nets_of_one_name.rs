use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) { x -> ReLU }
    pub net N(x: [16, 8, 8]) { x -> ReLU6 }
}

fn main() {}
