use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        (a: x, b: x) -> Concat
    }
}

fn main() {}
