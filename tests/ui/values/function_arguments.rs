use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        x -> Conv2d(make_divisible(x.channels * 0.5), 1)
    }
}

fn main() {}
