use lightconv::lightnet;

lightnet! {
    pub net N(x: [0, 8, 8]) {
        x -> ReLU
    }
}

fn main() {}
