"""WithCode, a PyTorch model."""

import torch.nn.functional as F
from torch import nn


def double(x):
    return x * 2


def double_2(x, by=None):
    if by is None:
        return x * 2.0
    return F.softmax(x, 1) * by


def moments(x):
    """Mean and spread of every sample."""
    mean = x.mean(1, keepdim=True)
    spread = x.std(1, keepdim=True)
    return mean, spread


class WithCode(nn.Module):
    """points: B × 4 -> out: B × 4."""

    def forward(self, points):
        x = double(points)  # B × 4
        x = double_2(x, points)  # B × 4
        x = double(x)  # B × 4
        mean, spread = moments(x)  # B × 1, B × 1
        x = x - mean  # B × 4
        return x / spread  # B × 4
