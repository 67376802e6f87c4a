use lightconv::lightnet;

lightnet! {
    pub net N(x: [16, 8, 8]) {
        let y = self.conv(x);
        y
    }
}

fn main() {}
