"""Repeats, a PyTorch model."""

import torch
from torch import nn


class Layer(nn.Module):
    """x: B × in_features -> y: B × width."""

    def __init__(self, in_features, width=32, gain=1.0):
        super().__init__()
        self.linear = nn.Linear(in_features, width)
        self.act = nn.LeakyReLU(negative_slope=gain * 0.1)

    def forward(self, x):
        x = self.linear(x)  # B × width
        return self.act(x)  # B × width


class Pair(nn.Module):
    """a: B × 16, b: B × 16 -> a: B × 16, total: B × 16."""

    def __init__(self):
        super().__init__()
        self.new = nn.Linear(32, 16)

    def forward(self, a, b):
        x = torch.cat([a, b], dim=1)  # B × 32
        new = self.new(x)  # B × 16
        total = new + b  # B × 16
        return new, total


class Repeats(nn.Module):
    """points: B × 32 -> out: B × 16."""

    def __init__(self, depth=3, size=32):
        super().__init__()
        self.same = nn.Sequential(*[Layer(32, size, gain=0.5) for _ in range(depth)])
        self.growing = nn.Sequential(
            Layer(size, size),
            Layer(size, size * 2),
            Layer(size * 2, size * 4),
        )
        self.narrow = nn.Linear(size * 4, 16)
        self.again = Layer(16, 16)
        self.side = nn.Linear(16, 16)
        self.pairs = nn.ModuleList(Pair() for _ in range(2))

    def forward(self, points):
        x = self.same(points)  # B × 32
        x = self.growing(x)  # B × 128
        x = self.narrow(x)  # B × 16
        for _ in range(4):
            x = self.again(x)  # B × 16
        y = self.side(x)  # B × 16
        for layer in self.pairs:
            y, total = layer(y, x)  # B × 16, B × 16
        return y + total  # B × 16
