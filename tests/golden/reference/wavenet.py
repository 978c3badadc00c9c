"""WaveNet (van den Oord et al., 2016): one stack of dilated causal convolutions, without conditioning."""

import torch
from torch import nn


class GatedLayer(nn.Module):
    """A gated convolution of the past, with a way past it, and one out to the sum of all layers."""

    def __init__(self, channels, dilation):
        super().__init__()
        self.pad = nn.ConstantPad1d((dilation, 0), 0.0)
        self.filter = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.skip = nn.Conv1d(channels, channels, 1)

    def forward(self, x, skips):
        past = self.pad(x)
        y = torch.tanh(self.filter(past)) * torch.sigmoid(self.gate(past))
        return x + self.mix(y), skips + self.skip(y)


class WaveNet(nn.Module):
    """samples: (B, T), each one of `levels` loudnesses -> logits of the next one: (B, levels, T)."""

    def __init__(self, levels=256, channels=64, depth=10):
        super().__init__()
        self.embedding = nn.Embedding(levels, channels)
        self.layers = nn.ModuleList(
            GatedLayer(channels, dilation=2**i) for i in range(depth)
        )
        self.head = nn.Sequential(
            nn.ReLU(),
            nn.Conv1d(channels, channels, 1),
            nn.ReLU(),
            nn.Conv1d(channels, levels, 1),
        )

    def forward(self, samples):
        x = self.embedding(samples).transpose(1, 2)  # (B, channels, T)
        skips = torch.zeros_like(x)
        for layer in self.layers:
            x, skips = layer(x, skips)
        return self.head(skips)
