use lightconv::lightnet;

lightnet! {
    #[ptflops(skip = [BatchNorm])]
    pub net N(x: [3, 8, 8]) { x -> BatchNorm2d }
}

fn main() {}
