use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8]) {
        x -> Conv2d(24, 3, groups = 5)
    }
}

fn main() {}
