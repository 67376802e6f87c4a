use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let c: usize = 8;
        x -> Conv2d(c, 1)
    }
}

fn main() {}
