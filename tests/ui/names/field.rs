use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> Conv2d(x.chanels, 3)
    }
}

fn main() {}
