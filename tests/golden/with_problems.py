"""Broken, a PyTorch model."""

from torch import nn


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 3, padding="same")
        self.proj = nn.Conv2d(32, 64, 1, padding="same")
        self.halve = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.drop = nn.Dropout(0.2)
        # head: its sizes are not known yet.

    def forward(self, images):
        stem = self.stem(images)  # B × 32 × 8 × 8
        proj = self.proj(stem)  # B × 64 × 8 × 8
        x = self.halve(stem)  # B × 64 × 4 × 4
        # join: the inputs differ in dimensions 2 and 3: B × 64 × 8 × 8 from proj, B ×…
        x = x.flatten(1)
        x = self.drop(x)
        x = self.head(x)
        # lonely needs an input.
        return x
