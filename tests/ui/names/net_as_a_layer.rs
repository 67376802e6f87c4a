use lightconv::lightnet;

lightnet! {
    pub net Inner(x: [16, 8, 8]) { x -> ReLU }
    pub net N(x: [16, 8, 8]) { x -> Inner }
}

fn main() {}
