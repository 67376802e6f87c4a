use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        param w: [2, 3, 4, 5];
        x * w
    }
}

fn main() {}
