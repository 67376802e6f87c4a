use lightconv::lightnet;

lightnet! {
    #[budget(params <= 10)]
    block B(x) { x -> ReLU }
    pub net N(x: [3, 8, 8]) { x -> B }
}

fn main() {}
