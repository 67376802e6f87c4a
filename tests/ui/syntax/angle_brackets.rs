use lightconv::lightnet;

lightnet! {
    pub net N<3, 8, 8> {
        x -> ReLU
    }
}

fn main() {}
