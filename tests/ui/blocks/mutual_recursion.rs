use lightconv::lightnet;

lightnet! {
    block A(x) { x -> B }
    block B(x) { x -> [A] }
    pub net N(x: [3, 8, 8]) { x -> A }
}

fn main() {}
