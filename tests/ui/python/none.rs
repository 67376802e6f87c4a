use lightconv::lightnet;

lightnet! {
    block B(x; p = None) { x }
    pub net N(x: [3, 8, 8]) { x -> B }
}

fn main() {}
