use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> BatchNorm2d(1e-3)
    }
}

fn main() {}
