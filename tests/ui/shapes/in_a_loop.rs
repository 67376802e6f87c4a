use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { x -> [for i in 0..5 { Conv2d(8, 3) }] }
}

fn main() {}
