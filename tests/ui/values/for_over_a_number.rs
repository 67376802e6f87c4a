use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [for i in 3 { ReLU }]
    }
}

fn main() {}
