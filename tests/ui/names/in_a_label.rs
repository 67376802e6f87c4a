use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> [for i in 0..2 { "layer{j}": Conv2d(16, 1) }]
    }
}

fn main() {}
