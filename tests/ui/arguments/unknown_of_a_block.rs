use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> InvertedResidual(16, stride = 1, expansion = 4)
    }
}

fn main() {}
