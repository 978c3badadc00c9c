"""GoogLeNet (Szegedy et al., Going Deeper with Convolutions, 2014), with batch norm and without auxiliary heads.

The third way through a block convolves 3 x 3 rather than 5 x 5, as in the version whose weights are mostly used.
"""

import torch
from torch import nn


class BasicConv(nn.Sequential):
    """A convolution that keeps the size of the picture, its norm and its activation."""

    def __init__(self, in_channels, channels, kernel_size=1):
        super().__init__(
            nn.Conv2d(
                in_channels, channels, kernel_size, padding=kernel_size // 2, bias=False
            ),
            nn.BatchNorm2d(channels, eps=0.001),
            nn.ReLU(),
        )


class Inception(nn.Module):
    """Four ways side by side."""

    def __init__(self, in_channels, ch1, ch3_reduced, ch3, ch5_reduced, ch5, pooled):
        super().__init__()
        self.branch1 = BasicConv(in_channels, ch1)
        self.branch2 = nn.Sequential(
            BasicConv(in_channels, ch3_reduced),
            BasicConv(ch3_reduced, ch3, kernel_size=3),
        )
        self.branch3 = nn.Sequential(
            BasicConv(in_channels, ch5_reduced),
            BasicConv(ch5_reduced, ch5, kernel_size=3),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1),
            BasicConv(in_channels, pooled),
        )

    def forward(self, x):
        branch1 = self.branch1(x)
        branch2 = self.branch2(x)
        branch3 = self.branch3(x)
        branch4 = self.branch4(x)
        return torch.cat([branch1, branch2, branch3, branch4], dim=1)


class GoogLeNet(nn.Module):
    """images: (B, 3, H, W) -> logits: (B, classes)."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64, eps=0.001)
        self.relu1 = nn.ReLU()
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv(64, 64)
        self.conv3 = BasicConv(64, 192, kernel_size=3)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1024, classes)

    def forward(self, images):
        x = self.conv1(images)
        x = self.bn1(x)
        x = self.relu1(x)
        x = self.maxpool1(x)
        x = self.conv2(x)
        x = self.conv3(x)
        x = self.maxpool2(x)
        x = self.inception3a(x)
        x = self.inception3b(x)
        x = self.maxpool3(x)
        x = self.inception4a(x)
        x = self.inception4b(x)
        x = self.inception4c(x)
        x = self.inception4d(x)
        x = self.inception4e(x)
        x = self.maxpool4(x)
        x = self.inception5a(x)
        x = self.inception5b(x)
        x = self.avgpool(x)
        x = self.dropout(x.flatten(1))
        return self.fc(x)
