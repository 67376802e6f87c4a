use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        layer c = Conv2d(8, 3);
        x -> c -> c
    }
}

fn main() {}
