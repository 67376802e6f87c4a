use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        return x -> ReLU;
    }
}

fn main() {}
