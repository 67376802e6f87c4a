use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> Upsample(scale_factor = 2)
    }
}

fn main() {}
