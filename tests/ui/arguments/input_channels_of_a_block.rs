use lightconv::lightnet;

lightnet! {
    pub net N(x: [32, 8, 8]) {
        x -> InvertedResidual(inp = 24, oup = 16, stride = 2, expand_ratio = 6)
    }
}

fn main() {}
