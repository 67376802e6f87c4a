use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> MaxPool2d(3, padding = 2)
    }
}

fn main() {}
