use lightconv::lightnet;

lightnet! {
    block B(x; c) { x -> Conv2d(c, 3, bias = nope) -> Concat }
    pub net N(x: [4, 8, 8]) -> [9] { x -> B(8) -> Linear(4) }
}

fn main() {}
