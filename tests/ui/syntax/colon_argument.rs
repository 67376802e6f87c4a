use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> Conv2d(8, kernel_size: 3)
    }
}

fn main() {}
