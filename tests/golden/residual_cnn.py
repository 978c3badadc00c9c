"""DigitsCNN, a PyTorch model."""

from torch import nn


class ResidualBlock(nn.Module):
    """Two convolutions and a way past them."""

    def __init__(self, in_channels, channels=64, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Conv2d(in_channels, channels, 1, stride=stride)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        y = self.conv1(x)  # B × 64 × 4 × 4
        y = self.norm1(y)  # B × 64 × 4 × 4
        y = self.relu1(y)  # B × 64 × 4 × 4
        y = self.conv2(y)  # B × 64 × 4 × 4
        y = self.norm2(y)  # B × 64 × 4 × 4
        x = self.shortcut(x)  # B × 64 × 4 × 4
        x = y + x  # B × 64 × 4 × 4
        return self.relu2(x)  # B × 64 × 4 × 4


class DigitsCNN(nn.Module):
    """images: B × 1 × 8 × 8 -> logits: B × 10."""

    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 3, padding="same")
        self.norm = nn.BatchNorm2d(32)
        self.relu = nn.ReLU()
        self.stage = nn.Sequential(
            ResidualBlock(32, 64, stride=2),
            ResidualBlock(64, 64),
            ResidualBlock(64, 64),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(64, classes)

    def forward(self, images):
        x = self.stem(images)  # B × 32 × 8 × 8
        x = self.norm(x)  # B × 32 × 8 × 8
        x = self.relu(x)  # B × 32 × 8 × 8
        x = self.stage(x)  # B × 64 × 4 × 4
        x = self.pool(x)  # B × 64 × 1 × 1
        x = x.flatten(1)  # B × 64
        x = self.drop(x)  # B × 64
        return self.head(x)  # B × 10
