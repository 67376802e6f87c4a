use lightconv::lightnet;

lightnet! {
    pub net N(x: [16]) {
        (x, x) -> Concat(axis = height)
    }
}

fn main() {}
