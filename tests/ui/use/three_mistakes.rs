use lightconv::lightnet;

lightnet! {
    pub net N(x: [3, 32, 32]) -> [10] {
        x -> stem: [Conv2d(16, 3, pading = 1), BatchNorm2d(epsilon = 1e-3)]
          -> GlobalAvgPool -> head: Linear(10, baises = false)
    }
}

fn main() {}
