use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> "layer{1": Conv2d(8, 3)
    }
}

fn main() {}
