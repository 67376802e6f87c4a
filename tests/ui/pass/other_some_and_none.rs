//! Names of the module do not reach what a net expands to.

use lightconv::{Tensor, lightnet};

#[derive(Debug, PartialEq)]
enum Padding {
    None,
    Some,
}
use Padding::{None, Some};

lightnet! {
    net N(x: [3, 8, 8]) {
        x -> [AvgPool2d(2, padding = 1, count_include_pad = false), AvgPool2d(2, padding = 1), MaxPool2d(2), DepthwiseSeparableConv(8, kernel_size = 1)]
    }
}

fn main() {
    assert_ne!(Some, None);
    let _ = N::random(1).run(&Tensor::zeros());
}
