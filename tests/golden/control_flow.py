"""Controlled, a PyTorch model."""

import torch
from torch import nn


class Noise(nn.Module):
    """Shakes what the network sees while it trains."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.drop(x)  # B × T × 4


class GatedCell(nn.Module):
    """x: B × 4, h: B × 32, c: B × 32 -> h_next: B × 32, c_next: B × 32, y: B × 3."""

    def __init__(self, hidden=6):
        super().__init__()
        self.gate = nn.Linear(4 + hidden, hidden)
        self.squash = nn.Sigmoid()
        self.candidate = nn.Linear(4 + hidden, hidden)
        self.tanh = nn.Tanh()
        self.shown = nn.Tanh()
        self.score = nn.Linear(hidden, 3)

    def forward(self, x, h, c):
        x = torch.cat([x, h], dim=1)  # B × 36
        y = self.gate(x)  # B × 32
        y = self.squash(y)  # B × 32
        x = self.candidate(x)  # B × 32
        tanh = self.tanh(x)  # B × 32
        y = y * tanh  # B × 32
        c_next = c + y  # B × 32
        h_next = self.shown(c_next)  # B × 32
        score = self.score(tanh)  # B × 3
        return h_next, c_next, score


class HalvingStep(nn.Module):
    """x: B × 32 -> x_next: B × 32, small: B."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Buffer(torch.tensor(0.5))
        self.one = nn.Buffer(torch.tensor(1.0))
        self.positive = nn.ReLU()

    def forward(self, x):
        x_next = x * self.factor  # B × 32
        x = x_next.amax(dim=1)  # B
        x = self.one - x  # B
        small = self.positive(x)  # B
        return x_next, small


class Wide16(nn.Module):
    """x: B × 32 -> y: B × 3."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(32, 16)
        self.narrow = nn.Linear(16, 3)

    def forward(self, x):
        x = self.linear(x)  # B × 16
        return self.narrow(x)  # B × 3


class Wide8(nn.Module):
    """x: B × 32 -> y: B × 3."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(32, 8)
        self.narrow = nn.Linear(8, 3)

    def forward(self, x):
        x = self.linear(x)  # B × 8
        return self.narrow(x)  # B × 3


class Controlled(nn.Module):
    """series: B × T × 4 -> scores: B × 3, every: B × T × 3."""

    def __init__(self, hidden=32, deep=True):
        super().__init__()
        self.hidden = hidden
        self.shaken = Noise()
        self.over_time = GatedCell(hidden)
        self.settle = HalvingStep()
        self.head = Wide16() if deep else Wide8()

    def forward(self, series):
        if self.training:
            x = self.shaken(series)
        else:
            x = series  # B × T × 4
        h = x.new_zeros(x.shape[0], self.hidden)
        c = x.new_zeros(x.shape[0], self.hidden)
        ys = []
        for t in range(x.shape[1]):
            h, c, y_t = self.over_time(x[:, t], h, c)
            ys.append(y_t)
        every = torch.stack(ys, dim=1)  # B × T × 3
        x = h
        for _ in range(5):
            x, small = self.settle(x)
            if small.all():
                break
        scores = self.head(x)  # B × 3
        return scores, every
