use lightconv::lightnet;

lightnet! {
    block Unused(x; out) {
        x -> Conv2d(out, kernel)
    }
    pub net N(x: [16, 8, 8]) {
        x -> ReLU
    }
}

fn main() {}
