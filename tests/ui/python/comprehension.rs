use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> [Conv2d(16, 1) for i in range(2)]
    }
}

fn main() {}
