use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 56, 56]) {
        x + (x -> c: Conv2d(16, 1))
    }
}

fn main() {}
