use lightconv::lightnet;

lightnet! {
    pub net N(x: [28, 28]) {
        x -> Flatten
    }
}

fn main() {}
