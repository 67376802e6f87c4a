use lightconv::lightnet;

lightnet! {
    #[budget(params <= 100)]
    pub net N(x: [3, 32, 32]) -> [8, 30, 32] {
        x -> conv: Conv2d(8, 3)
    }
}

fn main() {}
