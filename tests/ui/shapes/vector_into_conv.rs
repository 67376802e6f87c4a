use lightconv::lightnet;

lightnet! {
    pub net N(x: [10]) {
        x -> Conv2d(8, 3)
    }
}

fn main() {}
