use lightconv::lightnet;

lightnet! {
    pub net type(x: [3, 8, 8]) {
        x -> ReLU
    }
}

fn main() {}
