use lightconv::lightnet;

lightnet! {
    block U((a, b); n) { a -> Conv2d(n, 1) }
    block V(a; (n, m), k) { a -> Conv2d(k, 1) }
    pub net N(x: [3, 8, 8]) -> [4, 8, 8] { x -> U(4) -> V(4) }
}

fn main() {}
