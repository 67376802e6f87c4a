use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 32, 32]) {
        x -> Linear(10)
    }
}

fn main() {}
