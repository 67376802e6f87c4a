use lightconv::lightnet;

lightnet! {
    pub net N(x: [1000000, 1000000, 1000000]) {
        x -> ReLU
    }
}

fn main() {}
