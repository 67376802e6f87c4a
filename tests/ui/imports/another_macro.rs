use lightconv::lightnet;

lightnet! {
    use std::vec;
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {
    println!("{}", N::summary());
}
