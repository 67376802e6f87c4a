//! From a PNG or JPEG file to the 224 x 224 RGB picture that the net was trained on, as Pillow prepares it.

use super::resize::resize;
use anyhow::{Result, anyhow, bail, ensure};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, imageops};
use std::io::{Cursor, Read};
use std::path::Path;

/// Height and width of the net's input in pixels.
pub const SIDE: u32 = 224;

/// Bytes that a file, and a decoded picture, may have: 178 million RGB pixels, twice what Pillow lets pass without a warning.
const LARGEST: u64 = 512 << 20;

/// Reads the file and prepares it: `SIDE * SIDE` pixels of red, green, blue, row by row.
///
/// # Errors
/// When the file cannot be read, is neither PNG nor JPEG, is damaged, or promises more pixels than anyone would photograph.
pub fn load(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "longer than the {:.1} GB that are read", LARGEST as f64 / 1e9);
    Ok(prepare(&to_rgb(decode(&bytes)?)).into_raw())
}

/// The picture as it lies in the file: an EXIF orientation is left alone, as `PIL.Image.open` does.
///
/// # Errors
/// As [`load`]. The size in the header is judged before room for it is made.
pub fn decode(file: &[u8]) -> Result<DynamicImage> {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let kind = match reader.format() {
        Some(ImageFormat::Png) => "PNG",
        Some(ImageFormat::Jpeg) => "JPEG",
        _ => bail!("neither a PNG nor a JPEG file"),
    };
    let mut decoder = reader.into_decoder().map_err(|e| anyhow!("damaged {kind} file: {}", one_line(&e)))?;
    let (width, height) = decoder.dimensions();
    ensure!(width > 0 && height > 0, "the {kind} header promises no pixels: {width} x {height}");
    let size = decoder.total_bytes();
    ensure!(
        size <= LARGEST,
        "the {kind} header promises {width} x {height} pixels, {:.1} GB when decoded; {:.1} GB are the limit",
        size as f64 / 1e9,
        LARGEST as f64 / 1e9,
    );
    ensure!(
        kind != "JPEG" || is_whole_jpeg(file),
        "damaged JPEG file of {width} x {height} pixels: it breaks off before its end marker"
    );
    let mut limits = Limits::default();
    // the picture itself has just been judged; this is for what the decoder makes besides
    limits.max_alloc = Some(LARGEST);
    decoder.set_limits(limits)?;
    DynamicImage::from_decoder(decoder)
        .map_err(|e| anyhow!("damaged {kind} file of {width} x {height} pixels: {}", one_line(&e)))
}

/// Whether an end marker follows the picture's data: the decoder would fill in grey without a word.
fn is_whole_jpeg(file: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
    // segments are skipped by their length, for a thumbnail in one of them has an end marker of its own
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = file.get(at..at + 4)
        && marker != START_OF_SCAN
    {
        let length = usize::from(u16::from_be_bytes([high, low]));
        // any number of 0xff may stand before a marker
        at += if marker == 0xff { 1 } else { 2 + length };
    }
    file.get(at..).is_some_and(|data| data.windows(2).any(|w| w == END_OF_IMAGE))
}

/// A decoder's message, which may be spread over lines and say things twice.
fn one_line(error: &image::ImageError) -> String {
    let text = error.to_string();
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.unwrap_or("no reason given").trim().to_string()
}

/// Three channels of 8 bits, as `PIL.Image.convert("RGB")` makes them: alpha is dropped, not blended; of 16 bits the
/// upper 8 stay, but grey of 16 bits without alpha saturates at 255.
pub fn to_rgb(picture: DynamicImage) -> RgbImage {
    let high = |value: u16| (value >> 8) as u8;
    match picture {
        DynamicImage::ImageLuma16(grey) => map(&grey, |[v]| [v.min(255) as u8; 3]),
        DynamicImage::ImageLumaA16(grey) => map(&grey, |[v, _]| [high(v); 3]),
        DynamicImage::ImageRgb16(rgb) => map(&rgb, |p: [u16; 3]| p.map(high)),
        DynamicImage::ImageRgba16(rgba) => map(&rgba, |[r, g, b, _]| [r, g, b].map(high)),
        eight_bits => eight_bits.into_rgb8(),
    }
}

/// The centre square of 224 / 256 of the shorter side, resized to the net's input.
pub fn prepare(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = (u64::from(width.min(height)) * 224 / 256).max(1) as u32;
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let square = imageops::crop_imm(picture, left, top, side, side).to_image();
    resize(&square, SIDE)
}

/// Every pixel through `f`.
fn map<P, const N: usize>(
    picture: &image::ImageBuffer<P, Vec<P::Subpixel>>,
    f: impl Fn([P::Subpixel; N]) -> [u8; 3],
) -> RgbImage
where
    P: image::Pixel,
{
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let channels = picture.get_pixel(x, y).channels();
        image::Rgb(f(std::array::from_fn(|i| channels[i])))
    })
}
