use lightconv::lightnet;

lightnet! {
    block Residual(x; stride = 1) {
        x + (x -> conv: Conv2d(x.channels, 3, stride, padding = 1))
    }
    pub net N(x: [8, 8, 8]) { x -> stages: [Residual, Residual(stride = 2)] }
}

fn main() {}
