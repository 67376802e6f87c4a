use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 32, 32]) {
        (x, x -> MaxPool2d(2)) -> Concat
    }
}

fn main() {}
