use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8]) { x -> LayerNorm2d(1e-5) }
}

fn main() {}
