use lightconv::lightnet;

lightnet! {
    pub net N(x) {
        x -> ReLU
    }
}

fn main() {}
