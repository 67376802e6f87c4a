use lightconv::lightnet;

lightnet! {
    block B() { ReLU }
    pub net N(x: [3, 8, 8]) { x -> B }
}

fn main() {}
