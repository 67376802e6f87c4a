use lightconv::lightnet;

lightnet! {
    #[doc = 1 + 1]
    pub net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {
    let _ = N::random(1);
}
