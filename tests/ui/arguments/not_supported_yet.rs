use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> GroupNorm(2)
    }
}

fn main() {}
