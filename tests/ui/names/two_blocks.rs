use lightconv::lightnet;

lightnet! {
    block B(x) { x -> ReLU }
    block B(x) { x -> ReLU6 }
    pub net N(x: [16, 8, 8]) { x -> B }
}

fn main() {}
