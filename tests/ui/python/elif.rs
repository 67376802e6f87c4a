use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> [if x.channels == 8 { ReLU } elif x.channels == 16 { ReLU6 }]
    }
}

fn main() {}
