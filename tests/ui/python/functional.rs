use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        F.relu(x)
    }
}

fn main() {}
