use lightconv::lightnet;

lightnet! {
    pub block Wide(x; out) {
        x -> Conv2d(out, 3, paddin = 1)
    }

    pub net N(x: [3, 32, 32]) {
        x -> ReLU
    }
}

fn main() {}
