use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> Conv2d(int(x.channels * (1 / 3)), 1)
    }
}

fn main() {}
