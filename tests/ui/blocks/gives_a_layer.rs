use lightconv::lightnet;

lightnet! {
    block B(x) { [Conv2d(8, 3), ReLU] }
    pub net N(x: [3, 8, 8]) { x -> B }
}

fn main() {}
