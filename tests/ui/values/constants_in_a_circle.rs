use lightconv::lightnet;

lightnet! {
    const A = B;
    const B = A;
    pub net N(x: [3, 8, 8]) { x -> Conv2d(A, 1) }
}

fn main() {}
