use lightconv::lightnet;

lightnet! {
    fn main() {}
}

fn main() {}
