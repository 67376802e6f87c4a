use lightconv::lightnet;

lightnet! {
    pub net N(x: [64, 40, 40]) {
        // a kernel that is named may be large
        x -> Conv(64, k = 17) -> Conv(64, 128, 3)
    }
}

fn main() {}
