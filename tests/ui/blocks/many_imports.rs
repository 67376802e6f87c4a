use lightconv::lightnet;

lightnet! {
    use crate::blocks::{Ghost, CoordAtt as Ca};
    pub net N(x: [3, 8, 8]) { x -> Ghost(8) -> Ca }
}

fn main() {}
