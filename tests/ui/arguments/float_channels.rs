use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> Conv2d(x.channels * 0.5, 1)
    }
}

fn main() {}
