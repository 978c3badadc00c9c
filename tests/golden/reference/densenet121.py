"""DenseNet-121 (Huang et al., Densely Connected Convolutional Networks, 2016)."""

import torch
from torch import nn


class DenseLayer(nn.Module):
    """Adds `growth` channels to what came in."""

    def __init__(self, in_channels, growth=32):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, growth * 4, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(growth * 4)
        self.conv2 = nn.Conv2d(growth * 4, growth, 3, padding=1, bias=False)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.norm1(x)
        y = self.relu(y)
        y = self.conv1(y)
        y = self.norm2(y)
        y = self.relu(y)
        y = self.conv2(y)
        return torch.cat([x, y], dim=1)


class DenseBlock(nn.Sequential):
    """Layers that each see what all before them have found."""

    def __init__(self, in_channels, depth, growth=32):
        super().__init__(
            *[DenseLayer(in_channels + i * growth, growth) for i in range(depth)]
        )


class Transition(nn.Sequential):
    """Halves the picture and the channels."""

    def __init__(self, in_channels, out_channels):
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.AvgPool2d(2),
        )


class DenseNet121(nn.Module):
    """images: (B, 3, H, W) -> logits: (B, classes)."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.block1 = DenseBlock(64, depth=6)
        self.transition1 = Transition(256, 128)
        self.block2 = DenseBlock(128, depth=12)
        self.transition2 = Transition(512, 256)
        self.block3 = DenseBlock(256, depth=24)
        self.transition3 = Transition(1024, 512)
        self.block4 = DenseBlock(512, depth=16)
        self.norm2 = nn.BatchNorm2d(1024)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(1024, classes)

    def forward(self, images):
        x = self.conv(images)
        x = self.norm1(x)
        x = self.relu(x)
        x = self.pool(x)
        x = self.block1(x)
        x = self.transition1(x)
        x = self.block2(x)
        x = self.transition2(x)
        x = self.block3(x)
        x = self.transition3(x)
        x = self.block4(x)
        x = self.norm2(x)
        x = self.relu(x)
        x = self.avgpool(x)
        return self.classifier(x.flatten(1))
