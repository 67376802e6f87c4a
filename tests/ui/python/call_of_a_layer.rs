use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let y = Conv2d(16, 3)(x);
        y
    }
}

fn main() {}
