use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [99999999999999999999: Conv2d(8, 1), ReLU]
    }
}

fn main() {}
