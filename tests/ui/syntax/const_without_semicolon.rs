use lightconv::lightnet;

lightnet! {
    const A = 8
    pub net N(x: [4, 8, 8]) { x -> Conv2d(A, 1) }
}

fn main() {}
