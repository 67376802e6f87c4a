use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let mut y = x -> ReLU;
        y
    }
}

fn main() {}
