use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let half = round(x.channels / 2);
        x -> Conv2d(half, 1)
    }
}

fn main() {}
