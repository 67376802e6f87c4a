use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 32, 32]) -> [10] {
        x -> GlobalAvgPool -> Linear(11)
    }
}

fn main() {}
