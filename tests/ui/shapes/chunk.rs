use lightconv::lightnet;

lightnet! {
    pub net N(x: [10, 8, 8]) {
        let (a, b, c) = x -> Chunk(3);
        a + b + c
    }
}

fn main() {}
