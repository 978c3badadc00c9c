"""SameDigit, a PyTorch model."""

from torch import nn


class Encoder(nn.Module):
    """image: B × 1 × 8 × 8 -> code: B × 64."""

    def __init__(self, features=32):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.relu = nn.ReLU()
        self.project = nn.Linear(256, features)

    def forward(self, image):
        x = self.conv(image)  # B × 16 × 4 × 4
        x = self.relu(x)  # B × 16 × 4 × 4
        x = x.flatten(1)  # B × 256
        return self.project(x)  # B × 64


class SameDigit(nn.Module):
    """left: B × 1 × 8 × 8, right: B × 1 × 8 × 8 -> same: B × 1."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder(64)
        self.hidden = nn.Linear(64, 16)
        self.tanh = nn.Tanh()
        self.head = nn.Linear(16, 1)

    def forward(self, left, right):
        encoder = self.encoder(left)  # B × 64
        x = self.encoder(right)  # B × 64
        x = encoder - x  # B × 64
        x = self.hidden(x)  # B × 16
        x = self.tanh(x)  # B × 16
        return self.head(x)  # B × 1
