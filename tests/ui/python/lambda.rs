use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let f = lambda c: c * 2;
        x -> Conv2d(f(8), 1)
    }
}

fn main() {}
