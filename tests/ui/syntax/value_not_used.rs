use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> ReLU;
        x -> ReLU6
    }
}

fn main() {}
