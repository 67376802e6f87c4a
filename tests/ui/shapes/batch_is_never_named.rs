use lightconv::lightnet;

lightnet! {
    pub net N(x: [1, 3, 32, 32]) {
        x -> ReLU
    }
}

fn main() {}
