use lightconv::{Net, Tensor, Workspace, lightnet};

lightnet! {
    /// Two inputs, two outputs.
    pub net Two(a: [3, 8, 8], b: [3, 8, 8]) -> ([3, 8, 8], [10]) {
        (a + b, a -> GlobalAvgPool -> Linear(10, baises = false))
    }
    pub net One(x: [3, 8, 8]) -> [10, 4, 4] {
        x -> Conv2d(10, 3, strid = 2, padding = 1)
    }
}

struct Model {
    net: One,
    workspace: Workspace<One>,
}

const SHAPE: [usize; 3] = One::OUTPUT;
const SIZE: usize = One::OUTPUT[0] * One::OUTPUT[1] * One::OUTPUT[2];
static BUFFER: [f32; SIZE] = [0.0; SIZE];

#[allow(dead_code)]
fn generic<N: Net + Send + Sync>(_: &N) -> u64 {
    0
}

fn boxed() -> Vec<Box<dyn Net>> {
    vec![Box::new(One::random(1)), Box::new(Two::random(2))]
}

fn shapes() -> Tensor<10, 4, 4> {
    let model = Model { net: One::random(3), workspace: One::workspace() };
    let Model { net, mut workspace } = model;
    let mut y = Tensor::zeros();
    net.forward(&Tensor::zeros(), &mut workspace, &mut y);
    y
}

fn main() {
    let two = Two::random(1);
    let (a, b) = (Tensor::<3, 8, 8>::zeros(), Tensor::<3, 8, 8>::zeros());
    let mut out = (Tensor::<3, 8, 8>::zeros(), Tensor::<10>::zeros());
    two.forward(&a, &b, &mut Two::workspace(), &mut out);
    let (c, d) = two.run(&a, &b);
    let sum: f32 = c.as_slice().iter().chain(d.as_slice()).sum();
    let [channels, height, width] = Two::INPUT.0;
    assert_eq!(One::INPUT, [3, 8, 8]);
    println!("{sum} {channels} {height} {width} {:?} {SHAPE:?} {}", Two::OUTPUT, BUFFER.len());
    for net in boxed() {
        println!("{} {:?}", net.name(), net.cost());
    }
    println!("{:?}", shapes().to_chw());
    for layer in One::LAYERS {
        println!("{} {}", layer.path, One::COST.macs);
    }
    match One::COST.params {
        0 => {}
        n if n > One::COST.flops => {}
        _ => {}
    }
}
