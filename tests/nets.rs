//! The nets that `examples/peer.rs` times: their counts are what the tools report for the PyTorch modules of those names
//! (torch 2.15.0, timm 1.0.31, ptflops 0.7.5, fvcore 0.1.5.post20221221).

#[path = "../examples/nets/mod.rs"]
mod nets;

use lightconv::Cost;

#[test]
fn counts_are_those_of_the_tools() {
    // parameters, multiply-accumulates, ptflops, fvcore
    let cases: [(&str, Cost, [u64; 4]); 9] = [
        ("efficientnet_lite0", nets::EfficientNetLite0::COST, [4_652_008, 385_187_552, 391_471_528, 398_725_664]),
        ("ir_32_16_s2_e6_se", nets::InvertedResidual224::COST, [30_176, 368_510_976, 397_813_856, 395_405_312]),
        ("ir_24_24_s1_e4_se", nets::InvertedResidual56::COST, [10_512, 17_164_800, 19_121_712, 18_820_608]),
        ("ir_96_96_s1_e6", nets::InvertedResidual14::COST, [118_272, 22_692_096, 23_181_312, 23_181_312]),
        ("dsc_3_16_k3", nets::DepthwiseSeparable32::COST, [75, 67_500, 67_500, 67_500]),
        ("conv_64_128_k3_d2_32", nets::Conv32::COST, [73_984, 66_355_200, 66_585_600, 66_585_600]),
        ("dwconv_64_128_k3_d2_32", nets::DWConv32::COST, [9_152, 7_891_200, 8_236_800, 8_236_800]),
        ("conv_64_128_k3_d2_256", nets::Conv256::COST, [73_984, 4_756_635_648, 4_773_151_744, 4_773_151_744]),
        ("dwconv_64_128_k3_d2_256", nets::DWConv256::COST, [9_152, 565_676_288, 590_450_432, 590_450_432]),
    ];
    for (name, Cost { params, macs, ptflops, fvcore, .. }, want) in cases {
        assert_eq!([params, macs, ptflops, fvcore], want, "{name}");
    }
}
