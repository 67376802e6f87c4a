use lightconv::lightnet;

lightnet! {
    #[budget(params = 100)]
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
