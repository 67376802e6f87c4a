use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        param w: [3, 1, 1];
        param w: [3, 1, 1];
        x * w
    }
}

fn main() {}
