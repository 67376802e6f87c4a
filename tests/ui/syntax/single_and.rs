use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [if true & true { ReLU }]
    }
}

fn main() {}
