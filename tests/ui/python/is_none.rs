use lightconv::lightnet;

lightnet! {
    block B(x; p = none) { x -> [if p is not none { Conv2d(p, 1) }] }
    pub net N(x: [16, 8, 8]) { x -> B }
}

fn main() {}
