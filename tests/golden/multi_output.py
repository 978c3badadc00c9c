"""DigitFacts, a PyTorch model."""

import torch
from torch import nn


class DigitFacts(nn.Module):
    """Says which digit it is, whether it is odd, and how sure it is."""

    def __init__(self, width=48):
        super().__init__()
        self.hidden = nn.Linear(64, width)
        self.relu = nn.ReLU()
        self.digit_head = nn.Linear(width, 10)
        self.odd_head = nn.Linear(width, 2)
        self.sure_head = nn.Linear(12, 1)
        self.squash = nn.Sigmoid()

    def forward(self, image):
        x = image.flatten(1)  # B × 64
        x = self.hidden(x)  # B × 48
        x = self.relu(x)  # B × 48
        digit = self.digit_head(x)  # B × 10
        odd = self.odd_head(x)  # B × 2
        x = torch.cat([digit, odd], dim=1)  # B × 12
        x = self.sure_head(x)  # B × 1
        sure = self.squash(x)  # B × 1
        return digit, odd, sure
