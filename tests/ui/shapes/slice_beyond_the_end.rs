use lightconv::lightnet;

lightnet! {
    pub net N(x: [10, 8, 8]) {
        x[4..12]
    }
}

fn main() {}
