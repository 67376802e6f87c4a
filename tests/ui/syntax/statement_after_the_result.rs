use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> ReLU
        let y = x;
    }
}

fn main() {}
