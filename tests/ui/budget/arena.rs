use lightconv::lightnet;

lightnet! {
    #[budget(arena <= 1 KiB, macs <= 6M)]
    pub net N(x: [3, 32, 32]) {
        x -> l: [Conv2d(8, 3), Conv2d(8, 3)]
    }
}

fn main() {}
