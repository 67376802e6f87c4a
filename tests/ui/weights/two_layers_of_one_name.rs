use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let a = x -> c: Conv2d(8, 3);
        (a, x -> c: Conv2d(8, 3)) -> Concat
    }
}

fn main() {}
