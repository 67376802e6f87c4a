use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { x -> Conv2d::<8>(3) }
}

fn main() {}
