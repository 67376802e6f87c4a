use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]) { x -> [if x.chans == 4 { ReLU } else { Foo }] }
}

fn main() {}
