use lightconv::lightnet;

lightnet! {
    block R(x;) { x -> R }
    pub net N(x: [3, 8, 8]) { x -> R }
}

fn main() {}
