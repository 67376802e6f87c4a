use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 8, 8]) {
        let a = x.channels == 3 and x.height == 8;
        x -> [if a { ReLU }]
    }
}

fn main() {}
