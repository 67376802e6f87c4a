use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let gate = x -> GlobalAvgPool -> Linear(8);
        x * gate
    }
}

fn main() {}
