"""Writes ir_32_16_s2_e6_se_56: the reference module InvertedResidual(32, 16, 2, 6, True) on a smaller input.

    python generate.py PATH/ir_32_16_s2_e6_se.weights.safetensors

The weights are those of the reference at 224 x 224 pixels, whose input and output would be 7 MB; the result is computed in
float64 and stored in float32, as the others are.
"""
import shutil, sys
import torch, torch.nn as nn
from safetensors.torch import load_file, save_file


class HSwish(nn.Module):
    def forward(self, x): return x * torch.sigmoid(x + 3) / 6


class SEBlock(nn.Module):
    def __init__(self, c, reduction=4):
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(c, c // reduction, bias=False), nn.ReLU(),
                                nn.Linear(c // reduction, c, bias=False), nn.Sigmoid())

    def forward(self, x):
        b, c, _, _ = x.shape
        return x * self.fc(self.avg_pool(x).view(b, c)).view(b, c, 1, 1)


class InvertedResidual(nn.Module):
    """The case with expansion, squeeze and excitation, and no residual."""
    def __init__(self, inp, oup, stride, expand_ratio):
        super().__init__()
        hidden = int(round(inp * expand_ratio))
        self.conv = nn.Sequential(
            nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), HSwish(),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), HSwish(),
            SEBlock(hidden), nn.Conv2d(hidden, oup, 1, bias=False), nn.BatchNorm2d(oup))

    def forward(self, x): return self.conv(x)


module = InvertedResidual(32, 16, 2, 6).eval()
module.load_state_dict(load_file(sys.argv[1]), strict=False)
module.double()
x = torch.randn((1, 32, 56, 56), generator=torch.Generator().manual_seed(2))
with torch.no_grad():
    y = module(x.double()).float()
save_file({"input": x, "output": y.contiguous()}, "ir_32_16_s2_e6_se_56.io.safetensors")
shutil.copy(sys.argv[1], "ir_32_16_s2_e6_se_56.weights.safetensors")
