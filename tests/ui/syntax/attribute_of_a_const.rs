use lightconv::lightnet;

lightnet! {
    #[budget(params <= 1)]
    const WIDTH = 8;
    pub net N(x: [3, 8, 8]) { x -> Conv2d(WIDTH, 1) }
}

fn main() {
    let _ = N::random(1);
}
