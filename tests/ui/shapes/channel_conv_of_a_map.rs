use lightconv::lightnet;

lightnet! {
    pub net N(x: [24, 8, 8]) { x -> ChannelConv1d(3) }
}

fn main() {}
