use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! {
        pub block Ghost(x) { x -> ReLU }
    }
}

lightnet! {
    #[cfg(feature = "ghost")]
    use blocks::Ghost;
    net N(x: [3, 8, 8]) { x -> Ghost }
}

fn main() {
    let _ = N::random(1);
}
