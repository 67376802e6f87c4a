use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 32, 32]) {
        x -> Conv2d(8, 3, groups = 2) -> MaxPool2d(0)
    }
}

fn main() {}
