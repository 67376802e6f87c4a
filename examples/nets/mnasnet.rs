//! MNASNet: found by search for speed on a phone (Tan et al., 2018).

use lightconv::lightnet;

lightnet! {
    /// MNASNet-B1 as torchvision 0.29.2 has it: `torchvision.models.mnasnet1_0()`.
    pub net MNASNet(x: [3, 224, 224]) -> [1000] {
        x -> layers: [
                Conv2d(32, 3, stride = 2, padding = 1, bias = false), BatchNorm2d, ReLU,
                Conv2d(32, 3, padding = 1, groups = 32, bias = false), BatchNorm2d, ReLU,
                Conv2d(16, 1, bias = false), BatchNorm2d,
                for (channels, kernel_size, stride, expansion, repeats) in [
                    ( 24, 3, 2, 3, 3),
                    ( 40, 5, 2, 3, 3),
                    ( 80, 5, 2, 6, 3),
                    ( 96, 3, 1, 6, 2),
                    (192, 5, 2, 6, 4),
                    (320, 3, 1, 6, 1),
                ] {
                    [for i in 0..repeats { InvertedResidual(channels, kernel_size, if i == 0 { stride } else { 1 }, expansion) }]
                },
                Conv2d(1280, 1, bias = false), BatchNorm2d, ReLU,
             ]
          -> GlobalAvgPool
          -> classifier: [Dropout(0.2), Linear(1000)]
    }

    /// torchvision's `_InvertedResidual` of MNASNet.
    block InvertedResidual(x; channels, kernel_size, stride, expansion) {
        let mid = x.channels * expansion;
        let y = x -> layers: [
            Conv2d(mid, 1, bias = false), BatchNorm2d, ReLU,
            Conv2d(mid, kernel_size, stride = stride, padding = kernel_size / 2, groups = mid, bias = false), BatchNorm2d, ReLU,
            Conv2d(channels, 1, bias = false), BatchNorm2d,
        ];
        if stride == 1 && channels == x.channels { y + x } else { y }
    }
}
