use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> Sequential(Conv2d(16, 1), ReLU)
    }
}

fn main() {}
