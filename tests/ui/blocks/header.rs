use lightconv::lightnet;

lightnet! {
    block B x; k { x -> Conv2d(k, 1) }
    pub net N(x: [3, 8, 8]) { x -> B(8) }
}

fn main() {}
