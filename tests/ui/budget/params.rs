use lightconv::lightnet;

lightnet! {
    #[budget(params <= 100)]
    pub net N(x: [3, 8, 8]) {
        x -> l: [Conv2d(8, 3), Conv2d(8, 3), ReLU]
    }
}

fn main() {}
