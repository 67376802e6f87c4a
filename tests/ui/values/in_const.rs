use lightconv::lightnet;

lightnet! {
    const C = 8 / 0;
    pub net N(x: [4, 8, 8]) {
        x -> Conv2d(C, 1)
    }
    pub net M(x: [4, 8, 8]) {
        x -> Conv2d(C, 1)
    }
}

fn main() {}
