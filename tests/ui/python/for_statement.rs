use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { for i in 0..2 { x = x -> Conv2d(8, 1); } x }
}

fn main() {}
