use lightconv::lightnet;

lightnet! {
    block Half(x; out) {
        require(out % 2 == 0, "out ({out}) must be even");
        x -> Conv2d(out / 2, 1)
    }
    pub net N(x: [3, 8, 8]) { x -> Half(7) }
}

fn main() {}
