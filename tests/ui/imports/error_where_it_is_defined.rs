use lightconv::lightnet;

mod blocks {
    lightconv::lightnet! {
        pub block Good(x) { x -> ReLU }
        pub block Bad(x; out) { x -> Inner(out) }
        block Inner(x; out) { x -> Conv2d(out, kernel) }
    }
}

lightnet! {
    use blocks::{Bad, Good};
    pub net A(x: [8, 8, 8]) { x -> Good }
    pub net B(x: [8, 8, 8]) { x -> Bad(7) -> Linear(3) }
}

fn main() {
    println!("{}", B::summary());
}
