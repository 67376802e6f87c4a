use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { if x.channels == 4 { let y = x; } x -> ReLU }
}

fn main() {}
