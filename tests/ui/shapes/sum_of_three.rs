use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        (x, x, x -> MaxPool2d(2)) -> Sum
    }
}

fn main() {}
