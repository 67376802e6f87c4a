use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        layer c = Conv2d(3, 1);
        x -> conv1: c -> c
    }
}

fn main() {}
