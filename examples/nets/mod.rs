//! Nets that an example and a test share: eleven lightweight classifiers as torchvision 0.29.2 and timm 1.0.31 have them,
//! under their weight names, and each of the first modules as a net of its own.

mod blocks;
mod efficientnet;
mod efficientnet_lite;
mod ghostnet;
mod mnasnet;
mod mobilenet_v1;
mod mobilenet_v2;
mod mobilenet_v3;
mod mobilenet_v4;
mod mobileone;
mod shufflenet_v2;

pub use blocks::{Conv32, Conv256, DWConv32, DWConv256, DepthwiseSeparable32};
pub use blocks::{InvertedResidual14, InvertedResidual56, InvertedResidual224};
pub use efficientnet::EfficientNetB0;
pub use efficientnet_lite::EfficientNetLite0;
pub use ghostnet::GhostNet;
pub use mnasnet::MNASNet;
pub use mobilenet_v1::MobileNetV1;
pub use mobilenet_v2::MobileNetV2;
pub use mobilenet_v3::{MobileNetV3Large, MobileNetV3Small};
pub use mobilenet_v4::MobileNetV4ConvSmall;
pub use mobileone::MobileOneS0;
pub use shufflenet_v2::ShuffleNetV2;
