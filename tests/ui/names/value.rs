use lightconv::lightnet;

lightnet! {
    const WIDTH = 16;
    pub net N(x: [16, 8, 8]) {
        x -> Conv2d(WIDHT, 3)
    }
}

fn main() {}
