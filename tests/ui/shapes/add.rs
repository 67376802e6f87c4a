use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 56, 56]) {
        let y = x -> Conv2d(24, 3, stride = 2, padding = 1);
        x + y -> ReLU
    }
}

fn main() {}
