use lightconv::lightnet;

lightnet! {
    pub net N(x: [8, 5, 5]) {
        x -> Conv2d(8, 7)
    }
}

fn main() {}
