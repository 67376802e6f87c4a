use lightconv::lightnet;

lightnet! {
    pub net N(for: [4, 8, 8]) { for -> ReLU }
}

fn main() {}
