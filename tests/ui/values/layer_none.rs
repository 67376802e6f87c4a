use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        let act = none;
        x -> act
    }
}

fn main() {}
