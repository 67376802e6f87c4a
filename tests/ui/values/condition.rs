use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [if x.channels { ReLU }]
    }
}

fn main() {}
