use lightconv::{Net, Tensor, Weights, lightnet};

lightnet! {
    pub net Broken(x: [3, 32, 32]) -> [10] {
        x -> GlobalAvgPool -> Linear(10, baises = false)
    }
    pub net Two(a: [3, 8, 8], b: [3, 8, 8]) -> ([3, 8, 8], [10]) {
        (a + b, a -> GlobalAvgPool -> Liner(10))
    }
    pub net Whole(x: [3, 8, 8]) -> [3] {
        x -> GlobalAvgPool
    }
}

const _: () = assert!(Broken::COST.params < 10);
const _: () = assert!(Broken::INPUT[0] == 3);
static SCRATCH: [u8; Broken::ARENA_BYTES] = [0; Broken::ARENA_BYTES];

fn main() -> Result<(), lightconv::Error> {
    let net = Broken::load("weights.safetensors")?;
    let _ = Broken::from_weights(&Weights::new())?;
    let _ = Broken::random(1).with_backend(lightconv::Backend::Portable)?;
    let x = Tensor::<3, 32, 32>::zeros();
    let y: Tensor<10> = net.run(&x);
    assert_eq!(y, net.run(&Tensor::from_chw(&[0.0; 3072])?));
    let mut workspace = Broken::workspace();
    let mut out = Tensor::<10>::zeros();
    net.forward(&x, &mut workspace, &mut out);
    net.forward_with(&x, &mut workspace, &mut out, &mut |_: &'static str, _: std::time::Duration| ());
    let _: &dyn Net = &net;
    println!("{} {:?} {:?} {}", Broken::summary(), y, Broken::LAYERS, SCRATCH.len());
    let (_, _): (Tensor<3, 8, 8>, Tensor<10>) = Two::random(1).run(&Tensor::zeros(), &Tensor::zeros());
    let _: Tensor<3> = Whole::random(1).run(&Tensor::zeros());
    Ok(())
}
