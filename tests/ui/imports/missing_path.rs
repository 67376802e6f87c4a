#![deny(warnings)]

use lightconv::{Net, Tensor, lightnet};

mod blocks {
    lightconv::lightnet! { pub block Ghost(x; out) { x -> Conv2d(out, 1) } }
}

lightnet! {
    use blocks::{Ghost, Gost};
    pub net N(x: [3, 8, 8]) -> [8, 8, 8] { x -> Ghost(8) -> Gost(8) }
    pub net Two(a: [3, 8, 8], b: [3, 8, 8]) -> ([3, 8, 8], [10]) { (a + b, a -> GlobalAvgPool -> Linear(10)) }
}

const SHAPE: [usize; 3] = N::OUTPUT;
static BUFFER: [f32; N::OUTPUT[0]] = [0.0; N::OUTPUT[0]];
const _: () = assert!(N::COST.params < 1000);

fn boxed() -> Vec<Box<dyn Net>> {
    vec![Box::new(N::random(1)), Box::new(Two::random(2))]
}

fn main() {
    let y: Tensor<8, 8, 8> = N::random(1).run(&Tensor::zeros());
    let (a, b) = (Tensor::<3, 8, 8>::zeros(), Tensor::<3, 8, 8>::zeros());
    let mut out = (Tensor::<3, 8, 8>::zeros(), Tensor::<10>::zeros());
    Two::random(1).forward(&a, &b, &mut Two::workspace(), &mut out);
    println!("{} {SHAPE:?} {} {}", y.as_slice().len(), BUFFER.len(), boxed().len());
}
