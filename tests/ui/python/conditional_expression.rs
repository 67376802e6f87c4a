use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let s = 2 if x.channels == 16 else 1;
        x -> Conv2d(8, 3, stride = s)
    }
}

fn main() {}
