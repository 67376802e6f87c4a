//! The first modules of this project, each as a net of its own.

use lightconv::lightnet;

lightnet! {
    /// `ir_32_16_s2_e6_se`
    pub net InvertedResidual224(x: [32, 224, 224]) -> [16, 112, 112] {
        x -> InvertedResidual(16, stride = 2, expand_ratio = 6, use_se = true)
    }

    /// `ir_24_24_s1_e4_se`
    pub net InvertedResidual56(x: [24, 56, 56]) -> [24, 56, 56] {
        x -> InvertedResidual(24, stride = 1, expand_ratio = 4, use_se = true)
    }

    /// `ir_96_96_s1_e6`
    pub net InvertedResidual14(x: [96, 14, 14]) -> [96, 14, 14] {
        x -> InvertedResidual(96, stride = 1, expand_ratio = 6)
    }

    /// `dsc_3_16_k3`
    pub net DepthwiseSeparable32(x: [3, 32, 32]) -> [16, 30, 30] {
        x -> DepthwiseSeparableConv(16, kernel_size = 3)
    }

    /// `conv_64_128_k3_d2_32`
    pub net Conv32(x: [64, 32, 32]) -> [128, 30, 30] {
        x -> Conv(128, k = 3, dilation = 2)
    }

    /// `dwconv_64_128_k3_d2_32`
    pub net DWConv32(x: [64, 32, 32]) -> [128, 30, 30] {
        x -> DWConv(128, k = 3, dilation = 2)
    }

    /// `conv_64_128_k3_d2_256`
    pub net Conv256(x: [64, 256, 256]) -> [128, 254, 254] {
        x -> Conv(128, k = 3, dilation = 2)
    }

    /// `dwconv_64_128_k3_d2_256`
    pub net DWConv256(x: [64, 256, 256]) -> [128, 254, 254] {
        x -> DWConv(128, k = 3, dilation = 2)
    }
}
