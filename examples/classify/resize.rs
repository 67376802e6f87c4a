//! Bicubic resizing of square 8-bit RGB pictures, bit for bit as Pillow's `Image.resize((side, side), Image.BICUBIC)`.
//!
//! Nets are trained on pictures that Pillow made smaller, and its filter widens with the reduction (antialiasing), which most
//! others do not. Crates that come close round their coefficients to 16 bits or compute in f32, hence differ in the last bit.

use image::{Rgb, RgbImage};

/// Fractional bits of a coefficient: a pixel has 8, and two more are needed for sums below 0 and above 255.
const PRECISION_BITS: u32 = 32 - 8 - 2;

/// The picture, `side` pixels wide and high: bicubic (a = -0.5), antialiased, rows first, each pass rounded to 8 bits.
///
/// Of a picture that is not square Pillow chooses which pass comes first; here it is always the rows.
pub fn resize(picture: &RgbImage, side: u32) -> RgbImage {
    let columns = windows(picture.width(), side);
    let narrow = RgbImage::from_fn(side, picture.height(), |x, y| {
        let window = &columns[x as usize];
        window.apply(|i| picture.get_pixel(window.first + i, y))
    });
    let rows = windows(picture.height(), side);
    RgbImage::from_fn(side, side, |x, y| {
        let window = &rows[y as usize];
        window.apply(|i| narrow.get_pixel(x, window.first + i))
    })
}

/// The input pixels that make up one output pixel, in one direction.
struct Window {
    first: u32,
    coefficients: Vec<i32>,
}

impl Window {
    /// The weighted sum of the pixels `pixel(0)`, `pixel(1)`, …
    fn apply<'a>(&self, pixel: impl Fn(u32) -> &'a Rgb<u8>) -> Rgb<u8> {
        let mut sum = [1 << (PRECISION_BITS - 1); 3];
        for (i, &k) in (0..).zip(&self.coefficients) {
            for (sum, &value) in sum.iter_mut().zip(&pixel(i).0) {
                *sum += i32::from(value) * k;
            }
        }
        Rgb(sum.map(|s| (s >> PRECISION_BITS).clamp(0, 255) as u8))
    }
}

/// One window for each of `outputs` pixels made of `inputs`; the arithmetic is Pillow's `precompute_coeffs`, step for step.
fn windows(inputs: u32, outputs: u32) -> Vec<Window> {
    let scale = f64::from(inputs) / f64::from(outputs);
    let stretch = scale.max(1.0);
    let support = 2.0 * stretch;
    let window = |output: u32| {
        let center = (f64::from(output) + 0.5) * scale;
        // `as` cuts off towards zero and turns what is negative into 0, as wanted
        let first = (center - support + 0.5) as u32;
        let end = ((center + support + 0.5) as u32).min(inputs);
        let weights: Vec<f64> =
            (first..end).map(|i| bicubic((f64::from(i) - center + 0.5) * (1.0 / stretch))).collect();
        let total: f64 = weights.iter().sum();
        let fixed = |w: &f64| {
            let w = w / total * f64::from(1 << PRECISION_BITS);
            (w + if w < 0.0 { -0.5 } else { 0.5 }) as i32
        };
        Window { first, coefficients: weights.iter().map(fixed).collect() }
    };
    (0..outputs).map(window).collect()
}

/// Keys' cubic convolution kernel with a = -0.5, the operations in Pillow's order.
fn bicubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}
