use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        torch.cat([x, x], dim = 1)
    }
}

fn main() {}
