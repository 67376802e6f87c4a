//! A tensor of another shape, and what is no tensor.

use lightconv::{Tensor, TensorData, lightnet};

lightnet! {
    pub net N(x: [3, 8, 8]) -> [3] { x -> GlobalAvgPool }
}

fn main() {
    let net = N::random(1);
    let _ = net.run(&Tensor::<3, 9, 8>::zeros());
    let _ = net.run(&TensorData::<3, 8, 9>::zeros());
    let _ = net.run(&[0.0; 192]);
    let _ = net.run(Tensor::zeros());
}
