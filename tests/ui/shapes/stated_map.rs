use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) -> [16] {
        x -> AdaptiveAvgPool2d(1)
    }
}

fn main() {}
