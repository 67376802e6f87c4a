use lightconv::lightnet;

lightnet! {
    block B(x) { x -> conv: Conv2d(8, 1) }
    pub net N(x: [3, 8, 8]) {
        x -> B -> B
    }
}

fn main() {}
