use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let cfg = {8: 3};
        x -> ReLU
    }
}

fn main() {}
