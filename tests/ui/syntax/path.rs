use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        x -> blocks::Ghost(8)
    }
}

fn main() {}
