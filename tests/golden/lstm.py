"""DigitsLSTM, a PyTorch model."""

import torch
from torch import nn


class DigitsLSTM(nn.Module):
    """rows: B × 8 × 8 -> logits: B × 10."""

    def __init__(self, hidden=64):
        super().__init__()
        self.lstm = nn.LSTM(8, hidden, num_layers=2, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(64))
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, 10)

    def forward(self, rows):
        _, (h, c) = self.lstm(rows)  # 2 × B × 64, 2 × B × 64
        last = h[-1]  # B × 64
        memory = c[-1]  # B × 64
        x = last + memory + self.bias  # B × 64
        x = self.norm(x)  # B × 64
        return self.head(x)  # B × 10
