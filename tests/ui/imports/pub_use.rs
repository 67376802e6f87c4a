use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! { pub block Ghost(x; out) { x -> Conv2d(out, 1) } }
}

lightnet! {
    pub use blocks::Ghost;
    pub net N(x: [3, 8, 8]) { x -> Ghost(4) }
}

fn main() {}
