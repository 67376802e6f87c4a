use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        let c = if x.channels > 8 { 4 };
        x -> Conv2d(c, 1)
    }
}

fn main() {}
