"""Makes pillow.safetensors: small pictures and what Pillow 13.0.0 makes of them. Run with pillow, numpy and safetensors installed.

resize.N.in [s, s, 3] and resize.N.out [t, t, 3]: Image.resize((t, t), Image.BICUBIC) of noise, up and down, odd sizes, extreme ratios.
convert.NAME.file: the bytes of a PNG or JPEG file of kind NAME; convert.NAME.rgb [h, w, 3]: Image.open(…).convert("RGB").
prepare.NAME.file, prepare.NAME.png: the same, the centre square of 224 / 256 cut out and resized to 224 x 224, kept as a PNG file.
huge.png, huge.jpeg: files of a few pixels whose headers promise 40000 x 50000 and 65000 x 60000 pixels.
"""
import io, struct, zlib
import numpy as np
from PIL import Image
from safetensors.numpy import save_file

rng = np.random.default_rng(4)
out = {}

def noise(*shape, high=256, dtype=np.uint8):
    return rng.integers(0, high, shape, dtype)

def png(kind, bits, pixels, *chunks, size=None):
    """A PNG of any colour kind and depth; `pixels` [h, w, channels]; `size` is what the header says in their stead."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    h, w, _ = pixels.shape
    if bits == 16: rows = [r.astype(">u2").tobytes() for r in pixels]
    elif bits == 8: rows = [r.astype(np.uint8).tobytes() for r in pixels]
    else:  # packed, the first pixel in the highest bits
        rows = [np.packbits(np.unpackbits(r.astype(np.uint8), axis=1)[:, 8 - bits:].ravel()).tobytes() for r in pixels]
    data = zlib.compress(b"".join(b"\0" + r for r in rows), 9)
    header = struct.pack(">IIBBBBB", *(size or (w, h)), bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*c) for c in chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

def jpeg(picture, **options):
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()

def case(name, file):
    picture = Image.open(io.BytesIO(file))
    out[f"convert.{name}.file"] = np.frombuffer(file, np.uint8)
    out[f"convert.{name}.rgb"] = np.asarray(picture.convert("RGB"))

for i, (side, to) in enumerate([(5, 5), (7, 13), (31, 8), (9, 27), (64, 7), (1, 6), (2, 1), (97, 3), (33, 32), (32, 33)]):
    pixels = noise(side, side, 3) if i % 2 else noise(side, side, 3, high=2) * 255  # black and white overshoots most
    out[f"resize.{i}.in"] = pixels
    out[f"resize.{i}.out"] = np.asarray(Image.fromarray(pixels).resize((to, to), Image.BICUBIC))

palette = (b"PLTE", noise(16, 3).tobytes())
for bits in 1, 2, 4, 8: case(f"grey{bits}", png(0, bits, noise(5, 11, 1, high=1 << bits)))
for bits in 2, 4: case(f"palette{bits}", png(3, bits, noise(5, 11, 1, high=1 << bits), palette))
case("palette4_alpha", png(3, 4, noise(5, 11, 1, high=16), palette, (b"tRNS", noise(16).tobytes())))
case("grey8_key", png(0, 8, noise(5, 11, 1), (b"tRNS", b"\0\x40")))
case("grey8_alpha", png(4, 8, noise(5, 11, 2)))
case("rgb8", png(2, 8, noise(5, 11, 3)))
case("rgb8_key", png(2, 8, noise(5, 11, 3, high=2) * 255, (b"tRNS", b"\0\xff\0\0\0\xff")))
case("rgba8", png(6, 8, noise(5, 11, 4)))
case("grey16", png(0, 16, np.concatenate([noise(3, 11, 1, high=600, dtype=np.uint16), noise(2, 11, 1, high=65536, dtype=np.uint16)])))
case("grey16_alpha", png(4, 16, noise(5, 11, 2, high=65536, dtype=np.uint16)))
case("rgb16", png(2, 16, noise(5, 11, 3, high=65536, dtype=np.uint16)))
case("rgba16", png(6, 16, noise(5, 11, 4, high=65536, dtype=np.uint16)))

# smooth, as photographs are: on noise the upsampling of chroma is all there is to see
y, x = np.mgrid[0:37, 0:53]
waves = np.stack([127 + 120 * np.sin(x / 9 + c) * np.cos(y / (7 + c)) for c in range(3)], -1).astype(np.uint8)
waves = Image.fromarray(waves)
turned = Image.Exif()
turned[0x112] = 6  # orientation: to be shown turned by 90 degrees
case("jpeg_grey", jpeg(waves.convert("L"), quality=90))
case("jpeg_444", jpeg(waves, quality=90, subsampling=0))
case("jpeg_420", jpeg(waves, quality=90, subsampling=2))
case("jpeg_progressive", jpeg(waves, quality=90, subsampling=0, progressive=True))
case("jpeg_cmyk", jpeg(waves.convert("CMYK"), quality=90))
case("jpeg_turned", jpeg(waves, quality=90, subsampling=0, exif=turned))

for name, (w, h) in [("wide", (301, 40)), ("tall", (38, 97)), ("tiny", (3, 2))]:
    pixels = np.repeat(np.repeat(noise(-(-h // 8), -(-w // 8), 3), 8, 0), 8, 1)[:h, :w]
    file = png(2, 8, pixels)
    picture = Image.open(io.BytesIO(file)).convert("RGB")
    side = min(w, h) * 224 // 256
    left, top = (w - side) // 2, (h - side) // 2
    square = picture.crop((left, top, left + side, top + side)).resize((224, 224), Image.BICUBIC)
    kept = io.BytesIO()
    square.save(kept, "PNG", optimize=True)
    out[f"prepare.{name}.file"] = np.frombuffer(file, np.uint8)
    out[f"prepare.{name}.png"] = np.frombuffer(kept.getvalue(), np.uint8)

out["huge.png"] = np.frombuffer(png(2, 8, noise(1, 1, 3), size=(40000, 50000)), np.uint8)
file = bytearray(jpeg(Image.new("RGB", (8, 8))))
frame = file.index(b"\xff\xc0")  # then length, precision, height, width
file[frame + 5:frame + 9] = struct.pack(">HH", 60000, 65000)
out["huge.jpeg"] = np.frombuffer(bytes(file), np.uint8)

save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, "pillow.safetensors")
