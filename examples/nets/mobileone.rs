//! MobileOne-S0: trained with many branches, run as one convolution each (Vasu et al., 2022).

use lightconv::lightnet;

lightnet! {
    /// MobileOne-S0 as timm 1.0.31 has it, re-parameterised: `reparameterize_model(timm.create_model("mobileone_s0"))`.
    pub net MobileOneS0(x: [3, 224, 224]) -> [1000] {
        x -> stem: MobileOneBlock(48, 3, stride = 2)
          -> stages: [
                for (channels, repeats) in [(48, 2), (128, 8), (256, 10), (1024, 1)] {
                    [for i in 0..repeats { Depthwise(if i == 0 { 2 } else { 1 }), MobileOneBlock(channels, 1) }]
                },
             ]
          -> AdaptiveAvgPool2d(1) -> Flatten
          -> head.fc: Linear(1000)
    }

    block Depthwise(x; stride) {
        x -> MobileOneBlock(x.channels, 3, stride = stride, groups = x.channels)
    }

    /// timm's `MobileOneBlock`, re-parameterised.
    block MobileOneBlock(x; channels, kernel_size, stride = 1, groups = 1) {
        x -> reparam_conv: Conv2d(channels, kernel_size, stride = stride, padding = kernel_size / 2, groups = groups) -> ReLU
    }
}
