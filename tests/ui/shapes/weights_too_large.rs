use lightconv::lightnet;

lightnet! {
    pub net N(x: [65536]) {
        x -> Linear(65536)
    }
}

fn main() {}
