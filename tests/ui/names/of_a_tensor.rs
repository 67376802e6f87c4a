use lightconv::lightnet;

lightnet! {
    pub net N(image: [16, 8, 8]) {
        imgae -> ReLU
    }
}

fn main() {}
