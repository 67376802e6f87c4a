use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        x -> [for i in 0..2 { let c = 8 * i + 8; Conv2d(c, 1) }, Conv2d(c, 1)]
    }
}

fn main() {}
