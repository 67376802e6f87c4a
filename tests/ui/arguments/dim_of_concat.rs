use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        (x, x) -> Concat(1)
    }
}

fn main() {}
