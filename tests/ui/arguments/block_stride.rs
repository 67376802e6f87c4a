use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> blocks: [InvertedResidual(16, stride = 3, expand_ratio = 2)]
    }
}

fn main() {}
