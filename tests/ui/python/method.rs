use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x.flatten(1)
    }
}

fn main() {}
