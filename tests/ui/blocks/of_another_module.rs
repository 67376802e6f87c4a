use lightconv::lightnet;

lightnet! {
    use path::to::Ghost;
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
