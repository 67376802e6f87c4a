use lightconv::lightnet;

lightnet! {
    pub net N(x: [24]) { x -> ChannelConv1d(4) }
}

fn main() {}
