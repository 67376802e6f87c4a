use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let mode = "nearest";
        x -> ReLU
    }
}

fn main() {}
