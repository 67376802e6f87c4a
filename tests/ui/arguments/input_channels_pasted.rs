use lightconv::lightnet;

lightnet! {
    pub net N(x: [64, 8, 8]) {
        x -> Conv2d(64, 128, 3)
    }
}

fn main() {}
