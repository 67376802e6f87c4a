use lightconv::lightnet;

lightnet! {
    use crate::nowhere::Ghost;
    pub net N(x: [3, 8, 8]) -> [8, 8, 8] { x -> Ghost(8) }
}

fn main() {
    println!("{}", N::summary());
}
