use lightconv::lightnet;

lightnet! {
    pub net N() {
        ReLU
    }
}

fn main() {}
