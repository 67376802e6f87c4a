use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        let [a, b] = x -> Chunk(2);
        a + b
    }
}

fn main() {}
