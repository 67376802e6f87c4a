use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let table = [8, 16];
        x -> Conv2d(table[2], 1)
    }
}

fn main() {}
