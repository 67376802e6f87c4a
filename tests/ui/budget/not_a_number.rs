use lightconv::lightnet;

lightnet! {
    #[budget(params <= LIMIT)]
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
