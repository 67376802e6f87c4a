"""Writes ops.safetensors: every operator of lightconv over swept arguments, computed by PyTorch in float64.

    pip install torch==2.15.0 timm==1.0.31 ptflops==0.7.5 fvcore==0.1.5.post20221221 safetensors
    python generate.py

Inputs and weights are not stored: both sides draw them from `draw`. A case is a line of metadata, `NNN` -> the text
`layer | input shapes | scale of the inputs | ptflops fvcore`, and the tensors `NNN.0`, `NNN.1`, ... of its outputs. The last
field stands where the layer is a PyTorch module that the two tools can count.
"""
import contextlib, io, itertools, pathlib, random, warnings
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from fvcore.nn import FlopCountAnalysis
from ptflops import get_model_complexity_info
from safetensors.numpy import save_file
from timm.layers.conv2d_same import conv2d_same
from timm.layers.pool2d_same import AvgPool2dSame, MaxPool2dSame

warnings.filterwarnings("ignore")
metadata, tensors = {}, {}


def draw(salt, shape):
    """Numbers in [-1, 1) that depend on their index and the salt alone, the same in Rust and here."""
    h = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 2654435761 + salt * 40503 + 1) % 2**32
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        h = (h ^ (h >> np.uint64(shift))) * factor % 2**32
    h ^= h >> np.uint64(16)
    return torch.from_numpy((h.astype(np.float64) / 2**31 - 1).reshape(shape))


class Counted(nn.Module):
    """A module of several inputs, as ptflops calls it: by name."""
    def __init__(self, module):
        super().__init__()
        self.module = module
    def forward(self, **inputs): return self.module(*inputs.values())


