//! The nets that `examples/peer.rs` times: their counts are what the tools report for the PyTorch modules of those names
//! (torch 2.15.0, torchvision 0.29.2, timm 1.0.31, ptflops 0.7.5, fvcore 0.1.5.post20221221).

#[path = "../examples/nets/mod.rs"]
mod nets;

use lightconv::Cost;

#[test]
fn counts_are_those_of_the_tools() {
    // parameters, multiply-accumulates, ptflops, fvcore
    let cases: [(&str, Cost, [u64; 4]); 19] = [
        ("mobilenet_v2", nets::MobileNetV2::COST, [3_504_872, 300_774_272, 320_300_008, 314_193_216]),
        ("mobilenet_v3_small", nets::MobileNetV3Small::COST, [2_542_856, 56_510_400, 60_910_032, 59_649_536]),
        ("mobilenet_v3_large", nets::MobileNetV3Large::COST, [5_483_032, 216_589_760, 231_316_416, 226_033_824]),
        ("efficientnet_b0", nets::EfficientNetB0::COST, [5_288_548, 385_814_752, 410_196_896, 401_659_392]),
        ("shufflenet_v2_x1_0", nets::ShuffleNetV2::COST, [2_278_604, 144_907_992, 152_387_568, 148_808_392]),
        ("mnasnet1_0", nets::MNASNet::COST, [4_383_312, 314_415_872, 334_926_312, 325_329_152]),
        ("mobilenetv1_100", nets::MobileNetV1::COST, [4_231_976, 568_740_352, 573_884_392, 578_875_904]),
        ("ghostnet_100", nets::GhostNet::COST, [5_182_508, 141_150_512, 151_840_388, 148_273_936]),
        ("mobileone_s0", nets::MobileOneS0::COST, [2_078_504, 275_110_400, 286_576_616, 275_160_576]),
        (
            "mobilenetv4_conv_small",
            nets::MobileNetV4ConvSmall::COST,
            [3_774_024, 186_005_568, 188_259_264, 189_981_440],
        ),
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
