use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let y = x -> ReLU;
        y += x;
        y
    }
}

fn main() {}
