use lightconv::lightnet;

lightnet! {
    block B(x; act = true) { x -> [if not act { ReLU }] }
    pub net N(x: [16, 8, 8]) { x -> B }
}

fn main() {}
