use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) {
        (x, x, x, x, x, x, x, x, x, x, x, x, x)
    }
}

fn main() {
    let _ = N::random(1);
}
