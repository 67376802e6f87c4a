"""The PyTorch original, and what it gives: `python tests/reference.py` writes `tests/reference.safetensors`.

pip install torch safetensors
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn


class CoordAtt(nn.Module):
    """As in https://github.com/houqb/CoordAttention, whose `h_swish` is `nn.Hardswish`."""

    def __init__(self, inp, oup, reduction=32):
        super().__init__()
        hidden = max(8, inp // reduction)
        self.conv1 = nn.Conv2d(inp, hidden, 1)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.act = nn.Hardswish()
        self.conv_h = nn.Conv2d(hidden, oup, 1)
        self.conv_w = nn.Conv2d(hidden, oup, 1)

    def forward(self, x):
        h, w = x.shape[2:]
        rows, columns = x.mean(3, keepdim=True), x.mean(2, keepdim=True).permute(0, 1, 3, 2)
        y = self.act(self.bn1(self.conv1(torch.cat([rows, columns], 2))))
        rows, columns = torch.split(y, [h, w], 2)
        return x * self.conv_w(columns.permute(0, 1, 3, 2)).sigmoid() * self.conv_h(rows).sigmoid()


torch.manual_seed(0)
net = CoordAtt(16, 16, reduction=4).eval()
# statistics as after training: those of a new module hide a batch norm that is forgotten
net.bn1.running_mean.uniform_(-0.5, 0.5)
net.bn1.running_var.uniform_(0.5, 1.5)
x = torch.randn(1, 16, 6, 9)
with torch.no_grad():
    tensors = dict(net.state_dict()) | {"input": x, "output": net(x)}
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
print(sum(p.numel() for p in net.parameters()), "parameters")
