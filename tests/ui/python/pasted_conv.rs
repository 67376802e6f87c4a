use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> Conv2d(3, 16, 3, stride = 2, padding = 1)
    }
}

fn main() {}
