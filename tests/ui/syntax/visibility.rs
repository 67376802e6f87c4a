use lightconv::lightnet;

lightnet! {
    pub(crate, super) net N(x: [3, 8, 8]) { x -> ReLU }
}

fn main() {
    let _ = N::random(1);
}