def case(layer, shapes, run, scale=1.0, counted=True):
    """`run` is a module, whose parameters and statistics are drawn, or a function of the inputs and of `draw`'s next weights."""
    number = len(metadata)
    inputs = [draw(number * 16 + i, (1, *s)) * scale for i, s in enumerate(shapes)]
    count = ""
    if isinstance(run, nn.Module):
        module = run.double().eval()
        named = [(n, t) for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")]
        with torch.no_grad():
            for i, (name, tensor) in enumerate(named):
                drawn = draw(number * 16 + 8 + i, tensor.shape)
                tensor.copy_(drawn.abs() + 0.5 if name.endswith("running_var") else drawn)
            outputs = module(*inputs)
        if counted:
            module, floats = module.float(), tuple(x.float() for x in inputs)
            if len(inputs) == 1:
                module = nn.Sequential(module)
                called, constructor = module, None
            else:
                called, constructor = Counted(module), lambda _: {f"x{i}": x for i, x in enumerate(floats)}
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                ptflops, _ = get_model_complexity_info(called, shapes[0], as_strings=False, print_per_layer_stat=False,
                                                       input_constructor=constructor)
            fvcore = FlopCountAnalysis(module, floats).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            count = f"{int(ptflops)} {int(fvcore.total())}"
    else:
        weights = (draw(number * 16 + 8 + i, s) for i, s in enumerate(getattr(run, "weights", [])))
        outputs = run(*inputs, *weights)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    metadata[f"{number:03}"] = f"{layer} | {' '.join(str(list(s)).replace(' ', '') for s in shapes)} | {scale} | {count}"
    for i, output in enumerate(outputs):
        tensors[f"{number:03}.{i}"] = np.ascontiguousarray(output[0].detach().numpy())


def text(name, *args, **named):
    """A layer as it is written in `lightnet!`."""
    def value(v):
        return f"[{', '.join(map(value, v))}]" if isinstance(v, tuple) else str(v).lower()
    return f"{name}({', '.join([value(a) for a in args] + [f'{k} = {value(v)}' for k, v in named.items()])})"


def reach(kernel, dilation):
    return [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]


def two(v):
    return v if isinstance(v, tuple) else (v, v)


def convolutions(rng):
    grid = list(itertools.product([1, 2, 3, (1, 3), (3, 2), 5], [1, 2, (2, 1), 3], [0, 1, 2, (0, 2)], [1, 2, (1, 2)],
                                  [(2, 4, 2), (3, 2, 1), (4, 4, 4), (3, 6, 3), (1, 5, 1)], [True, False]))
    for kernel, stride, padding, dilation, (cin, cout, groups), bias in rng.sample(grid, 70):
        size = (rng.randint(3, 9), rng.randint(3, 9))
        if any(r > s + 2 * p for r, s, p in zip(reach(two(kernel), two(dilation)), size, two(padding))):
            continue
        named = dict(stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)
        case(text("Conv2d", cout, kernel, **named), [(cin, *size)], nn.Conv2d(cin, cout, kernel, **named))
    for kernel, stride, dilation, (cin, cout, groups) in rng.sample(
            list(itertools.product([1, 2, 3, (3, 5), 5], [1, 2, 3, (1, 2)], [1, 2], [(2, 3, 1), (4, 4, 4)])), 20):
        def same(x, w, b):
            return conv2d_same(x, w, b, two(stride), (0, 0), two(dilation), groups)
        same.weights = [(cout, cin // groups, *two(kernel)), (cout,)]
        layer = text("Conv2d", cout, kernel, stride=stride, padding="same", dilation=dilation, groups=groups)
        case(layer, [(cin, rng.randint(2, 9), rng.randint(2, 9))], same)


def pools(rng):
    grid = list(itertools.product([2, 3, (2, 3), 5], [None, 1, 2, (3, 2)], [0, 1, (0, 1), 2], [1, 2], [False, True], [True, False]))
    for kernel, stride, padding, dilation, ceil, include in rng.sample(grid, 110):
        size = (rng.randint(3, 9), rng.randint(3, 9))
        for average in (False, True):
            d = 1 if average else dilation
            extent = reach(two(kernel), two(d))
            if any(r > s + 2 * p or 2 * p > k for r, s, p, k in zip(extent, size, two(padding), two(kernel))):
                continue
            named = dict(stride=stride, padding=padding, ceil_mode=ceil)
            named |= dict(count_include_pad=include) if average else dict(dilation=dilation)
            written = {k: v for k, v in named.items() if v is not None}
            name = "AvgPool2d" if average else "MaxPool2d"
            case(text(name, kernel, **written), [(2, *size)], getattr(nn, name)(kernel, **named))
    for kernel, stride in itertools.product([2, 3, (3, 2)], [1, 2, (2, 3)]):
        size = (rng.randint(3, 8), rng.randint(3, 8))
        written = dict(stride=stride, padding="same")
        case(text("MaxPool2d", kernel, **written), [(2, *size)], MaxPool2dSame(kernel, stride), counted=False)
        case(text("AvgPool2d", kernel, **written), [(2, *size)], AvgPool2dSame(kernel, stride), counted=False)
    for size, output in itertools.product([(7, 5), (4, 9), (1, 3)], [1, 2, (3, 4), 7]):
        case(text("AdaptiveAvgPool2d", output), [(2, *size)], nn.AdaptiveAvgPool2d(output))
    case(text("AdaptiveAvgPool2d", (2, "none")), [(2, 5, 6)], nn.AdaptiveAvgPool2d((2, None)))

    class Function(nn.Module):
        def forward(self, x): return F.adaptive_avg_pool2d(x, (1, 1))

    class Mean(nn.Module):
        def forward(self, x): return x.mean((2, 3))
    case("AdaptiveAvgPool2d(1, functional = true)", [(3, 4, 5)], Function())
    case("GlobalAvgPool", [(3, 4, 5)], Mean())


def activations():
    plain = dict(ReLU=(), ReLU6=(), Hardswish=(), Hardsigmoid=(), Sigmoid=(), SiLU=(), Tanh=(), GELU=(), Mish=(), Identity=())
    for name, shape in itertools.product(plain, [(3, 8, 8), (50,)]):
        case(name, [shape], getattr(nn, name)(), scale=12.0)
    for layer, module in [("LeakyReLU", nn.LeakyReLU()), ("LeakyReLU(0.2)", nn.LeakyReLU(0.2)), ("ELU", nn.ELU()),
                          ("ELU(alpha = 0.5)", nn.ELU(0.5)), ("PReLU", nn.PReLU()), ("PReLU(3)", nn.PReLU(3))]:
        case(layer, [(3, 8, 8)], module, scale=12.0)
    for i, axis in enumerate(["channels", "height", "width"]):
        case(f"Softmax(axis = {axis})", [(4, 3, 5)], nn.Softmax(i + 1), scale=8.0)
    case("Softmax", [(10,)], nn.Softmax(1), scale=8.0)


class AtPixels(nn.Module):
    """A linear layer at every pixel, as the models write it."""
    def __init__(self, *args, **named):
        super().__init__()
        self.layer = nn.Linear(*args, **named)
    def forward(self, x): return self.layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def others():
    case("BatchNorm2d", [(5, 3, 4)], nn.BatchNorm2d(5))
    case("BatchNorm2d(5, eps = 0.001)", [(5, 3, 4)], nn.BatchNorm2d(5, eps=1e-3))
    case("Linear(7)", [(5,)], nn.Linear(5, 7))
    case("Linear(7, bias = false)", [(5,)], nn.Linear(5, 7, bias=False))
    case("Linear(7, axis = channels)", [(5, 3, 2)], AtPixels(5, 7))
    case("Linear(7, false, axis = channels)", [(5, 3, 2)], AtPixels(5, 7, bias=False))
    case("Flatten", [(3, 2, 4)], nn.Flatten())
    case("Dropout(0.2)", [(3, 2, 4)], nn.Dropout(0.2))
    for i, (axis, other) in enumerate([("channels", (5, 3, 4)), ("height", (2, 5, 4)), ("width", (2, 3, 1))]):
        case(f"Concat(axis = {axis})", [(2, 3, 4), other, (2, 3, 4)], lambda *x, i=i: torch.cat(x, i + 1))
        case(f"Chunk(2, axis = {axis})", [(4, 6, 2)], lambda x, i=i: torch.chunk(x, 2, i + 1))
    case("Concat", [(3,), (4,)], lambda *x: torch.cat(x, 1))
    case("Chunk(3)", [(6,)], lambda x: torch.chunk(x, 3, 1))
    case("Sum", [(2, 3, 4), (2, 1, 1), (2, 3, 4), (1, 3, 1)], lambda a, b, c, d: a + b + c + d)
    case("slice 2 3", [(6, 2, 3)], lambda x: x[:, 2:5])
    case("slice 1 1", [(4,)], lambda x: x[:, 1:2])
    arithmetic = {"+": torch.add, "-": torch.sub, "*": torch.mul, "/": torch.div, "max": torch.maximum, "min": torch.minimum}
    shapes = [((3, 4, 2), (3, 4, 2)), ((3, 4, 2), (3, 1, 1)), ((1, 4, 1), (3, 1, 2)), ((4,), (4,)), ((1, 1, 2), (3, 4, 1))]
    for (name, function), (a, b) in itertools.product(arithmetic.items(), shapes):
        case(f"binary {name}", [a, b], function)
    for name, function in arithmetic.items():
        case(f"binary {name}", [(3, 2, 2), (3,)], lambda a, b, f=function: f(a, b[:, :, None, None]))
        case(f"binary {name}", [(3,), (3, 2, 2)], lambda a, b, f=function: f(a[:, :, None, None], b))
        case(f"scalar {name} 1.5 false", [(2, 3, 2)], lambda x, f=function: f(x, torch.tensor(1.5)))
        case(f"scalar {name} -2 true", [(2, 3, 2)], lambda x, f=function: f(torch.tensor(-2.0).double(), x))
    case("negate", [(2, 3, 2)], torch.neg)
    def scale(x, gamma): return x * gamma.view(1, -1, 1, 1)
    scale.weights = [(3,)]
    case("Scale", [(3, 2, 2)], scale)


def transposed(rng):
    grid = list(itertools.product([1, 2, 3, (1, 3), (3, 2), 4], [1, 2, (2, 1), 3], [0, 1, (0, 2)], [0, 1, (0, 1)], [1, 2, (1, 2)],
                                  [(2, 4, 2), (3, 2, 1), (4, 4, 4), (3, 6, 3), (1, 5, 1), (4, 2, 2)], [True, False]))
    for kernel, stride, padding, extra, dilation, (cin, cout, groups), bias in rng.sample(grid, 90):
        size = (rng.randint(1, 5), rng.randint(1, 5))
        sides = [(n - 1) * s - 2 * p + r + e for n, s, p, r, e in
                 zip(size, two(stride), two(padding), reach(two(kernel), two(dilation)), two(extra))]
        if min(sides) < 1 or any(e >= max(s, d) for e, s, d in zip(two(extra), two(stride), two(dilation))):
            continue
        named = dict(stride=stride, padding=padding, output_padding=extra, groups=groups, bias=bias, dilation=dilation)
        case(text("ConvTranspose2d", cout, kernel, **named), [(cin, *size)], nn.ConvTranspose2d(cin, cout, kernel, **named))


def resizes():
    sizes = [(3, 4), (5, 2), (1, 6)]
    for size, to in itertools.product(sizes, [(6, 8), (7, 3), (2, 13), (1, 1), (5, 5)]):
        # the module would be given a size twice by ptflops, which counts an interpolation by its size and its factor
        case(text("Upsample", size=to), [(2, *size)], nn.Upsample(size=to))
        for corners in (False, True):
            case(text("Upsample", size=to, mode="bilinear", align_corners=corners), [(2, *size)],
                 nn.Upsample(size=to, mode="bilinear", align_corners=corners))
    for size, factor in itertools.product(sizes, [2, 3, 1.5, (2, 1.5), 2.7]):
        factor = factor if isinstance(factor, tuple) else float(factor)
        case(text("Upsample", scale_factor=factor), [(2, *size)], nn.Upsample(scale_factor=factor), counted=False)
        for corners in (False, True):
            case(text("Upsample", scale_factor=factor, mode="bilinear", align_corners=corners), [(2, *size)],
                 nn.Upsample(scale_factor=factor, mode="bilinear", align_corners=corners), counted=False)


def focus(x):
    """YOLOv5's Focus, before its convolution."""
    return torch.cat((x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]), 1)


def contract(x, s):
    """YOLOv5's Contract; ONNX's SpaceToDepth is defined by the same two steps."""
    b, c, h, w = x.size()
    return x.view(b, c, h // s, s, w // s, s).permute(0, 3, 5, 1, 2, 4).reshape(b, c * s * s, h // s, w // s)


def moves():
    for i, j in itertools.permutations(range(3), 2):
        axes = ["channels", "height", "width"]
        case(f"Transpose(axis = {axes[i]}, axis = {axes[j]})", [(2, 3, 4)], lambda x, i=i, j=j: x.transpose(i + 1, j + 1).contiguous())
    for r in (1, 2, 3):
        case(f"PixelShuffle({r})", [(2 * r * r, 3, 4)], nn.PixelShuffle(r))
        case(f"PixelUnshuffle({r})", [(2, 3 * r, 2 * r)], nn.PixelUnshuffle(r))
        case(f"SpaceToDepth({r}, order = contract)", [(3, 2 * r, 3 * r)], lambda x, r=r: contract(x, r))
        case(f"SpaceToDepth({r}, order = onnx)", [(3, 2 * r, 3 * r)], lambda x, r=r: contract(x, r))
    case("SpaceToDepth(2)", [(3, 4, 6)], focus)
    case("SpaceToDepth(2, order = focus)", [(1, 2, 6)], focus)
    for sides in (2, (1, 2, 3, 0), (0, 0, 0, 0)):
        case(text("ZeroPad2d", sides), [(2, 3, 4)], nn.ZeroPad2d(sides))
    case("ZeroPadChannels(1, 2)", [(2, 3, 4)], lambda x: F.pad(x, (0, 0, 0, 0, 1, 2)))
    case("ZeroPadChannels(3)", [(2, 3, 4)], lambda x: F.pad(x, (0, 0, 0, 0, 3, 0)))
    case("ZeroPadChannels(0, 2)", [(5,)], lambda x: F.pad(x, (0, 2)))
    for i, axis in enumerate(["channels", "height", "width"]):
        case(f"Split(2, axis = {axis})", [(5, 4, 3)], lambda x, i=i: torch.split(x, 2, i + 1))
        case(f"Split([1, 3], axis = {axis})", [(4, 4, 4)], lambda x, i=i: torch.split(x, [1, 3], i + 1))
    case("Split(9)", [(5,)], lambda x: torch.split(x, 9, 1))


def reductions():
    for size, output in itertools.product([(7, 5), (4, 9), (1, 3)], [1, 2, (3, 4), 7]):
        case(text("AdaptiveMaxPool2d", output), [(2, *size)], nn.AdaptiveMaxPool2d(output))
    case("GlobalMaxPool", [(3, 4, 5)], lambda x: x.amax((2, 3)))
    axes = ["channels", "height", "width"]
    for n in (1, 2, 3):
        for chosen in itertools.combinations(range(3), n):
            words = ", ".join(axes[i] for i in chosen)
            dims = [i + 1 for i in chosen]
            case(f"Mean([{words}])", [(3, 4, 5)], lambda x, d=dims: x.mean(d, keepdim=True))
            case(f"Max([{words}])", [(3, 4, 5)], lambda x, d=dims: x.amax(d, keepdim=True))


class ChannelsLast(nn.Module):
    """Layer norm over the channels of each pixel."""
    def __init__(self, channels, eps=1e-6):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps)
    def forward(self, x): return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class AcrossChannels(nn.Module):
    """The convolution of ECA-Net."""
    def __init__(self, kernel):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)
    def forward(self, x): return self.conv(x.reshape(1, 1, -1)).reshape(x.shape)


class MatMul(nn.Module):
    def forward(self, a, b): return torch.matmul(a, b)


class Attention(nn.Module):
    """Written out, for the two tools count nothing of `F.scaled_dot_product_attention`."""
    def __init__(self, heads):
        super().__init__()
        self.heads = heads
    def forward(self, q, k, v):
        width = q.shape[1] // self.heads
        def split(x):
            heads = 1 if x.shape[1] == width else self.heads
            return x.reshape(1, heads, x.shape[1] // heads, -1).transpose(-1, -2)
        weights = F.softmax(torch.matmul(split(q), split(k).transpose(-1, -2)) / width ** 0.5, -1)
        output = torch.matmul(weights, split(v))
        fused = F.scaled_dot_product_attention(split(q), split(k), split(v))
        torch.testing.assert_close(output, fused)
        return output.transpose(-1, -2).reshape(1, -1, *q.shape[2:])


def norms_and_products():
    case("LayerNorm2d", [(5, 3, 4)], ChannelsLast(5))
    case("LayerNorm2d(5, eps = 0.01)", [(5, 3, 4)], ChannelsLast(5, 1e-2), scale=0.1)
    for groups, shape in [(1, (6, 3, 4)), (2, (6, 3, 4)), (6, (6, 3, 4)), (3, (12,)), (2, (4, 1, 1))]:
        case(text("GroupNorm", groups), [shape], nn.GroupNorm(groups, shape[0]))
    case("GroupNorm(2, 6, eps = 0.01)", [(6, 3, 4)], nn.GroupNorm(2, 6, 1e-2), scale=0.1)
    for kernel, shape in [(1, (8,)), (3, (8, 1, 1)), (5, (9,)), (9, (4,))]:
        case(text("ChannelConv1d", kernel), [shape], AcrossChannels(kernel))
    case("MatMul", [(3, 4, 5), (3, 5, 2)], MatMul())
    case("MatMul", [(1, 1, 6), (1, 6, 1)], MatMul())
    for heads, q, k, v in [(1, (4, 2, 3), (4, 2, 3), (4, 2, 3)), (2, (6, 2, 3), (6, 3, 3), (8, 3, 3)),
                           (4, (8, 3, 2), (2, 2, 4), (2, 2, 4)), (2, (6, 2, 2), (6, 2, 3), (3, 2, 3)),
                           (2, (6, 2, 2), (3, 2, 3), (8, 2, 3))]:
        case(text("Attention", heads), [q, k, v], Attention(heads), scale=3.0)


rng = random.Random(4)
convolutions(rng)
pools(rng)
activations()
others()
transposed(rng)
resizes()
moves()
reductions()
norms_and_products()
here = pathlib.Path(__file__).parent
save_file(tensors, here / "ops.safetensors", metadata=metadata)
print(len(metadata), "cases,", (here / "ops.safetensors").stat().st_size, "bytes")
