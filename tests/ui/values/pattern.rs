use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> [for (c, k) in [(8, 3), (16, 3, 2)] { Conv2d(c, k) }]
    }
}

fn main() {}
