use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { block B(x) { x } x -> B }
}

fn main() {}
