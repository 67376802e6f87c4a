use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        x -> Conv2d(99999999999999999999, 1)
    }
}

fn main() {}
