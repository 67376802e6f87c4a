use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let layers = [ReLU, ReLU6];
        x -> [*layers]
    }
}

fn main() {}
