use lightconv::lightnet;

lightnet! {
    #[budget(arena <= 96 KB)]
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
