//! ShuffleNetV2: half of the channels pass by each unit, and a shuffle mixes the halves (Ma et al., 2018).

use lightconv::lightnet;

lightnet! {
    /// ShuffleNetV2 as torchvision 0.29.2 has it: `torchvision.models.shufflenet_v2_x1_0()`.
    pub net ShuffleNetV2(x: [3, 224, 224]) -> [1000] {
        x -> conv1: [Conv2d(24, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, ReLU]
          -> maxpool: MaxPool2d(3, stride = 2, padding = 1)
          -> stage2: [for i in 0..4 { InvertedResidual(116, if i == 0 { 2 } else { 1 }) }]
          -> stage3: [for i in 0..8 { InvertedResidual(232, if i == 0 { 2 } else { 1 }) }]
          -> stage4: [for i in 0..4 { InvertedResidual(464, if i == 0 { 2 } else { 1 }) }]
          -> conv5: [Conv2d(1024, 1, bias = false), BatchNorm2d, ReLU]
          -> GlobalAvgPool
          -> fc: Linear(1000)
    }

    /// torchvision's `InvertedResidual` of ShuffleNetV2.
    block InvertedResidual(x; channels, stride) {
        let half = channels / 2;
        let (a, b) = if stride == 1 { x -> Chunk(2) } else {
            let a = x -> branch1: [
                Conv2d(x.channels, 3, stride = stride, padding = 1, groups = x.channels, bias = false), BatchNorm2d,
                Conv2d(half, 1, bias = false), BatchNorm2d, ReLU,
            ];
            (a, x)
        };
        let b = b -> branch2: [
            Conv2d(half, 1, bias = false), BatchNorm2d, ReLU,
            Conv2d(half, 3, stride = stride, padding = 1, groups = half, bias = false), BatchNorm2d,
            Conv2d(half, 1, bias = false), BatchNorm2d, ReLU,
        ];
        (a, b) -> Concat -> ChannelShuffle(2)
    }
}
