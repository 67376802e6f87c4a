use lightconv::lightnet;

lightnet! {
    use pub::Ghost;
    net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {}
