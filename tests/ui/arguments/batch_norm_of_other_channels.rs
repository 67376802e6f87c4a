use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [Conv2d(16, 3), BatchNorm2d(32)]
    }
}

fn main() {}
