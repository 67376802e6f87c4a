use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> Conv2d(16, 3, padding = 1, dilation = 6)
    }
}

fn main() {}
