//! MobileNetV3's block: an inverted residual with squeeze and excitation. Its layers, what each half of it costs, and where the
//! time goes. `cargo run --release --example mobilenet_v3_block`

use lightconv::{Cost, Profile, Tensor, lightnet};

lightnet! {
    /// As in the middle of a net: channels stay, hence a residual.
    #[budget(params <= 11_000, macs <= 18M)]
    pub net Block(x: [24, 56, 56]) -> [24, 56, 56] {
        x -> InvertedResidual(24, stride = 1, expand_ratio = 4, use_se = true)
    }

    /// The same without squeeze and excitation.
    pub net Plain(x: [24, 56, 56]) -> [24, 56, 56] {
        x -> InvertedResidual(24, stride = 1, expand_ratio = 4)
    }

    /// As at the start of a stage: half the size, more channels, no residual.
    pub net Down(x: [24, 56, 56]) -> [40, 28, 28] {
        x -> InvertedResidual(40, stride = 2, expand_ratio = 4, use_se = true)
    }
}

fn main() {
    println!("{}", Block::summary());

    println!("{:28} {:>8} {:>12} {:>12} {:>12}", "", "params", "macs", "ptflops", "fvcore");
    for (name, cost) in
        [("without squeeze, excitation", Plain::COST), ("with them", Block::COST), ("with them, stride 2", Down::COST)]
    {
        let Cost { params, macs, ptflops, fvcore, .. } = cost;
        println!("{name:28} {params:>8} {macs:>12} {ptflops:>12} {fvcore:>12}");
    }

    let net = Block::random(3);
    let x = picture();
    let mut workspace = Block::workspace();
    let mut y = Tensor::zeros();
    net.forward(&x, &mut workspace, &mut y);
    let mut profile = Profile::new();
    for _ in 0..200 {
        net.forward_with(&x, &mut workspace, &mut y, &mut profile);
    }
    println!("\n200 forwards on {}:\n{profile}", net.backend());

    let change = x.as_slice().iter().zip(y.as_slice()).map(|(x, y)| (y - x).abs());
    println!("The residual path keeps x: y differs from it by at most {:.3}.", change.fold(0.0, f32::max));
}

/// Smooth waves, another in each channel.
fn picture() -> Tensor<24, 56, 56> {
    let mut x = Tensor::zeros();
    for (i, value) in x.as_mut_slice().iter_mut().enumerate() {
        let (channel, pixel) = (i % 24, i / 24);
        *value = ((pixel % 56 * (channel + 1) + pixel / 56) as f32 / 40.0).sin();
    }
    x
}
