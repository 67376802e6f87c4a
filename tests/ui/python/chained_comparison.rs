use lightconv::lightnet;

lightnet! {
    block B(x; s) {
        require(1 <= s <= 2, "s");
        x
    }
    pub net N(x: [3, 8, 8]) { x -> B(1) }
}

fn main() {}
