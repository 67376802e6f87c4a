use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let c = x.channels // 4;
        x -> Conv2d(c, 1)
    }
}

fn main() {}
