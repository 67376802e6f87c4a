use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> [for i in range(2) { Conv2d(16, 1) }]
    }
}

fn main() {}
