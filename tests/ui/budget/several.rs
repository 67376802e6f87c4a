use lightconv::lightnet;

lightnet! {
    #[budget(params < 808, macs <= 1K, arena <= 1 MiB)]
    pub net N(x: [3, 8, 8]) {
        x -> l: [Conv2d(8, 3), Conv2d(8, 3), ReLU]
    }
}

fn main() {}
