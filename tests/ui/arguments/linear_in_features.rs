use lightconv::lightnet;

lightnet! {
    pub net N(x: [64]) {
        x -> Linear(64, 10)
    }
}

fn main() {}
