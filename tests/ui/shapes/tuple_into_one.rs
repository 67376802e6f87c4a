use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        (x, x) -> Conv2d(8, 3)
    }
}

fn main() {}
